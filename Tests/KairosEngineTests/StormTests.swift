import Foundation
import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosTestSupport
import Testing

/// Random events from several keyboards at once: no note is stuck, and no value leaves its range.
@Suite struct AnyMIDI {
    /// A tenth of the length in `make soak`.
    private static let count = ProcessInfo.processInfo.environment["KAIROS_SOAK"] == nil ? 100_000 : 1_000_000

    /// The last messages to a channel: pedals up, keys released.
    private func goodNight(_ score: inout [Event], _ stamp: UInt64, sources: UInt16) {
        for source in 0..<sources {
            for channel in UInt8(0)..<16 {
                for (number, value) in [(64, 0), (66, 0), (69, 0), (68, 0), (127, 0), (121, 0), (123, 0)]
                    as [(UInt32, UInt8)]
                {
                    score.append(
                        Event(
                            .control, stamp: stamp, channel: channel, number: number,
                            normalized: NormalizedValue.scaled(value), source: source))
                }
            }
        }
    }

    private static let inputs = 4

    /// Renders the random events through four inputs, then waits. Returns the final level, the number of voices,
    /// and errors.
    private func play(_ events: [Event], seconds: Int) throws -> (last: Float, voices: Int, faults: [String])
    {
        let mapping = try Checkout.mappings()
        let sounds = try ["oak-bass", "slow-tide", "ivory-tines"].map { name in
            Sound(try #require(try Checkout.patches().first { $0.fileStem == name }), mappings: mapping)
        }
        let hall = MultiInputEngine(Rig(sounds), count: Self.inputs)
        hall.play(events)
        var faults: [String] = []
        let blocks = (Int((events.last?.stamp ?? 0) / 1_000_000_000) + seconds) * 48_000 / 1024
        for _ in 0..<blocks {
            hall.render(1024)
            if !hall.left.allSatisfy(\.isFinite) { faults.append("a sample is no number") }
            while let report = hall.engine.nextReport() {
                guard case .event(let report) = report, case .mapped(let target, let value) = report.outcome,
                    let sound = target.sound,
                    let (name, spec) = sounds[sound.index].compiled.param(at: Int(target.index))
                else { continue }
                if let value = value.number, !spec.range.contains(value) {
                    faults.append("\(name) was set to \(value)")
                }
            }
        }
        let peak = zip(hall.left, hall.right).reduce(Float(0)) { max($0, max(abs($1.0), abs($1.1))) }
        return (peak, hall.engine.status.voices, faults)
    }

    @Test(.timeLimit(.minutes(30)))
    func `legal events from four keyboards: afterwards silence, and every parameter in range`() throws {
        var draw = Draw(state: 0x9e37_79b9_7f4a_7c15)
        var events: [Event] = []
        for index in 0..<Self.count {
            let stamp = UInt64(index) * 100_000, channel = UInt8(draw.next(16))
            let source = UInt16(draw.next(4)), position = draw.next(.max)
            var event: Event
            switch draw.next(20) {
            case 0..<6:
                event = Event(
                    .noteOn, channel: channel, number: draw.next(128), normalized: max(1 << 25, position))
            case 6..<12:
                event = Event(.noteOff, channel: channel, number: draw.next(128), normalized: position)
            case 12:
                event = Event(.polyPressure, channel: channel, number: draw.next(128), normalized: position)
            case 13: event = Event(.channelPressure, channel: channel, normalized: position)
            case 14: event = Event(.pitchBend, channel: channel, normalized: position)
            case 15:
                let kind: Event.Kind = draw.next(2) == 0 ? .registered : .nonRegistered
                event = Event(
                    parameter: kind, draw.next(8), Event.Part.allCases[Int(draw.next(5))],
                    channel: channel,
                    normalized: position)
            case 16 where draw.next(50) == 0: event = Event(.program, channel: channel, number: draw.next(16))
            default: event = Event(.control, channel: channel, number: draw.next(128), normalized: position)
            }
            event.stamp = stamp
            event.source = source
            // Two keyboards on the first input, as with the ALSA sequencer.
            event.input = UInt8(max(0, Int(source) - 1))
            events.append(event)
        }
        goodNight(&events, UInt64(Self.count) * 100_000, sources: 4)
        let (last, voices, faults) = try play(events, seconds: 30)
        #expect(voices == 0 && last == 0 && faults.isEmpty, "\(voices) voices, \(last), \(faults.prefix(3))")
    }

    @Test(.timeLimit(.minutes(30)))
    func `bytes at random through four inputs' decoders: afterwards silence`() throws {
        var draw = Draw(state: 0x2545_f491_4f6c_dd1d)
        var decoders = (0..<Self.inputs).map { _ in MIDIDecoder() }
        var events: [Event] = []
        for index in 0..<Self.count {
            let input = Int(draw.next(UInt32(Self.inputs)))
            // Half of the bytes are data bytes, so that complete messages occur.
            let byte = UInt8(draw.next(2) == 0 ? draw.next(128) : draw.next(256))
            decoders[input].decode(byte) { event in
                var event = event
                event.stamp = UInt64(index) * 100_000
                event.input = UInt8(input)
                event.source = UInt16(input)
                events.append(event)
            }
        }
        goodNight(&events, UInt64(Self.count) * 100_000, sources: UInt16(Self.inputs))
        let (last, voices, faults) = try play(events, seconds: 30)
        #expect(voices == 0 && last == 0 && faults.isEmpty, "\(voices) voices, \(last), \(faults.prefix(3))")
    }

    /// A separate model records which key holds which note; the engine's voices must agree after each event.
    @Test(.timeLimit(.minutes(30))) func `every note-on has its one note-off`() throws {
        var draw = Draw(state: 42)
        var hands = Hands(), events: [Event] = [], expected: [(frame: Int, notes: Int)] = []
        var frame = 128
        let timebase = Timebase.offline(sampleRate: 48_000)
        for _ in 0..<Self.count {
            var event = Self.event(&draw, hands)
            hands.apply(event)
            event.stamp = timebase.stamp(of: frame)
            events.append(event)
            // A stopped voice fades for 10 ms at most.
            let isCut = event.kind == .panic || (event.kind == .control && event.number == 120)
            expected.append((frame + (isCut ? 800 : 40), hands.notes.count))
            frame += isCut ? 1024 : 64
        }
        let patch = """
            voices: 256
            level: 0.001953125
            modules:
              keys: { type: keys }
              env: { type: adsr, attack: 0 s, decay: 0 s, sustain: 100 %, release: 0 s }
              out: { type: output }
            connections:
              - keys.gate -> env.gate
              - env -> out
            """
        let hall = MultiInputEngine(
            Rig(try (0..<3).map { Sound(try compile(patch, name: "P\($0)", program: $0)) }), count: 3)
        hall.play(events)
        var wrong: [(frame: Int, notes: Int)] = [], next = 0
        while next < expected.count {
            let start = hall.engine.clock
            hall.render(64)
            while next < expected.count, expected[next].frame < start + 64 {
                if Int((hall.left[expected[next].frame - start] * 512).rounded()) != expected[next].notes {
                    wrong.append(expected[next])
                }
                next += 1
            }
        }
        #expect(wrong.isEmpty, "\(wrong.count) of \(expected.count), \(wrong.prefix(3))")
    }

    /// Random actions of three players, with at most 200 notes at once.
    private static func event(_ draw: inout Draw, _ hands: Hands) -> Event {
        let source = UInt16(draw.next(3)), channel = UInt8(draw.next(2))
        func control(_ number: UInt32, _ normalized: UInt32) -> Event {
            Event(
                .control, channel: channel, number: number, normalized: normalized, source: source,
                input: UInt8(source))
        }
        var kind = draw.next(1000)
        if hands.notes.count >= 200 { kind = 998 }
        let key = 40 + draw.next(20), isDown = draw.next(2) == 0 ? UInt32.max : 0
        switch kind {
        case 0..<460:
            return Event(
                .noteOn, channel: channel, number: key, normalized: NormalizedValue.scaled(100),
                source: source,
                input: UInt8(source))
        case 460..<860:
            return Event(.noteOff, channel: channel, number: key, source: source, input: UInt8(source))
        case 860..<910: return control(64, isDown)
        case 910..<940: return control(66, isDown)
        case 940..<960: return control(69, isDown)
        case 960..<980: return control(123, 0)
        case 980..<988: return Event(.sourceGone, source: source, input: UInt8(source))
        case 988..<994: return Event(.program, number: draw.next(3), source: source, input: UInt8(source))
        case 994..<997: return control(120, 0)
        default: return Event(.panic, source: source, input: UInt8(source))
        }
    }
}

/// The rules of the MIDI standard on held notes, in a second, simple implementation.
private struct Hands {
    struct Note {
        var source: UInt16
        var channel: UInt8
        var key: UInt32
        var isDown = true
        var isSustained = false
        var isCaught = false
    }
    private struct Pedal: Hashable {
        var number: UInt32
        var source: UInt16
        var channel: UInt8
    }

