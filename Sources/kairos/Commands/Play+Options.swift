import ArgumentParser
import Foundation
import KairosDevices
import KairosFiles
import KairosPatch
import KairosSession

// The checks of the options of `kairos play`, and the values that they select.
extension Play {
    mutating func validate() throws {
        try resolveWord()
        _ = try audioChoice()
        _ = try midiChoice()
        if let rate, !(8000...192_000).contains(rate) {
            throw ValidationError("--rate must be 8000 … 192000, not \(rate)")
        }
        try OptionRange.check(period: period)
        try OptionRange.check(seconds: seconds)
        try OptionRange.check(path: sessionFile, "--session")
        guard (220...880).contains(tune) else {
            throw ValidationError("--tune must be 220 … 880 Hz, not \(tune)")
        }
        guard (-48...48).contains(transpose) else {
            throw ValidationError("--transpose must be -48 … 48, not \(transpose)")
        }
        guard (1...1_000_000).contains(standbyMemory) else {
            throw ValidationError("--standby-memory must be 1 … 1000000 megabytes, not \(standbyMemory)")
        }
        guard (1...65_535).contains(osc) else {
            throw ValidationError("--osc must be 1 … 65535, not \(osc)")
        }
        if noOsc, oscAllow {
            throw ValidationError("--osc-allow and --no-osc contradict each other; give one")
        }
        if sessionFile != nil, noSession {
            throw ValidationError("--session and --no-session contradict each other; give one")
        }
        if sessionFile != nil, demo || file != nil {
            throw ValidationError(
                "no session is restored or saved while a MIDI file or the demo plays; leave out --session")
        }
        if demo, file != nil { throw ValidationError("--demo and --file both select a MIDI file; give one") }
    }

    /// Assigns the argument `word` to the option that it stands for: --file, --setlist or --patch. Throws
    /// `ValidationError` if that option is given too.
    private mutating func resolveWord() throws {
        guard let word else { return }
        defer { self.word = nil }
        func require(_ isFree: Bool, _ option: String) throws {
            if !isFree {
                throw ValidationError("'\(word)' already selects what to play; leave out \(option)")
            }
        }
        switch PlayTarget(word) {
        case .song:
            try require(file == nil, "--file")
            file = word
        case .setList:
            try require(setlist == nil, "--setlist")
            setlist = word
        case .patch:
            try require(patch == nil, "--patch")
            patch = word
        }
    }

    /// Parses --audio. Throws `ValidationError`.
    func audioChoice() throws -> AudioHost.Choice {
        switch audio {
        case nil: return .any
        case "jack": return .jack
        case "alsa": return .alsa("default")
        case "null": return .null
        case let name? where name.hasPrefix("alsa:") && name.count > 5:
            return .alsa(String(name.dropFirst(5)))
        case let name?:
            throw ValidationError("--audio must be jack, alsa, alsa:DEVICE or null, not '\(name)'")
        }
    }

    /// Parses --midi. Throws `ValidationError`.
    func midiChoice() throws -> Instrument.MIDIChoice {
        switch midi {
        case "alsa": return .alsa
        case "none": return .none
        case "rtmidi:jack": return .rtmidi(.jack)
        case "rtmidi:alsa": return .rtmidi(.alsa)
        default:
            throw ValidationError("--midi must be alsa, rtmidi:jack, rtmidi:alsa or none, not '\(midi)'")
        }
    }

    /// The session to restore and save; nil with --no-session, and while a MIDI file or the demo plays.
    /// Throws ``Failure`` if the session file is not one of Kairos.
    func sessionToRestore() throws -> SessionRestorer? {
        if noSession || demo || file != nil { return nil }
        let name = setlist.map { list in
            let last = URL(fileURLWithPath: list).lastPathComponent
            return FileName.isSetList(last) ? FileName.stem(last) : last
        }
        if let sessionFile, SessionFile.isForeign(path: sessionFile) {
            throw Failure(
                "\(sessionFile): not a session file of Kairos; it was not changed; "
                    + "give --session another file"
            )
        }
        let folder = rigOptions.patches.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
        return SessionRestorer(
            path: sessionFile ?? Library.sessionFile(setList: name),
            owner: SavedSession.Owner(setList: name, folder: folder))
    }
}
