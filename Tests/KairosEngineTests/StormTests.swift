import Foundation
import KairosControl
import KairosDSP
import KairosEngine
import KairosTestSupport
import Testing

/// Anything at all, from several keyboards at once: nothing hangs, nothing leaves its range.
@Suite struct AnyMIDI {
    /// A tenth of what `make soak` plays.
    private static let count = ProcessInfo.processInfo.environment["KAIROS_SOAK"] == nil ? 100_000 : 1_000_000

    private struct Draw {
        var state: UInt64
        mutating func next(_ limit: UInt32) -> UInt32 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt32(truncatingIfNeeded: state >> 32) % limit
        }
    }

    /// What a channel is told at the end of an evening: pedals up, keys up.
    private func goodNight(_ score: inout [Event], _ stamp: UInt64, sources: UInt16) {
        for source in 0..<sources {
            for channel in UInt8(0)..<16 {
                for (number, value) in [(64, 0), (66, 0), (69, 0), (68, 0), (127, 0), (121, 0), (123, 0)]
                    as [(UInt32, UInt8)]
                {
                    score.append(
                        Event(
                            .control, stamp: stamp, channel: channel, number: number,
                            position: Position.scaled(value), source: source))
                }
            }
        }
    }

    /// Plays what was made, then waits; the level and the voices at the end, and what the reports said.
    private func play(_ events: [Event], seconds: Int) throws -> (last: Float, voices: Int, faults: [String])
    {
        let mapping = try Checkout.mappings()
        let sounds = try ["oak-bass", "slow-tide", "ivory-tines"].map { name in
            Sound(try #require(try Checkout.patches().first { $0.fileStem == name }), mappings: mapping)
        }
        let host = OfflineHost(Repertoire(sounds), mode: .entry)
        host.play(events)
        var left = [Float](repeating: 0, count: 4096), right = left, faults: [String] = []
        let blocks = (Int((events.last?.stamp ?? 0) / 1_000_000_000) + seconds) * 48_000 / 4096
        for _ in 0..<blocks {
            host.render(left: &left, right: &right, frames: 4096)
            if !left.allSatisfy({ abs($0) <= 1 }) { faults.append("a sample is out of range") }
            while let report = host.engine.nextReport() {
                guard report.kind == .event, report.outcome == .mapped, report.sound >= 0,
                    let (name, spec) = sounds[Int(report.sound)].compiled.param(at: Int(report.index))
                else { continue }
                if !spec.range.contains(report.value) { faults.append("\(name) was set to \(report.value)") }
            }
        }
        let peak = zip(left, right).reduce(Float(0)) { max($0, max(abs($1.0), abs($1.1))) }
        return (peak, host.engine.status.voices, faults)
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
                    .noteOn, channel: channel, number: draw.next(128), position: max(1 << 25, position))
            case 6..<12: event = Event(.noteOff, channel: channel, number: draw.next(128), position: position)
            case 12:
                event = Event(.polyPressure, channel: channel, number: draw.next(128), position: position)
            case 13: event = Event(.channelPressure, channel: channel, position: position)
            case 14: event = Event(.pitchBend, channel: channel, position: position)
            case 15:
                let kind: Event.Kind = draw.next(2) == 0 ? .registered : .nonRegistered
                event = Event(
                    parameter: kind, draw.next(8), Event.Part(rawValue: draw.next(5)) ?? .coarse,
                    channel: channel,
                    position: position)
            case 16 where draw.next(50) == 0: event = Event(.program, channel: channel, number: draw.next(16))
            default: event = Event(.control, channel: channel, number: draw.next(128), position: position)
            }
            event.stamp = stamp
            event.source = source
            events.append(event)
        }
        goodNight(&events, UInt64(Self.count) * 100_000, sources: 4)
        let (last, voices, faults) = try play(events, seconds: 30)
        #expect(voices == 0 && last == 0 && faults.isEmpty, "\(voices) voices, \(last), \(faults.prefix(3))")
    }

    @Test(.timeLimit(.minutes(30))) func `bytes at random through the decoder: afterwards silence`() throws {
        var draw = Draw(state: 0x2545_f491_4f6c_dd1d)
        var decoders = [MIDIDecoder(), MIDIDecoder()]
        var events: [Event] = []
        for index in 0..<Self.count {
            let door = Int(draw.next(2))
            // Half of them are data, so that messages come about.
            let byte = UInt8(draw.next(2) == 0 ? draw.next(128) : draw.next(256))
            decoders[door].take(byte) { event in
                var event = event
                event.stamp = UInt64(index) * 100_000
                event.door = UInt8(door)
                event.source = UInt16(door)
                events.append(event)
            }
        }
        goodNight(&events, UInt64(Self.count) * 100_000, sources: 2)
        let (last, voices, faults) = try play(events, seconds: 30)
        #expect(voices == 0 && last == 0 && faults.isEmpty, "\(voices) voices, \(last), \(faults.prefix(3))")
    }

    /// A table of its own says who holds what; the instrument's voices must agree after each event.
    @Test func `every note-on has its one note-off`() throws {
        var draw = Draw(state: 42)
        var held: [UInt32: Int] = [:]
        var score = Score()
        var expected: [(frame: Int, notes: Int)] = []
        for index in 0..<3000 {
            let key = 40 + draw.next(20), source = UInt16(draw.next(3)), channel = UInt8(draw.next(2))
            let name = key << 16 | UInt32(source) << 8 | UInt32(channel)
            let frame = 100 + index * 64
            if draw.next(2) == 0, held.values.reduce(0, +) < 200 {
                held[name, default: 0] += 1
                score.on(frame, Int(key), channel: channel, source: source)
            } else {
                held[name] = max(0, held[name, default: 0] - 1)
                score.off(frame, Int(key), channel: channel, source: source)
            }
            expected.append((frame + 40, held.values.reduce(0, +)))
        }
        let patch = try compile(
            """
            voices: 256
            level: 0.001953125
            modules:
              keys: { type: keys }
              env: { type: adsr, attack: 0 s, decay: 0 s, sustain: 100 %, release: 0 s }
              out: { type: output }
            wires:
              - keys.gate -> env.gate
              - env -> out
            """)
        let sound = Rendering([Sound(patch)], score.events, frames: 100 + 3001 * 64)
        let wrong = expected.filter { Int((sound.left[$0.frame] * 512).rounded()) != $0.notes }
        #expect(wrong.isEmpty, "\(wrong.prefix(3))")
    }
}
