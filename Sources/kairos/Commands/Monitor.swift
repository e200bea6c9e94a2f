import ArgumentParser
import CRealtime
import KairosControl
import KairosDevices
import KairosEngine
import KairosTerminal

/// `kairos monitor`: where did it go?
struct Monitor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show each MIDI message: what it is, what it moved, or why nothing happened.",
        discussion: "kairos monitor\nkairos monitor --patch slow-tide --seconds 10")

    @OptionGroup var sounds: SoundOptions
    @Option(help: ArgumentHelp("Patch or entry to start with.", valueName: "name")) var patch: String?
    @Option(help: ArgumentHelp("Set list name or file.", valueName: "list")) var setlist: String?
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
        // What is shown is what this is for.
        endIfUnwritten()
    }

    private func listen(_ signals: ProcessSignals) throws {
        var sounds = try Sounds(sounds, setList: setlist)
        sounds.faults.forEach(say)
        var options = Session.Options()
        options.audio = .null
        options.clientName = "Kairos monitor"
        options.period = period
        options.first = try patch.map { try sounds.place(of: $0) } ?? 0
        let session: Session
        do { session = try Session(sounds, options) } catch let error as DeviceError {
            throw Failure(error.description)
        }
        defer {
            signals.beginEnd()
            session.stop()
        }
        guard session.hasMIDI else { throw Failure(session.lines.joined(separator: "\n")) }
        let terminal = Terminal(ring: session.terminalRing, door: 2, output: .standard)
        signals.set(terminal.signalHandlers)
        defer { terminal.restore() }
        let telling = EventFormatter(session.engine)
        let until = moment(after: seconds)
        terminal.tell("listening; nothing is heard here ('q' or Ctrl-C ends it)")
        while !signals.isEnding, crt_now() < until, Output.standard.failure == nil {
            let quits: [Terminal.Wish] = [.quitNow, .quit(isRepeated: false), .quit(isRepeated: true)]
            if terminal.poll(milliseconds: 20).contains(where: quits.contains) { break }
            session.tend().forEach(terminal.tell)
            _ = telling.look()
            terminal.show(timing(session))
            while let report = session.engine.nextReport() {
                if report.kind == .event || report.kind == .sourceGone {
                    terminal.tell("\(padded(telling.text(report.event), 36)) -> \(telling.outcome(report))")
                } else if let line = telling.line(report) {
                    terminal.tell(line)
                }
            }
        }
        terminal.tell(timing(session))
    }

    /// The meter of latency and jitter.
    private func timing(_ session: Session) -> String {
        let timing = session.engine.timing, status = session.engine.status
        func milliseconds(_ frames: Int) -> String {
            fixed(Double(frames) / session.engine.sampleRate * 1000, 2)
        }
        return
            "\(status.events) events, \(status.lateEvents) late; latency \(milliseconds(session.host.latency)) ms, later by: "
            + "p50 \(milliseconds(timing.p50)), p99 \(milliseconds(timing.p99)), most \(milliseconds(timing.most)) ms; "
            + "\(fixed(session.engine.tempo, 1)) beats a minute"
    }
}
