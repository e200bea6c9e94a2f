import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosTestSupport
import Testing

/// Mono, legato, portamento control, pedals and lost note-offs in random order, compared with a simple model.
@Suite struct VoiceModel {
    private static let count = 30_000
    private static let spacing = 64

    /// Random actions of two players on two channels, with at most 40 notes at once.
    private static func event(_ draw: inout Draw, _ model: Model) -> Event {
        let source = UInt16(draw.next(2)), channel = UInt8(draw.next(2)), key = 60 + draw.next(8)
        let isDown = draw.next(2) == 0 ? UInt32.max : 0
        func control(_ number: UInt32, _ normalized: UInt32) -> Event {
            Event(.control, channel: channel, number: number, normalized: normalized, source: source)
        }
        switch model.notes.count >= 40 ? 999 : draw.next(1000) {
        case 0..<420:
            return Event(
                .noteOn, channel: channel, number: key, normalized: NormalizedValue.scaled(100),
                source: source)
        case 420..<800: return Event(.noteOff, channel: channel, number: key, source: source)
        case 800..<840: return control(64, isDown)
        case 840..<865: return control(66, isDown)
        case 865..<885: return control(69, isDown)
        case 885..<925: return control(68, isDown)
        case 925..<965: return control(84, NormalizedValue.scaled(UInt8(key)))
        case 965..<975: return control(126, 0)
        case 975..<985: return control(127, 0)
        case 985..<992: return control(123, 0)
        default: return Event(.sourceGone, source: source)
        }
    }

    /// The sum of an outlet of `keys` over the voices with a high gate, shortly after each event.
    private func sums(_ outlet: String, _ events: [Event]) throws -> [Float] {
        let patch = """
            voices: 64
            level: 0.00390625
            modules:
              keys: { type: keys }
              env: { type: adsr, attack: 0 s, decay: 0 s, sustain: 100 %, release: 0 s }
              vca: { type: vca }
              out: { type: output }
            connections:
              - keys.gate -> env.gate
              - keys.\(outlet) -> vca
              - env -> vca.level
              - vca -> out
            """
        let sound = Rendering(
            [Sound(try compile(patch))], events, frames: (events.count + 1) * Self.spacing)
        return events.indices.map { sound.left[($0 + 1) * Self.spacing + 40] * 256 }
    }

    /// Fails where a voice is stuck, is doubled, or has a wrong key.
    @Test(arguments: [UInt64(7), 11, 13]) func `voices and their keys are those of the model, and end`(
        seed: UInt64
    ) throws {
        var draw = Draw(state: seed), model = Model(), events: [Event] = [], expected: [[UInt32]] = []
        func play(_ event: Event) {
            var event = event
            let timebase = Timebase.offline(sampleRate: 48_000)
            event.stamp = timebase.stamp(of: (events.count + 1) * Self.spacing)
            model.apply(event)
            events.append(event)
            expected.append(model.keys)
        }
        for _ in 0..<Self.count { play(Self.event(&draw, model)) }
        // Pedals up, and two note-offs for each key, because a key can have two open note-ons at most.
        for source in UInt16(0)..<2 {
            for channel in UInt8(0)..<2 {
                for pedal: UInt32 in [64, 66, 69] {
                    play(Event(.control, channel: channel, number: pedal, source: source))
                }
                for key in UInt32(60)..<68 {
                    for _ in 0..<2 {
                        play(Event(.noteOff, channel: channel, number: key, source: source))
                    }
                }
            }
        }
        #expect(expected.last == [])
        // Keys whose sum identifies the set of keys in nearly every case.
        let keys = try sums("note", events), velocities = try sums("velocity", events)
        let one = NormalizedValue.fraction(NormalizedValue.scaled(100))
        var wrong: [Int] = []
        for index in events.indices {
            let sum = expected[index].reduce(0, +), count = Float(expected[index].count)
            if keys[index] != Float(sum) || abs(velocities[index] - count * one) > 0.01 {
                wrong.append(index)
            }
        }
        #expect(wrong.isEmpty, "\(wrong.count) of \(events.count), the first at \(wrong.first ?? -1)")
        // The random actions are sufficient: several voices of one channel, and voices that other notes wait for.
        #expect(model.ties > 500 && model.portamenti > 100 && model.returns > 300 && model.surplus > 300)
    }
}

