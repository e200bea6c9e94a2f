import Glibc
import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosPatch
import KairosSession
import KairosTestSupport
import Testing

/// Modulation of parameters that are read at note-on.
@Suite struct NoteOnModulationTests {
    /// A patch whose output is an envelope.
    private static func patch(
        _ connections: [String], voices: String = "8",
        env: String = "attack: 200 ms, decay: 0, sustain: 100 %",
        more: String = "", macros: String = ""
    ) throws -> Sound {
        Sound(
            try compile(
                """
                voices: \(voices)
                level: 0.0625
                modules:
                  keys: { type: keys }
                  env: { type: adsr, \(env), attackCurve: 0 %, release: 10 ms }
                \(more)  out: { type: output }
                connections:
                  - keys.gate -> env.gate
                  - env -> out
                \(connections.map { "  - \($0)\n" }.joined())\(macros)
                """))
    }

    /// The envelopes, at full scale: the patch's level keeps them below the limiter of the output.
    private static func levels(_ rendering: Rendering) -> [Float] { rendering.left.map { $0 * 16 } }

    /// Frames from a note-on to the peak.
    private static func attack(
        _ sound: Sound, _ events: [Event], from: Int = 0, frames: Int = 60_000, periods: [Int] = [256]
    ) -> Int {
        let value = Self.levels(Rendering([sound], events, frames: frames, periods: periods))
        return (value[from...].firstIndex { $0 >= 1 } ?? from - 1) - from + 1
    }

    @Test(arguments: [("0.1 x", 0.1), ("-2 oct", 0.25), ("4 x", 4.0)]) func `velocity scales the attack`(
        depth: String, factor: Double
    ) throws {
        let sound = try Self.patch(["keys.velocity -> env.attack @ \(depth)"])
        for velocity: UInt8 in [1, 32, 64, 100, 127] {
            var score = Score()
            score.on(777, 60, velocity: velocity)
            let signal = Double(NormalizedValue.fraction(NormalizedValue.scaled(velocity)))
            let expected = 9600 * pow(factor, signal)
            let found = Self.attack(sound, score.events, from: 777)
            #expect(abs(Double(found) - expected) <= 0.51 + expected * 1e-6, "velocity \(velocity)")
        }
    }

    @Test func `the key scales the decay, in octaves from middle C`() throws {
        let sound = try Self.patch(
            ["keys.keytrack -> env.decay @ 0.5 x"], env: "attack: 0, decay: 100 ms, sustain: 0 %")
        for key in [36, 48, 60, 67, 84] {
            var score = Score()
            score.on(0, key)
            let value = Self.levels(Rendering([sound], score.events, frames: 48_000))
            // 60 dB in the time, from the frame after the peak.
            let expected = 4800 * exp2(-Double(key - 60) / 12)
            let found = value.firstIndex { $0 < 0.001 } ?? .max
            #expect(abs(Double(found) - expected) < 1.5, "key \(key)")
        }
    }

    @Test func `each voice keeps the times of its own note`() throws {
        let sound = try Self.patch(["keys.velocity -> env.attack @ 0.1 x"])
        let notes: [(frame: Int, key: Int, velocity: UInt8)] = [
            (0, 60, 20), (1003, 64, 127), (2500, 67, 64), (2501, 72, 1),
        ]
        func render(_ notes: [(frame: Int, key: Int, velocity: UInt8)], _ periods: [Int]) -> Rendering {
            var score = Score()
            for note in notes {
                score.on(note.frame, note.key, velocity: note.velocity)
                score.off(note.frame + 12_000, note.key)
            }
            return Rendering([sound], score.events, frames: 24_000, periods: periods)
        }
        let all = render(notes, [256])
        let sum = notes.map { render([$0], [256]) }.reduce(Rendering(frames: 24_000)) { $0 + $1 }
        #expect((all - sum).peak < 1e-6)
        #expect(all.firstDifference(render(notes, [64, 7, 130])) == nil)
    }

