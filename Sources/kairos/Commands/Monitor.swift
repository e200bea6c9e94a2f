import ArgumentParser
import CRealtime
import KairosControl
import KairosDevices
import KairosEngine
import KairosTerminal

/// `kairos monitor`: shows what each MIDI message does.
struct Monitor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show each MIDI message, and what it changed or why it had no effect.",
        discussion: "kairos monitor\nkairos monitor --patch slow-tide --seconds 10")

    @OptionGroup var rigOptions: RigOptions
    @Option(help: ArgumentHelp("Patch or entry to start with.", valueName: "name"), completion: .entry)
    var patch: String?
    @Option(help: ArgumentHelp("Set list name or file.", valueName: "list"), completion: .setList)
    var setlist: String?
    @Option(help: ArgumentHelp("Buffer size in frames, as in play.", valueName: "frames")) var period: Int?
    @Option(help: ArgumentHelp("Stop after this many seconds.", valueName: "n")) var seconds: Double?

    func validate() throws {
        try OptionRange.check(period: period)
        try OptionRange.check(seconds: seconds)
    }

    func run() throws {
        let signals = ProcessSignals()
        Output.standard.goLive()
        try listen(signals)
        // The output is the purpose of this command: a failed write is an error.
        exitIfOutputFailed()
    }

    private func listen(_ signals: ProcessSignals) throws {
        var sources = try RigSources(rigOptions, setList: setlist)
        sources.faults.forEach(printError)
        var options = Instrument.Options()
        options.audio = .null
        options.clientName = "Kairos monitor"
        options.period = period
        options.first = try patch.map { try sources.startIndex(of: $0) } ?? 0
        let instrument: Instrument
        do { instrument = try Instrument(sources, options) } catch let error as DeviceError {
            throw Failure(error.description)
        }
        defer {
            signals.beginEnd()
            instrument.stop()
        }
        guard instrument.hasMIDI else { throw Failure(instrument.lines.joined(separator: "\n")) }
        let terminal = Terminal(ring: instrument.terminalRing, input: 2, output: .standard)
        signals.set(terminal.signalHandlers)
        defer { terminal.restore() }
        let formatter = EventFormatter(instrument.engine)
        let until = deadline(after: seconds)
        terminal.printLine("monitoring without sound; press 'q' or Ctrl-C to quit")
        while !signals.isEnding, crt_now() < until, Output.standard.failure == nil {
            let quits: [Terminal.Command] = [.quitNow, .quit(isRepeated: false), .quit(isRepeated: true)]
            if terminal.poll(milliseconds: 20).contains(where: quits.contains) { break }
            instrument.poll().forEach(terminal.printLine)
            _ = formatter.refresh()
            terminal.updateStatus(timing(instrument))
            while let report = instrument.engine.nextReport() {
                switch report {
                case .event(let report), .sourceGone(let report):
                    terminal.printLine(
                        "\(padded(formatter.text(report.event), 36)) -> \(formatter.outcome(report))")
                default: if let line = formatter.notice(report) { terminal.printLine(line) }
                }
            }
        }
        terminal.printLine(timing(instrument))
    }

    /// Event count, latency, delay beyond it, and tempo in a line.
    private func timing(_ instrument: Instrument) -> String {
        let timing = instrument.engine.timing, status = instrument.engine.status
        func milliseconds(_ frames: Int) -> String {
            fixed(Double(frames) / instrument.engine.sampleRate * 1000, 2)
        }
        return
            "\(status.events) events, \(status.lateEvents) late; "
            + "latency \(milliseconds(instrument.host.latency)) ms, additional delay: "
            + "p50 \(milliseconds(timing.p50)), p99 \(milliseconds(timing.p99)), "
            + "max \(milliseconds(timing.most)) ms; "
            + "\(fixed(instrument.engine.tempo, 1)) BPM"
    }
}
