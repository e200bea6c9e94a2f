import ArgumentParser
import CRealtime
import Foundation
import KairosControl
import KairosDevices
import KairosEngine
import KairosFiles
import KairosOSC
import KairosTerminal

/// `kairos play`: the instrument.
struct Play: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Play live with the connected keyboards and audio output.",
        discussion: """
            kairos play
            kairos play slow-tide --audio jack   start with a patch, by name or file
            kairos play song.mid                 play a MIDI file live, as if from a keyboard
            kairos play --setlist friday         splits, layers and master effects, entry by entry
            kairos play --audio alsa:hw:1 --period 64
            kairos play --demo                   play the demo tune
            kairos play --no-session             start fresh: ignore the saved session

            To connect a keyboard by hand: aconnect 'my keyboard' Kairos
            """)

    @Argument(help: ArgumentHelp("Patch to start with, or MIDI file to play.", valueName: "patch|song"))
    var word: String?
    @OptionGroup var sounds: SoundOptions
    @Option(help: ArgumentHelp("Set list name or file.", valueName: "list")) var setlist: String?
    @Option(help: ArgumentHelp("Patch or entry to start with.", valueName: "name")) var patch: String?
    @Option(
        help: ArgumentHelp(
            "Audio driver: jack, alsa, alsa:DEVICE or null (default: the first available).",
            valueName: "driver"))
    var audio: String?
    @Option(help: ArgumentHelp("MIDI input: alsa, rtmidi:jack, rtmidi:alsa or none.", valueName: "driver"))
    var midi =
        "alsa"
    @Option(help: ArgumentHelp("Sample rate in Hz (JACK uses its own).", valueName: "hz")) var rate: Int?
    @Option(help: ArgumentHelp("Buffer size in frames (JACK uses its own).", valueName: "frames")) var period:
        Int?
    @Option(help: ArgumentHelp("Frequency of A4.", valueName: "hz")) var tune = 440.0
    @Option(help: ArgumentHelp("Transposition of every key in semitones.", valueName: "n")) var transpose = 0
    @Option(help: ArgumentHelp("Play this MIDI file live.", valueName: "mid")) var file: String?
    @OptionGroup var reading: SongOptions
    @Flag(help: "Play the demo tune.") var demo = false
    @Flag(help: "Do not connect JACK ports.") var noJackConnect = false
    @Option(
        help: ArgumentHelp(
            "Connect sequencer ports whose name contains this, keyboards or not ('*' matches anything).",
            valueName: "pattern"))
    var connect: [String] = []
    @Option(help: ArgumentHelp("Do not connect keyboards whose name contains this.", valueName: "pattern"))
    var noConnect: [String] = []
    @Option(help: ArgumentHelp("Use only this mapping, for every device.", valueName: "name"))
    var mapping: String?
    @Flag(help: "Reload patches and scales when their files change (also KAIROS_DEV_RELOAD=1).") var watch =
        false
    @OptionGroup var scale: ScaleOptions
    @Option(help: ArgumentHelp("OSC port, UDP and TCP.", valueName: "port")) var osc = 9000
    @Flag(help: "Disable OSC.") var noOsc = false
    @Flag(help: "Accept OSC from other machines. Anyone who can reach this machine can then play and edit.")
    var oscAllow = false
    @Option(
        name: .customLong("session"),
        help: ArgumentHelp(
            "Session file: restored at the start, saved while playing (default: in $XDG_STATE_HOME or ~/.local/state).",
            valueName: "file"))
    var sessionFile: String?
    @Flag(help: "Start fresh and save no session.") var noSession = false
    @Option(help: ArgumentHelp("Memory for the standby pool.", valueName: "megabytes"))
    var standbyMemory = 512
    @Option(help: ArgumentHelp("Stop after this many seconds.", valueName: "n")) var seconds: Double?
    @Flag(help: "Print session statistics as JSON on exit.") var json = false

    mutating func validate() throws {
        try choose()
        _ = try audioChoice()
        _ = try midiChoice()
        if let rate, !(8000...192_000).contains(rate) {
            throw ValidationError("--rate is 8000 … 192000, and this is \(rate)")
        }
        try OptionRange.check(period: period)
        try OptionRange.check(seconds: seconds)
        try OptionRange.check(path: sessionFile, "--session")
        guard (220...880).contains(tune) else {
            throw ValidationError("--tune is 220 … 880 Hz, and this is \(tune)")
        }
        guard (-48...48).contains(transpose) else {
            throw ValidationError("--transpose is -48 … 48, and this is \(transpose)")
        }
        guard (1...1_000_000).contains(standbyMemory) else {
            throw ValidationError("--standby-memory is 1 … 1000000 megabytes, and this is \(standbyMemory)")
        }
        guard (1...65_535).contains(osc) else {
            throw ValidationError("--osc is 1 … 65535, and this is \(osc)")
        }
        if noOsc, oscAllow { throw ValidationError("--osc-allow takes OSC, and --no-osc does not") }
        if sessionFile != nil, noSession {
            throw ValidationError("--session saves the session, and --no-session does not")
        }
        if sessionFile != nil, demo || file != nil {
            throw ValidationError("a file is played from a beginning of its own; leave out --session")
        }
        if demo, file != nil { throw ValidationError("--demo plays a file of its own; leave out --file") }
    }

    /// What the word stands for is as if its option had been given.
    private mutating func choose() throws {
        guard let word else { return }
        defer { self.word = nil }
        func must(_ isFree: Bool, _ option: String) throws {
            if !isFree { throw ValidationError("'\(word)' says what to play; leave out \(option)") }
        }
        switch PlayChoice(word) {
        case .song:
            try must(file == nil, "--file")
            file = word
        case .setList:
            try must(setlist == nil, "--setlist")
            setlist = word
        case .patch:
            try must(patch == nil, "--patch")
            patch = word
        }
    }

    private func audioChoice() throws -> AudioHost.Choice {
        switch audio {
        case nil: return .any
        case "jack": return .jack
        case "alsa": return .alsa("default")
        case "null": return .null
        case let name? where name.hasPrefix("alsa:") && name.count > 5:
            return .alsa(String(name.dropFirst(5)))
        case let name?:
            throw ValidationError("--audio is jack, alsa, alsa:DEVICE or null, and this is '\(name)'")
        }
    }

    private func midiChoice() throws -> Session.MIDIChoice {
        switch midi {
        case "alsa": return .alsa
        case "none": return .none
        case "rtmidi:jack": return .rtmidi(.jack)
        case "rtmidi:alsa": return .rtmidi(.alsa)
        default:
            throw ValidationError("--midi is alsa, rtmidi:jack, rtmidi:alsa or none, and this is '\(midi)'")
        }
    }

    func run() throws {
        let began = crt_now()
        // First of all: the heap that is touched before this may lie in a huge page for good.
        crt_avoid_huge_pages()
        CrashReporter.start()
        let signals = ProcessSignals()
        // Standard output is JSON's alone, where that was asked for.
        let told = json ? Output.error : Output.standard
        Output.standard.goLive()
        Output.error.goLive()
        var sounds = try Sounds(sounds, setList: setlist, mapping: mapping)
        sounds.faults.forEach(say)
        let song = try file.map(reading.read) ?? (demo ? DemoTune.song : nil)
        var options = Session.Options()
        options.audio = try audioChoice()
        options.midi = try midiChoice()
        options.rate = rate
        options.period = period
        options.connects = !noJackConnect
        options.mode = song == nil || setlist != nil ? .entry : .multi
        options.standbyMemory = standbyMemory << 20
        let kept = try keptState()
        let wanted = try patch.map { try sounds.place(of: $0) }
        kept?.read(sounds.rig, sounds.modules.registry).forEach(say)
        options.state = kept
        options.first = wanted ?? kept?.entry ?? 0
        options.tune = tune
        options.transpose = transpose
        options.connections = Connections(wanted: connect, unwanted: noConnect)
        options.tuning = try scale.read() ?? kept?.scale
        options.osc = noOsc ? nil : osc
        options.watches = watch || ProcessInfo.processInfo.environment["KAIROS_DEV_RELOAD"] == "1"
        options.oscEverywhere = oscAllow
        options.patchFolders = try self.sounds.folders()
        options.moduleFolders = try self.sounds.modules.folders()
        options.files = try WatchedFiles(self.sounds, setList: setlist, mapping: mapping)
        let session: Session
        do { session = try Session(sounds, options) } catch let error as DeviceError {
            throw Failure(error.description)
        }
        let player = song.map {
            FilePlayer($0, ring: session.fileRing, door: 3, clocked: sounds.rig.followsClock)
        }
        let names = sounds.rig.entries.map(\.name)
        let terminal = Terminal(ring: session.terminalRing, door: 2, entries: names, output: told)
        var handlers = terminal.signalHandlers
        handlers.save = session.save
        signals.set(handlers)
        terminal.tell(
            "\(Kairos.configuration.version): \(names.count) \(setlist == nil ? "patches" : "entries"), ready in \((crt_now() - began) / 1_000_000) ms"
        )
        session.lines.forEach(terminal.tell)
        if let held = song?.heldAtEnd { terminal.tell("\(held), where they are released") }
        if let help = terminal.help { terminal.tell(help) }
        var evening = SessionStatistics(session.engine)
        watch(session, terminal, signals, player, &evening)
        signals.beginEnd()
        player?.stop()
        session.stop()
        terminal.restore()
        evening.close(
            session.engine.status, timing: session.engine.timing, latency: session.host.latency,
            losses: session.losses, xruns: session.host.xruns,
            longestBlock: session.host.takeLongest(),
            medianBlock: session.host.medianBlock)
        guard json else { return evening.summary.forEach(told.line) }
        try showJSON(evening.figures)
        Output.standard.drain(milliseconds: 300)
        endIfUnwritten()
    }

    /// Where the state is kept. Files and the demo are played from a beginning of their own.
    private func keptState() throws -> SessionStart? {
        if noSession || demo || file != nil { return nil }
        let name = setlist.map { list in
            let last = URL(fileURLWithPath: list).lastPathComponent
            return FileName.isSetList(last) ? FileName.stem(last) : last
        }
        if let sessionFile, SessionFile.isForeign(path: sessionFile) {
            throw Failure(
                "\(sessionFile): this is no session of Kairos and is left alone; give --session another file")
        }
        let folder = sounds.patches.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
        return SessionStart(
            path: sessionFile ?? Library.sessionFile(setList: name),
            owner: SavedSession.Owner(setList: name, folder: folder))
    }

    /// Runs until the player has had enough.
    private func watch(
        _ session: Session, _ terminal: Terminal, _ signals: ProcessSignals, _ player: FilePlayer?,
        _ evening: inout SessionStatistics
    ) {
        let telling = EventFormatter(session.engine)
        let until = moment(after: seconds)
        var last = "-"
        var rests: UInt64?
        // What was wrong at the start is told of already.
        var reported = Set(session.sounds.faults)
        func tell(_ line: String) {
            terminal.tell(line)
            // It is a log's line there.
            session.console.note(DisplayText.escaped(line))
        }
        while !signals.isEnding, crt_now() < until {
            for wish in terminal.poll(milliseconds: 50) {
                switch wish {
                case .quitNow: return
                case .quit(let isRepeated):
                    if isRepeated || session.engine.status.voices == 0 { return }
                    terminal.tell("a note sounds: 'q' again quits")
                case .entries: session.entryLines.forEach(terminal.tell)
                case .load: session.loadLines.forEach(terminal.tell)
                case .refresh: session.refreshControllers()
                }
            }
            session.tend().forEach(tell)
            if telling.look() { terminal.entries = session.engine.rig.entries.map(\.name) }
            while let report = session.engine.nextReport() {
                if report.kind == .event {
                    last = telling.text(report.event)
                    if report.outcome == .waitsForPickup { last = telling.outcome(report) }
                }
                if report.kind == .event, let line = session.learning.take(report.event) { tell(line) }
                if let line = telling.line(report) { tell(line) }
                evening.take(report).forEach(tell)
            }
            for case .failed(let why) in session.states {
                for line in why.split(separator: "\n").map(String.init) where reported.insert(line).inserted {
                    tell(line)
                }
            }
            let status = session.engine.status
            let next = status.pending >= 0 ? " -> \(telling.name(Int32(status.pending)))" : ""
            let change = evening.lastChange.map { "\($0) | " } ?? ""
            terminal.show(
                "\(telling.name(Int32(status.entry)))\(next) | \(change)voices \(status.voices) | slots \(status.slots) | "
                    + "load \(fixed(session.host.load * 100, 0)) % | xruns \(session.host.xruns) | \(last)"
            )
            // A file is over when its last sound is.
            if let player, player.isDone {
                if status.voices > 0 || status.peak > 1e-4 {
                    rests = nil
                } else if rests == nil {
                    rests = crt_now()
                }
                if let rests, crt_now() - rests > 1_000_000_000 { return }
            }
        }
    }
}
