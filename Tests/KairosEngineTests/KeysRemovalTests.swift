import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosSession
import KairosTestSupport
import Testing

/// Live edits that remove `keys` from a playing patch, and add it again.
@Suite struct KeysRemovalTests {
    /// A tone of 880 Hz that sounds without notes.
    private static func drone() throws -> Sound {
        Sound(
            try compile(
                """
                level: -12 dB
                modules:
                  osc1: { type: sine, frequency: 880 Hz }
                  filt1: { type: biquad, cutoff: 2 kHz }
                  out: { type: output }
                connections:
                  - osc1 -> filt1
                  - filt1 -> out
                """))
    }

    /// Renders held notes with a patch with `keys`, then `drone`, then the first patch again, each for a second.
    private static func render(periods: [Int]) throws -> Rendering {
        let tone = Sound(try compile(TonePatch.text())), drone = try drone()
        var score = Score()
        for key in [45, 57, 64] { score.on(300, key) }
        score.on(60_000, 72)
        for key in [45, 57, 64, 72] { score.off(70_000, key) }
        for key in [50, 62] { score.on(110_000, key) }
        let host = OfflineHost(Rig([tone]), mode: .entry)
        host.play(score.events)
        var whole = Rendering(frames: 0)
        for sound in [drone, tone, nil] {
            var part = Rendering(frames: 48_000)
            part.render(with: host, periods: periods)
            whole.left += part.left
            whole.right += part.right
            if let sound { host.engine.sounds.replace(0, with: sound) }
        }
        return whole
    }

    /// Fails if the transition has a module box for `keys` that cannot be made or run.
    @Test func `keys can be removed under held notes, and added again`() throws {
        let sound = try Self.render(periods: [256])
        #expect(sound.left.allSatisfy { $0.isFinite })
        func peak(_ range: Range<Int>) -> Float { sound.left[range].map(abs).max() ?? 0 }
        #expect(peak(20_000..<47_000) > 0.05, "the notes sound")
        // Only the tone: its rising zero crossings, and no beat by a note.
        let drone = sound.left[50_000..<94_000]
        let crossings = drone.indices.dropFirst().count { drone[$0 - 1] < 0 && drone[$0] >= 0 }
        #expect(abs(crossings - 44_000 * 880 / 48_000) <= 1, "\(crossings)")
        #expect(abs(peak(50_000..<60_000) - peak(84_000..<94_000)) < 1e-3)
        #expect(peak(98_000..<109_000) < 1e-4, "the tone has ended with the edit")
        #expect(peak(115_000..<143_000) > 0.05, "new notes sound")
        // A step would show as a sample that differs much from the one before.
        for edit in [48_000, 96_000] {
            let steps = (edit - 100..<edit + 1000).map { abs(sound.left[$0] - sound.left[$0 - 1]) }
            #expect(steps.max() ?? 1 < 0.1, "a click at \(edit)")
        }
    }

    /// Fails if the outlets of removed keys are not written, so that held notes change their pitch while they fade.
    @Test func `held notes keep their pitch while removed keys fade`() throws {
        let tone = Sound(try compile(TonePatch.text())), drone = try Self.drone()
        var score = Score()
        for key in [45, 57, 64] { score.on(300, key) }
        func render(_ edit: Sound) -> [Float] {
            let host = OfflineHost(Rig([tone]), mode: .entry)
            host.play(score.events)
            var before = Rendering(frames: 48_000), after = Rendering(frames: 480)
            before.render(with: host, periods: [256])
            host.engine.sounds.replace(0, with: edit)
            after.render(with: host, periods: [96])
            return after.left
        }
        let whole = render(tone), faded = render(drone)
        for n in 0..<480 {
            let gain = Float(n + 1) / 480
            // The rest is the drone: a sine at −12 dB.
            #expect(abs(faded[n] - whole[n] * (1 - gain)) <= 0.2513 * gain + 1e-3, "frame \(n)")
        }
    }

    @Test func `the edits sound the same for any block size`() throws {
        let long = try Self.render(periods: [256]), short = try Self.render(periods: [96, 64, 96])
        #expect(long == short)
    }
}
