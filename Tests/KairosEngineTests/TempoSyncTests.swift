import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosFiles
import KairosPatch
import KairosSession
import KairosTestSupport
import Testing

/// Note values in patches, macros and mappings, followed by the whole engine.
@Suite struct TempoSyncTests {
    /// An LFO's saw, −1 … 1 times 0.1, at the output.
    private func lfo(_ rate: String, name: String = "A", program: Int = 0, more: String = "") throws -> Sound
    {
        Sound(try patch(rate, name: name, program: program, more: more))
    }

    private func patch(
        _ rate: String, name: String = "A", program: Int = 0, more: String = ""
    ) throws -> CompiledPatch {
        try compile(
            """
            level: 0.1
            modules:
              wave: { type: lfo, rate: \(rate), shape: saw }
              out: { type: output }
            connections:
              - wave -> out
            \(more)
            """, name: name, program: program)
    }

    /// A clock with a start before its first tick at `frame`, with some jitter.
    private func clock(
        _ score: inout Score, _ tempo: Double, from frame: Int, to end: Int, jitter: Int = 0,
        starts: Bool = true
    ) {
        if starts { score.add(frame - 10, Event(.start)) }
        var draw = Draw(state: 99), tick = 0
        while true {
            let due = frame + Int(Double(tick) * 48_000 * 60 / 24 / tempo)
            guard due < end else { return }
            let late = jitter > 0 ? Int(draw.next() % UInt64(2 * jitter)) - jitter : 0
            score.add(tick == 0 ? due : due + late, Event(.clock))
            tick += 1
        }
    }

    /// Distance in turns of a sample from the phase of a saw.
    private func distance(_ sample: Float, _ turns: Double) -> Double {
        let phase = Double(sample) * 10 / 2
        return abs(phase - turns - (phase - turns).rounded())
    }

    @Test func `an LFO at 1/4 is in phase with a jittery MIDI clock, for any block size`() throws {
        var score = Score()
        clock(&score, 120, from: 12_000, to: 480_000, jitter: 40)
        let rig = Rig([try lfo("1/4")])
        let sound = Rendering(rig, score.events, frames: 480_000, periods: [256])
        // From the second bar on, at every half beat: within 1 ms, 2/1000 of a cycle.
        for half in stride(from: 9, to: 38, by: 1) {
            let frame = 12_000 + half * 12_000 + 600
            #expect(distance(sound.left[frame], Double(half) / 2 + 0.025) < 0.002, "half beat \(half)")
        }
        for periods in [[64], [1024], [1, 7, 333, 64, 15]] {
            let other = Rendering(rig, score.events, frames: 480_000, periods: periods)
            #expect(other.firstDifference(sound) == nil)
        }
    }