    private(set) var notes: [Note] = []
    private var down: Set<Pedal> = []

    private func isDown(_ number: UInt32, _ channel: UInt8) -> Bool {
        down.contains { $0.number == number && $0.channel == channel }
    }
    private func holds(_ channel: UInt8) -> Bool { isDown(64, channel) || isDown(69, channel) }

    mutating func apply(_ event: Event) {
        switch event.kind {
        case .noteOn:
            let open = notes.indices.filter {
                notes[$0].isDown && notes[$0].source == event.source && notes[$0].channel == event.channel
                    && notes[$0].key == event.number
            }
            // A key has two open note-ons at most.
            if open.count >= NoteTable.strokeLimit { letGo(open[0]) }
            notes.append(Note(source: event.source, channel: event.channel, key: event.number))
        case .noteOff:
            let index = notes.firstIndex {
                $0.isDown && $0.source == event.source && $0.channel == event.channel
                    && $0.key == event.number
            }
            if let index { letGo(index) }
        case .control where event.number == 120: notes.removeAll { $0.channel == event.channel }
        case .control where event.number == 123:
            for index in notes.indices where notes[index].channel == event.channel && notes[index].isDown {
                letGo(index)
            }
        case .control:
            move(
                Pedal(number: event.number, source: event.source, channel: event.channel),
                isDown: event.normalized > 0)
        case .sourceGone:
            for pedal in down where pedal.source == event.source { move(pedal, isDown: false) }
            notes.removeAll { $0.source == event.source }
        case .panic: (notes, down) = ([], [])
        default: break
        }
        notes.removeAll { !$0.isDown && !$0.isSustained && !$0.isCaught }
    }

    private mutating func letGo(_ index: Int) {
        notes[index].isDown = false
        notes[index].isSustained = holds(notes[index].channel)
    }

    private mutating func move(_ pedal: Pedal, isDown now: Bool) {
        let was = isDown(66, pedal.channel)
        if now { down.insert(pedal) } else { down.remove(pedal) }
        for index in notes.indices where notes[index].channel == pedal.channel {
            if !holds(pedal.channel) { notes[index].isSustained = false }
            if isDown(66, pedal.channel) != was { notes[index].isCaught = !was && notes[index].isDown }
        }
    }
}
