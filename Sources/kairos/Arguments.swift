import ArgumentParser
import Foundation
import KairosFiles
import KairosTerminal

/// Preprocessing of the command-line arguments, and usage errors that suggest a correction.
enum Arguments {
    /// The arguments, and option values after '=', that contain a line break, as a file name may.
    private static let multiline = CommandLine.arguments.dropFirst().flatMap { argument in
        [argument, argument.firstIndex(of: "=").map { String(argument[argument.index(after: $0)...]) } ?? ""]
    }.filter { $0.contains("\n") }

    /// Replaces line breaks by `\n` in each argument that `text` quotes, so that an argument cannot start a
    /// new line of output.
    static func escapingLineBreaks(_ text: String) -> String {
        multiline.reduce(text) { $0.replacing($1, with: $1.replacing("\n", with: "\\n")) }
    }

    /// Joins a negative number to the option before it (`--transpose -2` → `--transpose=-2`), because the
    /// parser reads `-2` as an option.
    static func joined(_ arguments: [String]) -> [String] {
        var result: [String] = [], isOver = false
        for argument in arguments {
            // U+2212 MINUS SIGN, as word processors write it.
            let text = argument.hasPrefix("\u{2212}") ? "-" + argument.dropFirst() : argument
            if !isOver, text.hasPrefix("-"), Double(text) != nil, let option = result.last,
                option.hasPrefix("--"), option.count > 2, !option.contains("=")
            {
                result[result.count - 1] = "\(option)=\(text)"
            } else {
                result.append(argument)
            }
            isOver = isOver || argument == "--"
        }
        return result
    }

    /// Throws ``UsageFault`` if the first word is not a command.
    static func checkCommand(_ arguments: [String]) throws {
        guard let word = arguments.first, !word.hasPrefix("-") else { return }
        let names = Kairos.configuration.subcommands.map { $0._commandName } + ["help"]
        guard !names.contains(word) else { return }
        let isFile = FileKind.isSong(word) || FileManager.default.fileExists(atPath: word)
        let advice = isFile ? ". Did you mean 'kairos play \(word)'?" : nearest(word, names)
        throw UsageFault("Unknown command '\(word)'\(advice)\n'kairos --help' lists the commands.")
    }

    /// The message for a parser error that names an unknown option, with a suggestion; nil for any other
    /// error.
    static func message(_ error: any Error, _ arguments: [String]) -> String? {
        let (path, type) = command(of: arguments), own = options(of: type)
        // An unknown option is reported first: a missing argument is often its consequence.
        let typed = arguments.prefix { $0 != "--" }.filter { $0.hasPrefix("--") }.map {
            $0.prefix { $0 != "=" }
        }
        let short = Kairos.message(for: error).firstMatch(of: /^Unknown option '(-[^-']*)'/)?.1
        guard let option = (typed.first { !own.contains(String($0)) } ?? short).map(String.init) else {
            return nil
        }
        return
            "Error: Unknown option '\(option)' of '\(path)'\(advice(option, own))\n"
            + "'\(path) --help' lists its options."
    }

    /// ". Did you mean …?" or an empty string. An anagram (two letters swapped) counts as near.
    private static func nearest(_ word: String, _ candidates: [String]) -> String {
        let anagram = candidates.first { $0 != word && $0.sorted() == word.sorted() }
        return anagram.map { ". Did you mean '\($0)'?" } ?? near(word, candidates)
    }

    /// The command that the arguments select, and its full name (`kairos new patch`).
    private static func command(of arguments: [String]) -> (path: String, type: any ParsableCommand.Type) {
        var path = "kairos", type: any ParsableCommand.Type = Kairos.self
        for word in arguments {
            guard let next = type.configuration.subcommands.first(where: { $0._commandName == word }) else {
                break
            }
            (path, type) = (path + " " + word, next)
        }
        return (path, type)
    }

    /// The long options of a command, read from its help text.
    private static func options(of type: any ParsableCommand.Type) -> [String] {
        Kairos.helpMessage(for: type, includeHidden: true).split(separator: "\n").flatMap {
            line -> [String] in
            guard line.hasPrefix("  -"), let names = line.split(separator: "  ").first else { return [] }
            return names.matches(of: /--[a-z-]+/).map { String($0.0) }
        }
    }

    /// A suggestion for an unknown option, as the end of a sentence; may be empty.
    private static func advice(_ option: String, _ own: [String]) -> String {
        let word = option.drop { $0 == "-" }.lowercased()
        for hint in hints where hint.words.contains(word) {
            if let meant = hint.options.first(where: own.contains) { return ". Did you mean '\(meant)'?" }
            if let text = hint.text { return ": \(text)." }
        }
        return nearest(option, own)
    }

    /// Option names of other programs, with the options of Kairos or the advice that replace them.
    private static let hints: [(words: Set<String>, options: [String], text: String?)] = [
        (["preset", "sound", "instrument", "program", "voice", "name", "p"], ["--patch"], nil),
        (["set-list", "list", "show", "playlist", "set"], ["--setlist"], nil),
        (
            [
                "device", "card", "driver", "backend", "output-device", "audio-device", "interface", "sink",
                "api", "jack", "alsa", "soundcard",
            ], ["--audio"], nil
        ),
        (
            ["samplerate", "sample-rate", "sample_rate", "sr", "srate", "frequency", "hz", "fs", "r"],
            ["--rate"], nil
        ),
        (
            [
                "buffer", "buffer-size", "buffersize", "bufsize", "block", "blocksize", "block-size",
                "latency", "frames", "quantum", "period-size", "periodsize", "b",
            ], ["--period"], nil
        ),
        (
            ["bpm", "tempo"], ["--tempo"],
            "the tempo follows a MIDI clock, is tapped with 'T', or is set over OSC with '/tempo'"
        ),
        (["osc-port", "oscport", "listen"], ["--osc"], nil),
        (["port"], ["--osc", "--connect"], nil),
        (
            ["controller", "input", "midi-in", "midi-port", "midi-input", "midi-device", "in"],
            ["--connect"], nil
        ),
        (
            ["channel", "channels", "midi-channel"], ["--channel"],
            "a layer of a set list has a channel (docs/guides/set-lists.md); everything else receives all channels"
        ),
        (
            ["polyphony", "voices", "poly"], ["--voices"],
            "a patch sets its number of voices ('voices: 16')"
        ),
        (
            ["volume", "gain", "level", "master"], ["--volume"],
            "the volume is set by MIDI controller 7 or the master volume message"
        ),
        (["scale", "scl", "temperament", "scala"], ["--tuning"], nil),
        (["a4", "pitch", "reference", "concert-pitch"], ["--tune"], nil),
        (["key", "semitones", "shift", "transposition"], ["--transpose"], nil),
        (["duration", "time", "length", "stop-after", "timeout"], ["--seconds", "--tail"], nil),
        (["song", "midi-file", "midifile", "smf", "mid"], ["--file"], "the file is given without an option"),
        (["out", "outfile", "output-file", "wav", "record"], ["--output"], "'kairos render' writes files"),
        (["fresh", "clean", "new", "no-session", "new-session", "no-restore"], ["--no-session"], nil),
        (["session", "restore", "save"], ["--session"], nil),
        (["reload", "live", "dev", "auto-reload"], ["--watch"], nil),
        (["map", "mapping-file", "midi-map"], ["--mapping"], nil),
        (["patch-dir", "patchdir", "patches-dir", "dir", "folder"], ["--patches"], nil),
        (["connections", "autoconnect", "no-autoconnect"], ["--no-jack-connect", "--connect"], nil),
    ]
}
