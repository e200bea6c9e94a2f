// The reference of the OSC commands, generated from their declarations.
extension OSCDispatcher {
    /// Every command with its arguments and its description, one line each. [any]
    public static var list: String {
        let width = (commands.map { $0.usage.count }.max() ?? 0) + 2
        return commands.map { command in
            command.usage + String(repeating: " ", count: width - command.usage.count) + command.about + "\n"
        }.joined()
    }

    /// The reference as Markdown. [any]
    public static var reference: String {
        var text = introduction
        for (title, commands) in [
            ("Patches", PatchCommands.commands), ("Values", ValueCommands.commands),
            ("Presets", PresetCommands.commands), ("Session", SessionCommands.commands),
            ("Playing", PlayCommands.commands),
            ("Queries, subscriptions, MIDI learn", QueryCommands.commands),
        ] {
            text +=
                "\n## \(title)\n\n| command | description | values of the answer after the serial number | example |\n|---|---|---|---|\n"
            for command in commands {
                text +=
                    "| `\(command.usage)` | \(command.about) | \(command.answer) | `oscsend localhost 9000 \(command.example)` |\n"
            }
        }
        text += "\n## Errors\n\n| code | meaning |\n|---|---|\n"
        for (code, meaning) in OSCError.reference { text += "| `\(code)` | \(meaning) |\n" }
        return text + "\nThis page is the output of `kairos osc --markdown`.\n"
    }

    /// The first example of the reference, which is also a test: it builds a voice in an empty draft, plays a
    /// note on it, and undoes the edit. It ends in silence. Each command in the syntax of `oscsend`, with a
    /// comment.
    static let firstExample: [(command: String, about: String)] = [
        ("/patch/clear", "an empty draft; the sounding patch plays on"),
        ("/patch/create ss keys keys", "the keyboard"),
        ("/patch/create ss osc1 sine", ""),
        ("/patch/create ss filt1 biquad", ""),
        ("/patch/create ss env adsr", ""),
        ("/patch/create ss vca vca", ""),
        ("/patch/create ss out output", ""),
        ("/patch/connect ss keys.pitch osc1.pitch", "the key sets the pitch"),
        ("/patch/connect ss keys.gate env.gate", "and opens the envelope"),
        ("/patch/connect ss osc1 filt1", ""),
        ("/patch/connect ss filt1 vca", ""),
        ("/patch/connect ss env vca.level", ""),
        ("/patch/connect ss vca out", ""),
        ("/mod/filt1/cutoff i 2000", ""),
        ("/patch/commit", "now the patch can be played"),
        ("/note/on iii 1 69 100", "A4 sounds"),
        ("/note/off ii 1 69", "and ends"),
        ("/panic", "silences everything"),
        ("/patch/undo", "back to the previous patch"),
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

        `kairos play` listens for OSC on port 9000, UDP and TCP, for this machine only. `--osc PORT` selects another port, `--no-osc` turns OSC off, `--osc-allow` accepts other machines.

        ```sh
        \(example)
        ```

        A module that is not connected to `keys` sounds without notes: `/patch/create osc1 sine` and `/patch/commit` on any patch give a continuous tone, which the session restores, until `/patch/undo`, or `/patch/delete` and another commit.

        * **Answers.** Every command is answered to the address it came from: `/ok <command> <serial> …` or `/error <code> <text> <name> <command> <serial>`. A last value that is a text beginning with `#` is the client's own tag; the answer ends with it. Serial numbers wrap around after 2³² answers. Messages that Kairos itself sends (\(OSCReply.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", "))) are never answered.
        * **Drafts.** Edits change a draft, which sounds after `/patch/commit`. The answer to a commit comes when it sounds, at the latest after two seconds. Unchanged modules keep their state, connections are crossfaded over 10 ms, and held notes continue. If the number or mode of voices changes, held notes continue in the old patch. Values act at once.
        * **Clients.** All UDP senders of one machine share a draft; each TCP connection has its own. If two clients change the same thing, the second commit is refused, and the error names it.
        * **Time tags.** Notes and program changes in a bundle act at the frame of their time plus one period, like all played events; values act at the next control tick after it; edits are carried out within the half second before it. A message without a time acts one millisecond and one period after it is received; all messages of one packet act together.
        * **Numbers** may have any OSC number type; a float without a fraction is accepted as a whole number. A parameter's number is in the parameter's own unit; a text may have a unit: `'2 kHz'`, `'-6 dB'`. Refused are: a text in place of a number (`'60'`), NaN and infinity, a boolean in place of a name, and values of other types (blobs, arrays).
        * **Velocities, controllers, pressures.** An integer is 0 … 127. A float from 0 to 1 is normalized, and **1.0 is full scale**; a float above 1, up to 127, is on the MIDI scale. `T` is full scale, `F` is 0. The integer 1 is therefore the softest velocity, and the float 1.0 the loudest. A program that sends floats only (Pd's `oscformat` without `-f`, TouchOSC) can send 2.0 … 127.0 or 0 … 1, or integers with `oscformat -f iii`.
        * **Buttons.** A command that takes no values accepts one number or boolean: 1, 1.0, `T` (anything but zero), `I` and `N` run it; 0, 0.0 and `F` are the button's release, which is answered with `/ok` and does nothing. `/mod/<name>` takes no value, because the value was probably meant for a parameter.
        * **Address patterns** of OSC 1.0 are matched part by part: `/mod/osc*/detune`, `?`, `[a-z]`, `[!a-z]`, `{osc,env}`, also in `/modules/<type>`. One command sets at most \(OSCLimits.valuesSet) parameters, all or none, and reads at most \(OSCLimits.valuesRead).
        * **Notes by frequency.** `/note/hz` with velocity 0 ends the note with the same frequency, compared as 32-bit floats. Two frequencies near one key are two notes.
        * **TCP and UDP.** TCP accepts OSC 1.0 (a length before each packet) and OSC 1.1 (SLIP); the first byte decides. A packet has at most 1 MiB, over UDP 64 KiB.
        * **Limits.** The queue holds \(OSCLimits.jobs) commands; another \(OSCLimits.jobs) can wait for their time, \(OSCLimits.jobsOfOneClient) per client, at most \(OSCLimits.secondsAhead / 60) minutes ahead. There are at most \(OSCLimits.connections) TCP connections; one that has sent nothing for \(OSCLimits.secondsIdle) s is closed when another one needs the room. At most \(ClientTable.limit) clients have drafts; beyond that, a client that has not edited for \(ClientTable.idleLimit / 60_000_000_000) minutes loses its draft, and its next edit is refused with an error that says so.

        """
    }
}

extension OSCCommand {
    /// The address and the names of the arguments; optional ones in brackets.
    var usage: String {
        ([address] + arguments.map { $0.isOptional ? "[\($0.name)]" : $0.name }).joined(separator: " ")
    }
}
