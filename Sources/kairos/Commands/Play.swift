import ArgumentParser
import CRealtime
import Foundation
import KairosControl
import KairosDevices
import KairosEngine
import KairosFiles

/// `kairos play`: the instrument.
struct Play: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Play, with whatever keyboards and sound card there are.",
        discussion: """
            kairos play
            kairos play --patch slow-tide --audio jack
            kairos play --audio alsa:hw:1 --period 64
            kairos play --demo                   hear it play by itself
            kairos play --file song.mid          a file, live, through the same path as a keyboard

            Connect a keyboard that does not connect itself: aconnect 'my keyboard' Kairos
            """)

    @OptionGroup var sounds: SoundOptions
    @Option(help: ArgumentHelp("The patch to begin with.", valueName: "name")) var patch: String?
    @Option(
        help: ArgumentHelp(
            "jack, alsa, alsa:DEVICE or null; else the first that is there.", valueName: "driver"))
    var audio: String?
    @Option(help: ArgumentHelp("alsa, rtmidi:jack, rtmidi:alsa or none.", valueName: "door")) var midi =
        "alsa"
    @Option(help: ArgumentHelp("Frames a second (JACK decides for itself).", valueName: "hz")) var rate: Int?
    @Option(help: ArgumentHelp("Frames a block (JACK decides for itself).", valueName: "frames")) var period:
        Int?
    @Option(help: ArgumentHelp("The frequency of A4.", valueName: "hz")) var tune = 440.0
    @Option(help: ArgumentHelp("Semitones added to every key.", valueName: "n")) var transpose = 0
    @Option(help: ArgumentHelp("Play this MIDI file live.", valueName: "mid")) var file: String?
    @Flag(help: "Play the demo tune.") var demo = false
    @Flag(help: "Leave JACK's ports unconnected.") var noConnect = false
    @Option(help: ArgumentHelp("Stop after so long.", valueName: "n")) var seconds: Double?

    func validate() throws {
        _ = try audioChoice()
        _ = try midiChoice()
        if let rate, !(8000...192_000).contains(rate) {
            throw ValidationError("--rate is 8000 … 192000, and this is \(rate)")
        }
        if let period, !(16...8192).contains(period) {
            throw ValidationError("--period is 16 … 8192, and this is \(period)")
        }
        guard (220...880).contains(tune) else {
            throw ValidationError("--tune is 220 … 880 Hz, and this is \(tune)")
        }
        guard (-48...48).contains(transpose) else {
            throw ValidationError("--transpose is -48 … 48, and this is \(transpose)")
        }
        if demo, file != nil { throw ValidationError("--demo plays a file of its own; leave out --file") }
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
        let sounds = try Sounds(sounds)
        sounds.faults.forEach(say)
        var song: StandardMIDIFile?
        do { if let file { song = try StandardMIDIFile.read(path: file) } } catch {
            throw Failure("\(error)")
        }
        if demo { song = DemoTune.song }
        var options = Session.Options()
        options.audio = try audioChoice()
        options.midi = try midiChoice()
        options.rate = rate
        options.period = period
        options.connects = !noConnect
        options.mode = song == nil ? .entry : .multi
        options.first = try patch.map(sounds.index) ?? 0
        options.tune = tune
        options.transpose = transpose
        let session: Session
        do { session = try Session(sounds, options) } catch let error as DeviceError {
            throw Failure(error.description)
        }
        let player = song.map { FilePlayer($0, ring: session.fileRing, door: 3) }
        let terminal = Terminal(ring: session.terminalRing, door: 2)
        terminal.tell(
            "\(Kairos.configuration.version): \(sounds.compiled.count) patches, ready in \((crt_now() - began) / 1_000_000) ms"
        )
        session.lines.forEach(terminal.tell)
        if let help = terminal.help { terminal.tell(help) }
        watch(session, terminal, player)
        player?.stop()
        session.stop()
        terminal.restore()
        summarise(session)
    }

    /// Runs until the player has had enough.
    private func watch(_ session: Session, _ terminal: Terminal, _ player: FilePlayer?) {
        Stop.listen()
        let telling = Telling(compiled: session.sounds.compiled)
        let until = seconds.map { crt_now() + UInt64($0 * 1e9) } ?? .max
        var last = "-"
        var rests: UInt64?
        while !Stop.wished, crt_now() < until {
            if terminal.poll(milliseconds: 50) == .quit { break }
            session.tend().forEach(terminal.tell)
            while let report = session.engine.nextReport() {
                if report.kind == .event { last = telling.text(report.event) }
                if let line = telling.line(report) { terminal.tell(line) }
            }
            let status = session.engine.status
            terminal.show(
                "\(telling.name(Int32(status.entry))) | voices \(status.voices) | load \(fixed(session.host.load * 100, 0)) % | "
                    + "xruns \(session.host.driver.xruns) | \(last)")
            // A file is over when its last sound is.
            if let player, player.isDone {
                if status.voices > 0 || status.peak > 1e-4 {
                    rests = nil
                } else if rests == nil {
                    rests = crt_now()
                }
                if let rests, crt_now() - rests > 1_000_000_000 { break }
            }
        }
    }

    private func summarise(_ session: Session) {
        let status = session.engine.status
        print(
            "\(status.events) events, \(status.lateEvents) late, \(status.changes) program changes, most voices \(status.mostVoices), "
                + "xruns \(session.host.driver.xruns)")
    }
}

/// Ctrl-C and `kill` end the session in order.
enum Stop {
    nonisolated(unsafe) private static var signalled: sig_atomic_t = 0

    static func listen() {
        signal(SIGINT) { _ in Stop.signalled = 1 }
        signal(SIGTERM) { _ in Stop.signalled = 1 }
        signal(SIGHUP) { _ in Stop.signalled = 1 }
        signal(SIGPIPE, SIG_IGN)
    }

    static var wished: Bool { signalled != 0 }
}
