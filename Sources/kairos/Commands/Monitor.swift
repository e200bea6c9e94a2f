import ArgumentParser
import CRealtime
import KairosControl
import KairosDevices
import KairosEngine

/// `kairos monitor`: where did it go?
struct Monitor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show each MIDI message: what it is, what it moved, or why nothing happened.",
        discussion: "kairos monitor\nkairos monitor --patch slow-tide --seconds 10")

    @OptionGroup var sounds: SoundOptions
    @Option(help: ArgumentHelp("The patch or entry to begin with.", valueName: "name")) var patch: String?
    @Option(help: ArgumentHelp("A set list: a name or a file.", valueName: "list")) var setlist: String?
    @Option(help: ArgumentHelp("Stop after so long.", valueName: "n")) var seconds: Double?

    func run() throws {
        let sounds = try Sounds(sounds, setList: setlist)
        sounds.faults.forEach(say)
        var options = Session.Options()
        options.audio = .null
        options.first = try patch.map(sounds.index) ?? 0
        let session: Session
        do { session = try Session(sounds, options) } catch let error as DeviceError {
            throw Failure(error.description)
        }
        defer { session.stop() }
        guard session.hasMIDI else { throw Failure(session.lines.joined(separator: "\n")) }
        let terminal = Terminal(ring: session.terminalRing, door: 2)
        defer { terminal.restore() }
        let telling = Telling(repertoire: sounds.repertoire)
        let until = seconds.map { crt_now() + UInt64($0 * 1e9) } ?? .max
        Stop.listen()
        terminal.tell("listening; nothing is heard here ('q' or Ctrl-C ends it)")
        while !Stop.wished, crt_now() < until {
            if terminal.poll(milliseconds: 20) == .quit { break }
            session.tend().forEach(terminal.tell)
            while let report = session.engine.nextReport() {
                if report.kind == .event {
                    terminal.tell("\(padded(telling.text(report.event), 36)) -> \(telling.outcome(report))")
                } else if let line = telling.line(report) {
                    terminal.tell(line)
                }
            }
        }
    }
}
