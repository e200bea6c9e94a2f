// What the address space is, for people: from the commands themselves.
extension Console {
    /// Every command with what it takes, a line each.
    public static var list: String {
        let width = (commands.map { $0.usage.count }.max() ?? 0) + 2
        return commands.map { command in
            command.usage + String(repeating: " ", count: width - command.usage.count) + command.about + "\n"
        }.joined()
    }

    /// The reference, as Markdown.
    public static var reference: String {
        var text = introduction
        for (title, commands) in [
            ("The graph", patchCommands), ("Values", valueCommands), ("Presets", presetCommands),
            ("State", stateCommands), ("Playing", playingCommands),
            ("Asking", askingCommands),
        ] {
            text +=
                "\n## \(title)\n\n| command | what it does | the answer, after address and serial | with `oscsend` |\n|---|---|---|---|\n"
            for command in commands {
                text +=
                    "| `\(command.usage)` | \(command.about) | \(command.answer) | `oscsend localhost 9000 \(command.example)` |\n"
            }
        }
        text += "\n## Errors\n\n| code | what it means |\n|---|---|\n"
        for (code, meaning) in OSCError.reference { text += "| `\(code)` | \(meaning) |\n" }
        return text + "\n`kairos osc --markdown` prints this page.\n"
    }

    private static let introduction = """
        # OSC

        `kairos play` listens on port 9000, UDP and TCP, of this machine only: `--osc` names another port, `--no-osc` none, `--osc-allow` lets other machines in.

        ```sh
        oscsend localhost 9000 /patch/create ss osc1 sine
        oscsend localhost 9000 /patch/create ss filt1 biquad
        oscsend localhost 9000 /patch/connect ss osc1 filt1
        oscsend localhost 9000 /mod/osc1/frequency i 880
        oscsend localhost 9000 /mod/filt1/cutoff i 2000
        oscsend localhost 9000 /patch/commit
        ```

        * **Every command is answered**, to where it came from: `/ok <command> <serial> …` or `/error <code> <text> <name> <command> <serial>`. A last text that begins with `#` is the client's own tag; the answer ends with it.
        * **Edits gather in a draft** and sound with `/patch/commit`: what stays keeps its state, wires come and go over 10 ms, and held notes sound on. Where that cannot be, because the patch has other voices than before, they ring on as they were. Values act at once.
        * **Who shares a draft**: all that comes over UDP from one machine; each TCP connection has its own. What two changed is refused to the second, by its names.
        * **Time tags**: notes and programs of a bundle act on the frame of their time and one period, like everything that is played; values at the next grid point after it; edits are carried out within the half second before it. What has no time acts a millisecond and one period after it came, and what came in one packet together. 1 024 messages can wait, for eleven days at most.
        * **Numbers** are in the parameter's own unit; texts may have one: `'2 kHz'`, `'-6 dB'`. Addresses may be patterns: `/mod/osc*/detune`.
        * TCP takes OSC 1.0 (a length before each packet) and OSC 1.1 (SLIP), as the first byte tells. A packet has at most 1 MiB, over UDP 64 KiB.

        """
}

extension OSCCommand {
    /// The address and what it takes.
    var usage: String {
        ([address] + arguments.map { $0.isOptional ? "[\($0.name)]" : $0.name }).joined(separator: " ")
    }
}
