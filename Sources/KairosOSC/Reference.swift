// What the address space is, for people: from the commands themselves.
extension OSCDispatcher {
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

    /// The first thing that a newcomer types: an empty draft, a voice that the keyboard plays, a note, and back.
    /// Commands as `oscsend` takes them, and what each is for. It ends as it began, in silence.
    static let firstExample: [(command: String, about: String)] = [
        ("/patch/clear", "a draft with nothing in it; what sounds plays on"),
        ("/patch/create ss keys keys", "the keyboard"),
        ("/patch/create ss osc1 sine", ""),
        ("/patch/create ss filt1 biquad", ""),
        ("/patch/create ss env adsr", ""),
        ("/patch/create ss vca vca", ""),
        ("/patch/create ss out output", ""),
        ("/patch/connect ss keys.pitch osc1.pitch", "the key gives the pitch"),
        ("/patch/connect ss keys.gate env.gate", "and opens the envelope"),
        ("/patch/connect ss osc1 filt1", ""),
        ("/patch/connect ss filt1 vca", ""),
        ("/patch/connect ss env vca.level", ""),
        ("/patch/connect ss vca out", ""),
        ("/mod/filt1/cutoff i 2000", ""),
        ("/patch/commit", "now it can be played"),
        ("/note/on iii 1 69 100", "A4 sounds"),
        ("/note/off ii 1 69", "and ends"),
        ("/panic", "ends everything, whatever was played"),
        ("/patch/undo", "the patch as it was before"),
    ]

    private static var example: String {
        let lines = firstExample.map { ("oscsend localhost 9000 " + $0.command, $0.about) }
        let width = lines.map(\.0.count).max() ?? 0
        return lines.map { line, about in
            about.isEmpty ? line : line + String(repeating: " ", count: width - line.count) + "  # " + about
        }.joined(separator: "\n")
    }

    private static var introduction: String {
        """
        # OSC

        `kairos play` listens on port 9000, UDP and TCP, of this machine only: `--osc` names another port, `--no-osc` none, `--osc-allow` lets other machines in.

        ```sh
        \(example)
        ```

        A module without `keys` before it sounds without notes: `/patch/create osc1 sine` and `/patch/commit` over any patch give a tone that stays, and that the session restores, until `/patch/undo` or `/patch/delete` with another commit.

        * **Every command is answered**, to where it came from: `/ok <command> <serial> …` or `/error <code> <text> <name> <command> <serial>`. A last text that begins with `#` is the client's own tag; the answer ends with it. Serial numbers begin again after 2³² answers. What Kairos itself sends (\(OSCReply.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", "))) is never answered.
        * **Edits gather in a draft** and sound with `/patch/commit`: what stays keeps its state, connections come and go over 10 ms, and held notes sound on. Where that cannot be, because the patch has other voices than before, they ring on as they were. Values act at once.
        * **Who shares a draft**: all that comes over UDP from one machine; each TCP connection has its own. What two changed is refused to the second, by its names.
        * **Time tags**: notes and programs of a bundle act on the frame of their time and one period, like everything that is played; values at the next grid point after it; edits are carried out within the half second before it. What has no time acts a millisecond and one period after it came, and what came in one packet together.
        * **Numbers** may be of any OSC number type; a float without a fraction is a whole number. A parameter's number is in the parameter's own unit; texts may have one: `'2 kHz'`, `'-6 dB'`. A text where a number belongs (`'60'`) is refused, and so are NaN and infinity, booleans where a name belongs, and values of other types (blobs, arrays).
        * **Velocities, controllers, pressures**: an integer is 0 … 127. A float from 0 to 1 is normalized, and **1.0 is full scale**; a float above 1, up to 127, is on MIDI's scale. `T` is full scale, `F` is 0. So the integer 1 is the softest velocity and the float 1.0 the loudest: a program that sends floats only (Pd's `oscformat` without `-f`, TouchOSC) can send 2.0 … 127.0, 0 … 1, or the integers by `oscformat -f iii`.
        * **Buttons**: a command that takes no values takes one number or boolean: 1, 1.0, `T` (anything but zero), `I` and `N` do it; 0, 0.0 and `F` are the button's release, which is answered by `/ok` and does nothing. `/mod/<name>` takes no value: there it was meant for a parameter.
        * **Addresses may be patterns** of OSC 1.0, part by part: `/mod/osc*/detune`, `?`, `[a-z]`, `[!a-z]`, `{osc,env}`, also in `/modules/<type>`. One command sets at most \(OSCLimits.valuesSet) parameters, all or none, and shows at most \(OSCLimits.valuesAsked).
        * **Notes by frequency**: `/note/hz` with velocity 0 ends the note of the same frequency, compared as 32-bit floats; two frequencies near one key are two notes.
        * TCP takes OSC 1.0 (a length before each packet) and OSC 1.1 (SLIP), as the first byte tells. A packet has at most 1 MiB, over UDP 64 KiB.
        * **Limits**: \(OSCLimits.jobs) commands can wait to be carried out, \(OSCLimits.jobs) for their time, \(OSCLimits.jobsOfOneClient) of one client, for \(OSCLimits.secondsAhead / 60) minutes at most. \(OSCLimits.connections) TCP connections; one that has sent nothing for \(OSCLimits.secondsIdle) s makes room for the next. \(ClientTable.limit) clients with drafts; where there are more, one that has not edited for \(ClientTable.patience / 60_000_000_000) minutes loses its draft and is told at its next edit.

        """
    }
}

extension OSCCommand {
    /// The address and what it takes.
    var usage: String {
        ([address] + arguments.map { $0.isOptional ? "[\($0.name)]" : $0.name }).joined(separator: " ")
    }
}
