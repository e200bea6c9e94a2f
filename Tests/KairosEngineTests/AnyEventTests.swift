import KairosControl
import KairosDSP
import KairosPatch
import KairosTestSupport
import Testing

@testable import KairosCompiler
@testable import KairosEngine
@testable import KairosSession

/// Events and settings with any bits do not end the audio thread.
@Suite struct AnyEventTests {
    /// Fails where arithmetic on a field of an event traps.
    @Test(arguments: [EngineSetup.Mode.entry, .multi]) func `events with random bits in every field`(
        mode: EngineSetup.Mode
    ) throws {
        let kinds = Event.Kind.allCases
        let mappings = try Checkout.mappings()
        let sounds = try Checkout.patches().prefix(3).map { Sound($0, mappings: mappings) }
        let host = OfflineHost(Rig(sounds), mode: mode)
        let extremes: [UInt32] = [0, 1, 127, 128, 0x7fff_ffff, 0x8000_0000, 0x7fc0_0000, 0xff80_0000, .max]
        var state: UInt32 = 1
        func draw() -> UInt32 {
            state = scrambled(state &+ 0x9e37_79b9)
            return state
        }
        func field() -> UInt32 {
            let bits = draw()
            return bits & 1 == 0 ? extremes[Int(bits >> 1) % extremes.count] : draw()
        }
        let events = (0..<30_000).map { index in
            Event(
                kinds[Int(draw()) % kinds.count], stamp: UInt64(index) * 20_000, channel: UInt8(draw() & 255),
                number: field(), normalized: field(), source: UInt16(draw() & 0xffff),
                input: UInt8(draw() & 255))
        }
        host.play(events)
        var sound = Rendering(frames: 30_000)
        sound.render(with: host)
        let isFinite = sound.left.allSatisfy(\.isFinite) && sound.right.allSatisfy(\.isFinite)
        #expect(isFinite)
    }

    /// Fails where a setting from a file or a client is converted without a test of its range.
    @Test func `settings beyond every range`() throws {
        for value in [Float.nan, .infinity, -.infinity, .greatestFiniteMagnitude, -1e9, -0.5, 1e9] {
            for whole in [Int.min, -1, Int(Int32.max), .max] {
                var settings = LiveSettings()
                settings.tempo = value
                settings.volume = value
                settings.balance = value
                settings.fineTuning = value
                settings.coarseTuning = value
                for index in settings.channels.indices {
                    settings.channels[index].volume = value
                    settings.channels[index].pan = value
                    settings.channels[index].bendRange = value
                    settings.channels[index].fineTuning = whole
                    settings.channels[index].coarseTuning = whole
                    settings.channels[index].tuningProgram = whole
                }
                settings.tunings = [whole: [whole: value]]
                let host = OfflineHost(Rig([Sound(try Timeline.patch("A"))]), mode: .entry)
                _ = host.engine.begin(settings, values: [])
                var events = [Event(.noteOn, number: 60, normalized: .max)]
                for part in [Event.Part.coarse, .fine, .whole, .increment, .decrement] {
                    for number in UInt32(0)...3 {
                        events.append(
                            Event(
                                parameter: .registered, number, part, channel: 0,
                                normalized: NormalizedValue.centre))
                    }
                }
                host.play(events)
                var sound = Rendering(frames: 256)
                sound.render(with: host)
                let isFinite = sound.left.allSatisfy(\.isFinite)
                #expect(isFinite, "\(value), \(whole)")
            }
        }
    }

    /// Fails where releasing the notes of one keyboard costs the square of their number, or ends other notes.
    @Test func `a thousand held notes are released at once`() {
        var notes = NoteTable()
        for index in 0..<NoteTable.capacity {
            _ = notes.add(
                NoteTable.Note(
                    serial: UInt32(index), source: UInt16(index % 2), channel: 0, key: UInt8(index % 128),
                    home: 0,
                    channelState: 0, slot: 0, pitch: 60, velocity: 1, gain: 1))
        }
        notes.release(source: 1)
        let count = notes.popReleased(), again = notes.count
        #expect(count == 512 && again == 512)
        #expect((0..<count).allSatisfy { notes.released($0).serial == UInt32(2 * $0 + 1) })
        #expect((0..<again).allSatisfy { notes[$0].serial == UInt32(2 * $0) })
        let none = notes.popReleased()
        #expect(none == 0)
    }
}