/// The state of the model: the held notes, the voice of each, and the notes that wait for a voice.
private struct Model {
    struct Note {
        var id: Int
        var source: UInt16
        var channel: UInt8
        var key: UInt32
        var voice: Int
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
    /// The note that each voice plays.
    private var playing: [Int: Int] = [:]
    private var down: Set<Pedal> = []
    private var legato: [UInt8: UInt16] = [:]
    private var mono: Set<UInt8> = []
    private var named: [UInt8: UInt32] = [:]
    private var next = 0
    private(set) var ties = 0, portamenti = 0, returns = 0, surplus = 0

    /// The keys that sound.
    var keys: [UInt32] { notes.filter(isPlaying).map(\.key) }

    private func isPlaying(_ note: Note) -> Bool { playing[note.voice] == note.id }
    private func isDown(_ number: UInt32, _ channel: UInt8) -> Bool {
        down.contains { $0.number == number && $0.channel == channel }
    }
    private func holds(_ channel: UInt8) -> Bool { isDown(64, channel) || isDown(69, channel) }

    mutating func apply(_ event: Event) {
        let channel = event.channel, source = event.source
        func isKey(_ note: Note, _ key: UInt32) -> Bool {
            note.source == source && note.channel == channel && note.key == key
        }
        switch event.kind {
        case .noteOn: strike(event)
        case .noteOff:
            if let index = notes.firstIndex(where: { $0.isDown && isKey($0, event.number) }) { letGo(index) }
        case .sourceGone:
            for pedal in down where pedal.source == source { move(pedal, isDown: false) }
            legato = legato.filter { $0.value != source }
            for index in notes.indices where notes[index].source == source {
                (notes[index].isDown, notes[index].isSustained, notes[index].isCaught) = (false, false, false)
            }
        default:
            switch event.number {
            case 68: legato[channel] = event.normalized > 0 ? source : nil
            case 84: named[channel] = event.normalized >> 25
            case 123, 126, 127:
                if event.number == 126 { mono.insert(channel) }
                if event.number == 127 { mono.remove(channel) }
                for index in notes.indices where notes[index].channel == channel && notes[index].isDown {
                    letGo(index)
                }
            default:
                move(
                    Pedal(number: event.number, source: source, channel: channel),
                    isDown: event.normalized > 0)
            }
        }
        endReleased()
    }

    private mutating func strike(_ event: Event) {
        let channel = event.channel
        let open = notes.indices.filter {
            notes[$0].isDown && notes[$0].source == event.source && notes[$0].channel == channel
                && notes[$0].key == event.number
        }
        if open.count >= 2 {
            letGo(open[0])
            surplus += 1
            endReleased()
        }
        next += 1
        var note = Note(id: next, source: event.source, channel: channel, key: event.number, voice: next)
        let isPoly = legato[channel] == nil && !mono.contains(channel)
        let held = notes.filter { $0.channel == channel && isPlaying($0) }
        let source = named.removeValue(forKey: channel).flatMap { key in
            held.last { $0.source == event.source && $0.key == key }
        }
        if let source {
            portamenti += 1
            if isPoly {
                playing[source.voice] = nil
                notes.removeAll { $0.id == source.id }
            } else {
                note.voice = source.voice
            }
        } else if !isPoly, let newest = held.last {
            ties += 1
            note.voice = newest.voice
        }
        playing[note.voice] = note.id
        notes.append(note)
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

    private mutating func endReleased() {
        let ended = notes.filter { !$0.isDown && !$0.isSustained && !$0.isCaught }
        notes.removeAll { !$0.isDown && !$0.isSustained && !$0.isCaught }
        for note in ended where isPlaying(note) {
            let before = notes.last { $0.voice == note.voice }
            if before != nil { returns += 1 }
            playing[note.voice] = before?.id
        }
    }
}
