import ArgumentParser
import CRealtime
import Foundation
import KairosCompiler
import KairosControl
import KairosDevices
import KairosEngine
import KairosFiles
import KairosOSC
import KairosPatch
import KairosSession
import KairosTerminal

/// `kairos play`: runs the instrument.
struct Play: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Play live with the connected keyboards and audio output.",
        discussion: """
            kairos play
            kairos play slow-tide --audio jack   start with a patch, by name or file
            kairos play song.mid                 play a MIDI file live
            kairos play --setlist friday         splits, layers and master effects
            kairos play --audio alsa:hw:1 --period 64
            kairos play --demo                   play the demo tune
            kairos play --no-session             start fresh: ignore the saved session

            Keyboards are connected automatically, also those that are plugged in later.
            To connect one by hand: aconnect 'my keyboard' Kairos

            Audio goes to JACK if it is running, otherwise to the default ALSA device,
            otherwise to a timer without sound. For JACK under PipeWire: pw-jack kairos
            play

            In the terminal, the letters a w s e d f … play notes and 'q' quits; the first
            lines list all keys. The session (entry, values, edited patches, tempo,
            volumes, tunings) is saved while you play and restored at the next start.
            """)

    @Argument(
        help: ArgumentHelp("Patch to start with, or MIDI file to play.", valueName: "patch|song"),
        completion: .playTarget)
    var word: String?
    @OptionGroup var rigOptions: RigOptions
    @Option(help: ArgumentHelp("Set list name or file.", valueName: "list"), completion: .setList)
    var setlist: String?
    @Option(help: ArgumentHelp("Patch or entry to start with.", valueName: "name"), completion: .entry)
    var patch: String?
    @Option(
        help: ArgumentHelp(
            "Audio driver: jack, alsa, alsa:DEVICE or null (default: the first available).",
            valueName: "driver"), completion: .audioDriver)
    var audio: String?
    @Option(
        help: ArgumentHelp("MIDI input: alsa, rtmidi:jack, rtmidi:alsa or none.", valueName: "driver"),
        completion: .midiDriver)
    var midi = "alsa"
    @Option(help: ArgumentHelp("Sample rate in Hz (JACK uses its own).", valueName: "hz")) var rate: Int?
    @Option(help: ArgumentHelp("Buffer size in frames (JACK uses its own).", valueName: "frames")) var period:
        Int?
    @Option(help: ArgumentHelp("Frequency of A4 in Hz.", valueName: "hz")) var tune = 440.0
    @Option(help: ArgumentHelp("Transposition of every key in semitones.", valueName: "n")) var transpose = 0
    @Option(help: ArgumentHelp("Play this MIDI file live.", valueName: "mid"), completion: .song)
    var file: String?
    @OptionGroup var reading: SongOptions
    @Flag(help: "Play the demo tune.") var demo = false
    @Flag(help: "Do not connect JACK ports.") var noJackConnect = false
    @Option(
        help: ArgumentHelp(
            "Connect sequencer ports whose name contains this, keyboards or not ('*' matches anything).",
            valueName: "pattern"), completion: .midiDevice)
    var connect: [String] = []
    @Option(
        help: ArgumentHelp("Do not connect keyboards whose name contains this.", valueName: "pattern"),
        completion: .midiDevice)
    var noConnect: [String] = []
    @Option(
        help: ArgumentHelp("Use only this mapping, for every device.", valueName: "name"),
        completion: .mapping)
    var mapping: String?
    @Flag(
        help: ArgumentHelp(
            "Reload patches, modules, mappings, set lists and scales when their files change "
                + "(also KAIROS_DEV_RELOAD=1)."))
    var watch = false
    @OptionGroup var scale: ScaleOptions
    @Option(help: ArgumentHelp("Port for OSC, UDP and TCP.", valueName: "port")) var osc = 9000
    @Flag(help: "Disable OSC.") var noOsc = false
    @Flag(help: "Accept OSC from other machines. Anyone who can reach this machine can then play and edit.")
    var oscAllow = false
    @Option(
        name: .customLong("session"),
        help: ArgumentHelp(
            "Session file: restored at the start, saved while playing (default: in $XDG_STATE_HOME or "
                + "~/.local/state).",
            valueName: "file"), completion: .file(extensions: ["yaml"]))
    var sessionFile: String?
    @Flag(help: "Start fresh and save no session.") var noSession = false
    @Option(help: ArgumentHelp("Memory for the standby pool in megabytes.", valueName: "megabytes"))
    var standbyMemory = 512
    @Flag(help: "Play without the limiter before the soft clipper, and without its latency of 1.6 ms.")
    var noLimiter = false
    @Option(help: ArgumentHelp("Stop after this many seconds.", valueName: "n")) var seconds: Double?
    @Flag(help: "Print details of each program change, and session statistics on exit.") var stats = false
    @Flag(help: "Print session statistics as JSON on exit.") var json = false

    func run() throws {
        let startTime = crt_now()
        // Must come first: heap memory touched earlier may stay in a huge page.
        crt_avoid_huge_pages()
        CrashReporter.start()
        let signals = ProcessSignals()
        // With --json, standard output carries the JSON only, and all lines go to standard error.
        let output = json ? Output.error : Output.standard
        Output.standard.goLive()
        Output.error.goLive()
        var sources = try RigSources(rigOptions, setList: setlist, mapping: mapping)
        sources.faults.forEach(printError)
        let song = try file.map(reading.read) ?? (demo ? DemoTune.song : nil)
        var options = Instrument.Options()
        options.audio = try audioChoice()
        options.midi = try midiChoice()
        options.rate = rate
        options.period = period
        options.connects = !noJackConnect
        options.mode = song == nil || setlist != nil ? .entry : .multi
        options.standbyMemory = standbyMemory << 20
        let session = try sessionToRestore()
        let startEntry = try patch.map { try sources.startIndex(of: $0) }
        session?.read(sources.rig, sources.modules.registry).forEach(printError)
        options.session = session
        options.first = startEntry ?? session?.entry ?? 0
        options.tune = tune
        options.transpose = transpose
        options.hasLimiter = !noLimiter
        options.connections = Connections(wanted: connect, unwanted: noConnect)
        options.tuning = try scale.read() ?? session?.scale
        options.osc = noOsc ? nil : osc
        options.watches = watch || ProcessInfo.processInfo.environment["KAIROS_DEV_RELOAD"] == "1"
        options.oscEverywhere = oscAllow
        options.patchFolders = try rigOptions.folders()
        options.moduleFolders = try rigOptions.modules.folders()
        options.files = try WatchedFiles(rigOptions, setList: setlist, mapping: mapping)
        let instrument: Instrument
        do { instrument = try Instrument(sources, options) } catch let error as DeviceError {
            throw Failure(error.description)
        }
        let player = song.map {
            FilePlayer($0, ring: instrument.fileRing, input: 3)
        }
        let names = sources.rig.entries.map(\.name)
        let terminal = Terminal(ring: instrument.terminalRing, input: 2, entries: names, output: output)
        var handlers = terminal.signalHandlers
        handlers.save = instrument.save
        signals.set(handlers)
        terminal.printLine(
            "\(Kairos.configuration.version): \(names.count) \(setlist == nil ? "patches" : "entries"), "
                + "ready in \((crt_now() - startTime) / 1_000_000) ms"
        )
        instrument.lines.forEach(terminal.printLine)
        if let held = song?.heldAtEnd { terminal.printLine("\(held); they are released there") }
        if let help = terminal.help { terminal.printLine(help) }
        var statistics = SessionStatistics(instrument.engine)
        runLoop(instrument, terminal, signals, player, &statistics)
        signals.beginEnd()
        player?.stop()
        instrument.stop()
        terminal.restore()
        statistics.finish(
            instrument.engine.status, timing: instrument.engine.timing, latency: instrument.host.latency,
            losses: instrument.losses, xruns: instrument.host.xruns,
            longestBlock: instrument.host.popLongest(),
            medianBlock: instrument.host.medianBlock)
        guard json else {
            if stats { statistics.summary.forEach(output.line) }
            return
        }
        try printJSON(statistics.figures)
        Output.standard.drain(milliseconds: 300)
        exitIfOutputFailed()
    }

    /// The main loop: handles keys, devices and reports until the user quits, a signal arrives, the time is
    /// over or the file has ended.
    private func runLoop(
        _ instrument: Instrument, _ terminal: Terminal, _ signals: ProcessSignals, _ player: FilePlayer?,
        _ statistics: inout SessionStatistics
    ) {
        let formatter = EventFormatter(instrument.engine)
        let until = deadline(after: seconds)
        var last = "-"
        var lastChange: (line: String, frame: Int?) = ("", nil)
        var silentSince: UInt64?
        // Errors that were printed at the start are not repeated.
        var reported = Set(instrument.sources.faults)
        func printAndLog(_ line: String) {
            terminal.printLine(line)
            // OSC subscribers get it as a line of the log.
            instrument.dispatcher.log(DisplayText.escaped(line))
        }
        while !signals.isEnding, crt_now() < until {
            for command in terminal.poll(milliseconds: 50) {
                switch command {
                case .quitNow: return
                case .quit(let isRepeated):
                    if isRepeated || instrument.engine.status.voices == 0 { return }
                    terminal.printLine("notes are sounding; press 'q' again to quit")
                case .entries: instrument.entryLines.forEach(terminal.printLine)
                case .load: instrument.loadLines.forEach(terminal.printLine)
                case .refresh: instrument.refreshControllers()
                }
            }
            instrument.poll().forEach(printAndLog)
            if formatter.refresh() { terminal.entries = instrument.engine.rig.entries.map(\.name) }
            while let report = instrument.engine.nextReport() {
                if case .event(let report) = report {
                    last = formatter.text(report.event)
                    if case .waitsForPickup = report.outcome { last = formatter.outcome(report) }
                    if let line = instrument.midiLearn.handle(report.event) { printAndLog(line) }
                }
                if let line = formatter.notice(report) { printAndLog(line) }
                if case .changed(let change) = report {
                    let line = formatter.title(change.entry)
                    // Parts that change to the same entry on the same frame are reported once.
                    if (line, change.frame) != lastChange { printAndLog(line) }
                    lastChange = (line, change.frame)
                }
                let details = statistics.record(report)
                if stats { details.forEach(printAndLog) }
            }
            for case .failed(let reason) in instrument.states {
                for line in reason.split(separator: "\n").map(String.init)
                where reported.insert(line).inserted {
                    printAndLog(line)
                }
            }
            let status = instrument.engine.status
            statistics.record(status)
            let reduction = Double(status.gainReduction)
            let limited = reduction >= 0.1 ? "limiter -\(fixed(reduction, 1)) dB | " : ""
            let next = status.pending.map { " -> \(formatter.name($0))" } ?? ""
            let change = stats ? statistics.lastChange.map { "\($0) | " } ?? "" : ""
            terminal.updateStatus(
                "\(formatter.name(status.entry))\(next) | "
                    + "\(change)voices \(status.voices) | slots \(status.slots) | "
                    + "load \(fixed(instrument.host.load * 100, 0)) % | "
                    + "xruns \(instrument.host.xruns) | \(limited)\(last)"
            )
            // A file has ended after a second of silence that follows its last event.
            if let player, player.isDone {
                if status.voices > 0 || status.peak > 1e-4 {
                    silentSince = nil
                } else if silentSince == nil {
                    silentSince = crt_now()
                }
                if let silentSince, crt_now() - silentSince > 1_000_000_000 { return }
            }
        }
    }
}