    @Test func `a mono voice reads the new velocity, a legato one keeps the old one`() throws {
        for (voices, factor) in [("mono", 0.1), ("legato", nil as Double?)] {
            let sound = try Self.patch(
                ["keys.velocity -> env.attack @ 0.1 x"], voices: voices,
                env: "attack: 200 ms, decay: 10 s, sustain: 0 %")
            var score = Score()
            score.on(0, 60, velocity: 1)
            score.on(20_000, 64, velocity: 127)
            let value = Self.levels(Rendering([sound], score.events, frames: 40_000))
            let before = Double(value[19_999])
            #expect(before < 1 && before > 0.8)
            let peak = value[20_000...].firstIndex { $0 >= 1 }
            guard let factor else {
                #expect(peak == nil)
                continue
            }
            let expected = 9600 * factor * (1 - before)
            #expect(abs(Double((peak ?? 0) - 20_000 + 1) - expected) <= 1)
        }
    }

    @Test func `a macro still moves the time of a held note`() throws {
        let sound = try Self.patch(
            ["keys.velocity -> env.release @ 2 x"],
            env: "attack: 0, decay: 0, sustain: 100 %, releaseCurve: 0 %",
            macros: "macros:\n  - { name: R, to: env.release, range: [10 ms, 100 ms], role: release }")
        var score = Score()
        score.on(0, 60, velocity: 127)
        score.control(1000, 72, 127)
        score.off(2000, 60)
        let mapped = Sound(
            sound.compiled, mappings: [Mapping(name: "m", controls: [.init(.control(72), to: .macro(1))])])
        let value = Self.levels(Rendering([mapped], score.events, frames: 20_000))
        let end = value[2000...].firstIndex { $0 == 0 } ?? 0
        #expect(abs(end - 2000 - 9600) <= 2, "\(end)")
    }

    @Test func `several modulations multiply, and a switch can be modulated`() throws {
        let sound = try Self.patch(
            [
                "keys.velocity -> env.attack @ 0.5 x", "keys.keytrack -> env.attack @ 0.5 x",
                "keys.dynamics -> env.loop @ 1",
            ], env: "attack: 100 ms, decay: 100 ms, sustain: 0 %, decayCurve: 0 %")
        var score = Score()
        score.on(0, 72, velocity: 127)
        let loud = Self.levels(Rendering([sound], score.events, frames: 60_000))
        #expect(abs((loud.firstIndex { $0 >= 1 } ?? 0) + 1 - 1200) <= 1)
        #expect(loud[20_000...].contains { $0 >= 1 })
        score = Score()
        score.on(0, 72, velocity: 20)
        let soft = Self.levels(Rendering([sound], score.events, frames: 60_000))
        #expect(soft.max() == 1 && !soft[20_000...].contains { $0 > 0 })
    }

    @Test func `a compound module passes the modulation on`() throws {
        let swell = """
            modules:
              env: { type: adsr, attack: 200 ms, decay: 0, sustain: 100 %, attackCurve: 0 % }
            inlets:
              gate: env.gate
            outlets:
              output: env
            params:
              rise: env.attack
            """
        let sound = Sound(
            try compile(
                """
                level: 0.0625
                modules:
                  keys: { type: keys }
                  swell: { type: swell }
                  out: { type: output }
                connections:
                  - keys.gate -> swell.gate
                  - keys.velocity -> swell.rise @ 0.1 x
                  - swell -> out
                """, registry: .standard(with: ["swell": swell])))
        var score = Score()
        score.on(0, 60, velocity: 127)
        #expect(abs(Self.attack(sound, score.events) - 960) <= 1)
    }

