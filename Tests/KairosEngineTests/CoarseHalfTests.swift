import KairosControl
import KairosDSP
import KairosFiles
import KairosTestSupport
import Testing

@testable import KairosCompiler
@testable import KairosEngine
@testable import KairosSession

/// A coarse half of a 14-bit controller without a fine half is the whole value after 20 ms, whatever happens
/// meanwhile.
@Suite struct CoarseHalfTests {
    private static let pair = Mapping.Control(.controlPair(16, 48), to: .macro(1))
    /// The position of a coarse half of 32 whose fine half is 0.
    private static let alone = Float(32 * 128) / 16_383

    private func sound(_ text: String = LevelPatch.text(), number: Int = 0, mapping: Mapping? = nil) throws
        -> Sound
    {
        Sound(
            try compile(text, name: "P\(number)", program: number),
            mappings: [mapping ?? Mapping(name: "m", controls: [Self.pair])])
    }

    private func isAlone(_ amplitude: Float) -> Bool {
        abs(cubeRootPrecise(amplitude) - Self.alone) < 0.0005
    }

    /// Fails where a change that waits for a controller counts as one that waits for a slot: an edit would drop it.
    @Test(arguments: 0..<4) func `an edit in between loses nothing`(changes: Int) throws {
        for movements in 1...4 {
            for edits in [false, true] {
                let sounds = try (0..<2).map { try sound(number: $0) }
                let host = OfflineHost(Rig(sounds), mode: .entry)
                var score = Score()
                for change in 0..<changes { score.program(100 + 100 * change, (change + 1) % 2) }
                for movement in 0..<movements {
                    score.control(1000 + 10 * movement, 16, 100)
                    score.control(1005 + 10 * movement, 48, UInt8(5 + movement))
                }
                score.on(2000, 60)
                score.control(4000, 16, 32)
                host.play(score.events)
                var before = Rendering(frames: 4100), after = Rendering(frames: 5000)
                before.render(with: host, periods: [64])
                if edits {
                    let text = LevelPatch.text().replacing("attack: 0 s", with: "attack: 1 ms")
                    for number in 0..<2 {
                        host.engine.sounds.replace(number, with: try sound(text, number: number))
                    }
                }
                after.render(with: host, periods: [64])
                #expect(
                    isAlone(after.left[4900]),
                    "\(changes) changes, \(movements) movements, edit \(edits): \(cubeRootPrecise(after.left[4900]))"
                )
            }
        }
    }

    /// Fails where the value acts on the member channel and not on the zone's master channel that it addressed.
    @Test(arguments: [0, 1, 5] as [UInt8]) func `on an MPE member channel it acts on its zone`(channel: UInt8)
        throws
    {
        let mapping = try MappingFile.parse(
            "kairos: mapping/1\nmpe: { lower: 15 }\ncontrols:\n  - { cc: [16, 48], to: macro 1 }\n",
            file: "m.yaml")
        let list = try SetListFile.parse(
            "kairos: setlist/1\nentries:\n  - { name: One, program: 0, layers: [ { patch: P0, channel: 1 } ] }\n",
            file: "test.setlist.yaml")
        let patch = try compile(LevelPatch.text(), name: "P0")
        let (rig, faults) = list.rig([patch], mappings: [mapping])
        #expect(faults == [])
        var score = Score()
        score.on(500, 60)
        score.control(1000, 16, 100, channel: channel)
        score.control(1010, 48, 5, channel: channel)
        score.control(4000, 16, 32, channel: channel)
        let rendering = Rendering(rig, score.events, frames: 9600)
        #expect(isAlone(rendering.left[9000]), "\(cubeRootPrecise(rendering.left[9000]))")
    }

    /// Fails where a message that acts earlier within a long block overtakes the end of the wait.
    @Test func `it is the same for any block size`() throws {
        var score = Score()
        score.on(500, 60)
        score.control(1000, 16, 100)
        score.control(1010, 48, 5)
        for step in 0..<20 {
            score.control(4000 + 1100 * step, 16, UInt8(20 + 3 * step))
            // Some fine halves come just before the wait ends, some just after.
            if step % 3 > 0 { score.control(4000 + 1100 * step + 950 + 5 * step, 48, UInt8(3 * step)) }
        }
        let whole = Rendering([try sound()], score.events, frames: 30_000, periods: [8192])
        for periods in [[16], [64], [1000], [1, 47, 333]] {
            let other = Rendering([try sound()], score.events, frames: 30_000, periods: periods)
            #expect(whole.firstDifference(other) == nil, "\(periods)")
        }
    }

    /// Fails where a full queue drops the change that has waited longest.
    @Test func `more changes at once than the queue holds lose nothing`() throws {
        let mixes = (0..<700).map { "  m\($0): { type: mix, gainA: 0 % }\n" }.joined()
        let connections = (0..<700).map { "  - mix -> m\($0).a\n  - m\($0) -> out\n" }.joined()
        let text = LevelPatch.text().replacing(
            "  out: { type: output }\n", with: mixes + "  out: { type: output }\n"
        )
        .replacing("  - mix -> out\n", with: connections)
        let host = OfflineHost(Rig([try sound(text)]), mode: .entry)
        var score: [Event] = []
        let timebase = Timebase.offline(sampleRate: 48_000)
        func control(_ frame: Int, _ number: UInt32, _ value: UInt8) {
            score.append(
                Event(
                    .control, stamp: timebase.stamp(of: frame), number: number,
                    normalized: NormalizedValue.scaled(value)))
        }
        control(1000, 16, 100)
        control(1010, 48, 5)
        control(4000, 16, 32)
        let names = ["gainA", "gainB", "gainC", "gainD"]
        for module in 0..<700 {
            for name in names {
                score.append(
                    Event(
                        set: ParamKeys.key("m\(module)", name), of: 0, to: 0.5,
                        stamp: timebase.stamp(of: 4100)))
            }
        }
        host.play(score)
        var sound = Rendering(frames: 9600)
        sound.render(with: host)
        let instance = host.engine.audio.withValue { $0.playback.instance(ofLayer: 0) }
        let params = try #require(instance).core.pointee.params
        let moved = (0..<params.count).count { params.target($0) == 0.5 }
        #expect(moved == 2800, "\(moved)")
        let level = (0..<params.count).first { abs(cubeRootPrecise(params.target($0)) - Self.alone) < 0.0005 }
        #expect(level != nil)
    }
}
