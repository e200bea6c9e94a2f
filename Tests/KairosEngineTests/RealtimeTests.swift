import CRealtime
import Foundation
import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosTestSupport
import Testing

/// Forbidden operations on the audio thread. The engine marks its own render for RealtimeSanitizer, so every test
/// of this process that renders is checked from its first block. These tests send every kind of event.
@Suite struct RealtimeSafety {
    /// Notes beyond every limit, all controllers, pedals, bends, pressures, program changes and panic.
    private static func part(seed: UInt32, frames: Int) -> [Event] {
        var state = seed
        func draw(_ bound: Int) -> Int {
            state = scrambled(state &+ 0x9e37_79b9)
            return Int(state) % bound
        }
        let timebase = Timebase.offline(sampleRate: 48_000)
        return (0..<frames / 40).map { _ in
            let number = UInt32(draw(128)), channel = UInt8(draw(4))
            let kind: Event.Kind =
                switch draw(100) {
                case 0..<45: .noteOn
                case 45..<70: .noteOff
                case 70..<84: .control
                case 84..<88: .pitchBend
                case 88..<91: .channelPressure
                case 91..<94: .polyPressure
                case 94..<98: .program
                case 98: .nextEntry
                default: draw(8) == 0 ? .panic : .sourceGone
                }
            let position = NormalizedValue.scaled(UInt8(1 + draw(127)))
            return Event(
                kind, stamp: timebase.stamp(of: draw(frames)), channel: channel,
                number: kind == .program ? number % 12 : number,
                normalized: position, source: UInt16(draw(5)))
        }.sorted { $0.stamp < $1.stamp }
    }

    @Test func `the sanitizer is linked where tests count`() {
        // A violation must end the process; otherwise the other tests of this file prove nothing.
        guard ProcessInfo.processInfo.environment["CI"] != nil else { return }
        #expect(crt_realtime_sanitizer_present())
    }

    @Test(arguments: 0..<13)
    func `every patch renders a part's storm without allocating, locking or waiting`(
        patch: Int
    ) throws {
        let mappings = try Checkout.mappings()
        let entries = try Checkout.patches().map { Sound($0, mappings: mappings) }
        let frames = 48_000
        let events = Self.part(seed: UInt32(patch), frames: frames)
        for mode in EngineSetup.Mode.allCases {
            let sound = Rendering(
                entries, events, frames: frames, mode: mode, first: patch, periods: [64, 128, 1024, 17])
            #expect(sound.peak > 0.01)
            #expect(sound.left.allSatisfy(\.isFinite) && sound.right.allSatisfy(\.isFinite))
        }
    }

    @Test(.enabled(if: crt_realtime_sanitizer_present())) func `a deliberate violation is caught`() async {
        await #expect(processExitsWith: .failure) {
            crt_realtime_enter()
            let memory = UnsafeMutablePointer<Int>.allocate(capacity: 100_000)
            crt_realtime_exit()
            memory.deallocate()
        }
    }
}