    @Test(arguments: [
        ("keys.velocity -> env.attack", "needs a modulation depth, as in keys -> env.attack @ 0.5 x"),
        ("keys.velocity -> env.attack @ -50 ms", "a factor for a signal of 1, as in '0.5 x', or '-1 oct'"),
        ("keys.velocity -> env.attack @ x0.1", "write '0.1 x'"),
        ("keys.velocity -> lfo.shape @ 1", "'shape' has one value for all voices and cannot be modulated"),
        ("lfo -> bus.attack @ 2 x", "no note reaches the module; connect keys.gate to it"),
    ]) func `messages name the right form`(connection: String, message: String) {
        let more = "  lfo: { type: lfo }\n  bus: { type: adsr }\n"
        let error = #expect(throws: PatchError.self) { try Self.patch([connection], more: more) }
        let text = error?.faults.map(\.message).joined(separator: "\n") ?? ""
        #expect(text.contains(message), "\(text)")
    }

    /// An edit keeps the modulation of held notes: an edit that changes nothing is bit-exact, and another depth counts
    /// from the next note on.
    @Test func `a live edit keeps the times of held notes`() throws {
        let sound = try Self.patch(["keys.velocity -> env.attack @ 4 x"])
        let edited = try Self.patch(["keys.velocity -> env.attack @ 0.1 x"])
        func render(_ edit: Sound?) -> Rendering {
            let host = OfflineHost(Rig([sound]), mode: .entry)
            var score = Score()
            score.on(0, 60, velocity: 100)
            score.off(40_000, 60)
            score.on(50_000, 64, velocity: 127)
            host.play(score.events)
            var whole = Rendering(frames: 0)
            for frames in [5000, 55_000] {
                var part = Rendering(frames: frames)
                part.render(with: host)
                whole.left += part.left
                whole.right += part.right
                if frames == 5000, let edit { host.engine.sounds.replace(0, with: edit) }
            }
            return whole
        }
        let plain = render(nil)
        #expect(plain.firstDifference(render(sound)) == nil)
        let changed = render(edited)
        #expect(plain.left[..<50_000] == changed.left[..<50_000])
        let peak = Self.levels(changed)[50_000...].firstIndex { $0 >= 1 } ?? 0
        #expect(abs(peak + 1 - 50_000 - 960) <= 1)
    }

    /// The engine stops a voice that has been silent for a while, but not before its last stage.
    @Test func `a stage behind a silent one is heard`() throws {
        let sound = Sound(
            try compile(
                """
                level: 0.0625
                modules:
                  keys: { type: keys }
                  env: { type: envelope, stages: 4, sustain: 1, time2: 0, level2: 0 %, time3: 1 s, level3: 0 %, time4: 0, level4: 100 % }
                  out: { type: output }
                connections:
                  - keys.gate -> env.gate
                  - env -> out
                """))
        var score = Score()
        score.on(0, 60)
        score.off(4800, 60)
        let value = Self.levels(Rendering([sound], score.events, frames: 120_000))
        #expect(!value[4801..<52_000].contains { $0 != 0 })
        #expect(value[52_000..<53_000].contains { $0 == 1 })
        #expect(value[100_000...].allSatisfy { $0 == 0 })
    }

    /// Three minutes of a looped envelope: no pass is late by a frame.
    @Test func `a loop is exact over minutes`() throws {
        let sound = Sound(
            try compile(
                """
                level: 0.0625
                modules:
                  keys: { type: keys }
                  env: { type: envelope, stages: 2, sustain: 0, loopStart: 1, loopEnd: 2, time1: 71.37 ms, curve1: 0 %, time2: 41.53 ms, level2: 0 % }
                  out: { type: output }
                connections:
                  - keys.gate -> env.gate
                  - env -> out
                """))
        var score = Score()
        score.on(0, 60)
        let value = Self.levels(Rendering([sound], score.events, frames: 180 * 48_000))
        let first = Double(Float(0.071_37)) * 48_000, period = first + Double(Float(0.041_53)) * 48_000
        let peaks = value.indices.filter { value[$0] == 1 }
        #expect(peaks.count == Int((180 * 48_000 - first) / period) + 1)
        var worst = 0.0
        for (pass, frame) in peaks.enumerated() {
            worst = max(worst, abs(Double(frame + 1) - first - Double(pass) * period))
        }
        #expect(worst <= 0.51)
    }
}