    @Test func `a program change in the middle of a bar keeps the phase`() throws {
        var score = Score()
        clock(&score, 100, from: 4800, to: 480_000)
        score.program(211_111, 1)
        let rig = Rig([try lfo("1/4"), try lfo("1/2", name: "B", program: 1)])
        let sound = Rendering(rig, score.events, frames: 400_000)
        for beat in 1..<13 {
            let frame = 4800 + beat * 28_800 + 3000
            guard frame < 400_000, frame < 200_000 || frame > 216_000 else { continue }
            let period = frame < 211_111 ? 1.0 : 2.0
            // The old patch sounds without notes, and ends with the change.
            #expect(
                distance(sound.left[frame], (Double(beat) + 3000.0 / 28_800) / period) < 0.003, "beat \(beat)"
            )
        }
    }

    /// True if a cycle lasts so many frames, give or take two, from the last two jumps of the saw.
    private func cycle(_ sound: Rendering, lasts frames: Int, within tolerance: Int = 2) -> Bool {
        let jumps = (1..<sound.left.count).filter { sound.left[$0] < sound.left[$0 - 1] - 0.1 }
        guard jumps.count > 1 else { return false }
        return abs(jumps[jumps.count - 1] - jumps[jumps.count - 2] - frames) <= tolerance
    }

    @Test func `without a clock the session's tempo counts, and a stopped transport is free`() throws {
        let rig = Rig([try lfo("1/8")])
        // 120 BPM: a quarter of a second.
        #expect(cycle(Rendering(rig, [], frames: 96_000), lasts: 12_000))
        var score = Score()
        score.add(1000, Event(.setTempo(60)))
        #expect(cycle(Rendering(rig, score.events, frames: 240_000), lasts: 24_000))
        // Started by its own tempo, it is locked: beat 0 is at the start.
        score.add(50_000, Event(.startStop))
        let sound = Rendering(rig, score.events, frames: 240_000)
        #expect(distance(sound.left[50_000 + 96_000 + 2400], 0.1) < 1e-3)
        // The clock's tempo stays when it has ended.
        var other = Score()
        clock(&other, 90, from: 1000, to: 200_000)
        let after = Rendering(rig, other.events, frames: 480_000)
        #expect(cycle(after, lasts: 16_000, within: 18))
    }

    @Test func `a macro over note values moves over the list, and one in hertz stays in hertz`() throws {
        func lasts(_ frames: Int, _ range: String, _ value: UInt8, rate: String = "1 Hz") throws -> Bool {
            let macro = "macros:\n  - { name: Rate, to: wave.rate\(range) }"
            let mapping = try MappingFile.parse(
                "kairos: mapping/1\ncontrols:\n  - { cc: 20, to: macro 1 }\n", file: "m.yaml")
            let sound = Sound(try patch(rate, more: macro), mappings: [mapping])
            var score = Score()
            score.control(100, 20, value)
            return cycle(Rendering(Rig([sound]), score.events, frames: 384_000), lasts: frames)
        }
        let range = ", range: [1/1, 1/4]"
        // 1/1, 1/2., 1/1t, 1/2, 1/4., 1/2t, 1/4: seven values, and 1/4 is the least at the top.
        #expect(try lasts(96_000, range, 0))
        #expect(try lasts(24_000, range, 127))
        #expect(try lasts(48_000, range, 64))
        #expect(try lasts(12_000, ", range: [1 Hz, 4 Hz]", 127))
        // Without a range: all note values where the patch has one, faster at the top.
        #expect(try lasts(1000, "", 127, rate: "1/4"))
        #expect(try lasts(960, "", 127))
    }

    @Test func `errors name the position and the nearest right form`() throws {
        func fault(_ rate: String, _ more: String = "") -> String {
            do {
                _ = try patch(rate, more: more)
                return ""
            } catch { return "\(error)" }
        }
        #expect(fault("1/8d").contains("wave.rate: '1/8d' is not a note value; did you mean '1/8.'?"))
        #expect(fault("3/16").contains("did you mean '1/8.'?"))
        let mixed = fault("1/8", "macros:\n  - { name: R, to: wave.rate, range: [1/8, 2 Hz] }")
        #expect(mixed.contains("one end of the range is a note value and the other is not"))
        #expect(
            fault("1/8", "macros:\n  - { name: R, to: wave.phase, range: [1/8, 90 deg] }").contains(
                "note value"))
    }

    /// Fails where a delay keeps its seconds when the tempo changes.
    @Test func `a delay time of 1/8 follows the tempo`() throws {
        let patch = try compile(
            """
            level: 0.1
            modules:
              keys: { type: keys }
              env: { type: adsr, attack: 0 s, decay: 1 ms, sustain: 0 %, release: 0 s }
              echo: { type: delay, each: once, time: 1/8, feedback: 0 %, mix: 100 % }
              out: { type: output }
            connections:
              - keys.gate -> env.gate
              - env -> echo
              - echo -> out
            """, name: "A")
        var score = Score()
        score.on(10_000, 60)
        score.off(11_000, 60)
        score.add(40_000, Event(.setTempo(60)))
        score.on(60_000, 60)
        score.off(61_000, 60)
        let sound = Rendering(Rig([Sound(patch)]), score.events, frames: 120_000)
        func peak(_ frames: Range<Int>) -> Int {
            frames.max { sound.left[$0] < sound.left[$1] } ?? 0
        }
        #expect(abs(peak(10_000..<40_000) - 22_000) <= 64)
        #expect(abs(peak(60_000..<120_000) - 84_000) <= 64)
    }
}
