import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosSession
import KairosTestSupport
import Testing

/// Live edits of a playing patch.
@Suite struct EditTests {
    private static let patches = Result { try Checkout.patches() }

    /// Chords, a pedal and a bend; the last keys are released before the end.
    private static func chords() -> [Event] {
        var score = Score()
        for (index, key) in [45, 57, 60, 64, 69, 72].enumerated() {
            score.on(300 + 37 * index, key, velocity: 60 + 8 * UInt8(index))
        }
        score.control(15_000, 64, 127)
        score.bend(20_000, 3000)
        for key in [45, 57, 60] { score.off(21_000, key) }
        for (index, key) in [48, 55, 62].enumerated() { score.on(26_011 + 29 * index, key) }
        for key in [64, 69, 72] { score.off(30_000, key) }
        score.control(38_000, 64, 0)
        for key in [48, 55, 62] { score.off(40_000, key) }
        return score.events
    }

    /// Renders `events` with `sound`, which is replaced by the sounds of `edits` at their frames.
    private static func render(
        _ sound: Sound, edits: [(frame: Int, sound: Sound)] = [], events: [Event] = chords(),
        frames: Int = 60_000,
        periods: [Int] = [256]
    ) -> Rendering {
        let host = OfflineHost(Rig([sound]), mode: .entry)
        host.play(events)
        var whole = Rendering(frames: 0)
        var at = 0
        for edit in edits + [(frames, sound)] {
            var part = Rendering(frames: edit.frame - at)
            part.render(with: host, periods: periods)
            whole.left += part.left
            whole.right += part.right
            at = edit.frame
            if at < frames { host.engine.sounds.replace(0, with: edit.sound) }
        }
        return whole
    }

    @Test(arguments: 0..<13) func `an edit that changes nothing is bit-exact`(
        patch: Int
    ) throws {
        let mappings = try Checkout.mappings()
        let compiled = try Self.patches.get()[patch]
        let sound = Sound(compiled, mappings: mappings)
        let plain = Self.render(sound)
        #expect(plain.peak > 0.01)
        let again = Sound(try CompiledPatch(compiled.patch, registry: .standard), mappings: mappings)
        let edited = Self.render(
            sound,
            edits: [(9_001, again), (22_000, again), (28_777, again), (28_900, again), (45_000, again)])
        #expect(plain.firstDifference(edited) == nil)
        // With blocks of a thirtieth of a fade, several edits are in progress at once.
        let small = Self.render(
            sound, edits: [(9_008, again), (9_100, again), (9_500, again)], periods: [16, 30])
        #expect(plain.firstDifference(small) == nil)
    }

    /// A patch with a branch on the left and, optionally, one on the right.
    private static func branches(
        right: Bool, more: String = "", connections: String = "", swapped: Bool = false
    ) throws -> CompiledPatch {
        let first = "  a: { type: saw }\n  pa: { type: pan, pan: -100 % }\n"
        let second = right ? "  b: { type: triangle, detune: 7 ct }\n  pb: { type: pan, pan: 100 % }\n" : ""
        return try compile(
            """
            level: -12 dB
            modules:
              keys: { type: keys }
              env: { type: adsr, attack: 20 ms, release: 200 ms }
            \(swapped ? second + first : first + second)\(more)  va: { type: vca }
              out: { type: output }
            connections:
              - keys.pitch -> a.pitch
              - keys.gate -> env.gate
              - a -> pa
              - pa -> va
              - env -> va.level
              - va -> out
            \(right ? "  - keys.pitch -> b.pitch\n  - b -> pb\n  - pb -> va\n" : "")\(connections)
            """)
    }

    @Test func `adding or removing a branch leaves the other one bit-exact`() throws {
        let one = Sound(try Self.branches(right: false)), both = Sound(try Self.branches(right: true))
        let swapped = Sound(try Self.branches(right: true, swapped: true))
        let alone = Self.render(one)
        #expect(alone.left.contains { abs($0) > 0.05 } && !alone.right.contains { abs($0) > 1e-6 })
        let added = Self.render(one, edits: [(18_003, both), (34_000, one)])
        #expect(alone.left == added.left)
        #expect(added.right[18_003..<34_000].contains { abs($0) > 0.05 })
        #expect(!added.right[..<18_003].contains { abs($0) > 1e-6 })
        #expect(!added.right[34_600...].contains { abs($0) > 1e-6 })
        // Branches fade in and out over 10 ms: no step is larger than those of the waveform.
        let steady =
            zip(added.right[20_000..<33_000], added.right[20_001..<33_001]).map { abs($0 - $1) }.max() ?? 0
        for edit in [18_003, 34_000] {
            let steps = zip(added.right[(edit - 20)..<(edit + 600)], added.right[(edit - 19)..<(edit + 601)])
            #expect(steps.allSatisfy { abs($0 - $1) <= steady * 1.05 }, "a click at \(edit)")
        }
        // The order in the file does not matter.
        let moved = Self.render(both, edits: [(18_003, swapped)]), kept = Self.render(both)
        #expect(moved.left == kept.left && moved.right == kept.right)
    }

    /// The greatest second difference: a measure of clicks.
    private static func sharpness(_ sound: ArraySlice<Float>) -> Float {
        let all = Array(sound)
        return all.indices.dropFirst(2).map { abs(all[$0] - 2 * all[$0 - 1] + all[$0 - 2]) }.max() ?? 0
    }

    /// A soft sine through two effects in series, in the given order.
    private static func row(_ order: [String], voices: String = "16") throws -> Sound {
        let connections = zip(["osc"] + order, order + ["vca"]).map { "  - \($0) -> \($1)" }
        return Sound(
            try compile(
                """
                level: -18 dB
                voices: \(voices)
                modules:
                  keys: { type: keys }
                  osc: { type: sine }
                  low: { type: svf, cutoff: 600 Hz }
                  warm: { type: shaper, drive: 6 dB }
                  env: { type: adsr, attack: 20 ms, release: 100 ms }
                  vca: { type: vca }
                  out: { type: output }
                connections:
                  - keys.pitch -> osc.pitch
                  - keys.gate -> env.gate
                  - env -> vca.level
                  - vca -> out
                \(connections.joined(separator: "\n"))
                """))
    }

    private static let held: [Event] = {
        var score = Score()
        for key in [45, 52, 57] { score.on(300, key) }
        for key in [45, 52, 57] { score.off(40_000, key) }
        return score.events
    }()

    @Test func `two effects swap without a click, although the union is a feedback loop`() throws {
        let before = try Self.row(["low", "warm"]), after = try Self.row(["warm", "low"])
        let edited = Self.render(before, edits: [(20_001, after)], events: Self.held)
        let steady = max(
            Self.sharpness(Self.render(before, events: Self.held).left[10_000..<38_000]),
            Self.sharpness(Self.render(after, events: Self.held).left[10_000..<38_000]))
        #expect(Self.sharpness(edited.left[10_000..<38_000]) < 2 * steady)
        // After the fades the output equals that of the new patch from the start.
        let rest = zip(
            edited.left[30_000..<38_000], Self.render(after, events: Self.held).left[30_000..<38_000])
        #expect(rest.allSatisfy { abs($0 - $1) < 1e-4 })
        // Proof that the measure detects a cut.
        var cut = Self.render(before, events: Self.held).left
        for n in 20_001..<cut.count { cut[n] = 0 }
        #expect(Self.sharpness(cut[10_000..<38_000]) > 4 * steady)
    }

    @Test func `an edit of the voices acts like a program change: held notes continue`() throws {
        let before = try Self.row(["low", "warm"]), mono = try Self.row(["low", "warm"], voices: "mono")
        var events = Self.held
        let timebase = Timebase.offline(sampleRate: 48_000)
        let late = [
            Event(.noteOn, stamp: timebase.stamp(of: 25_000), number: 69, normalized: .max),
            Event(.noteOff, stamp: timebase.stamp(of: 35_000), number: 69),
        ]
        events = (events + late).sorted { $0.stamp < $1.stamp }
        let edited = Self.render(before, edits: [(20_001, mono)], events: events)
        // Up to the new note nothing differs; the three held notes sound under it.
        #expect(edited.left[..<25_000] == Self.render(before, events: events).left[..<25_000])
        let held = Self.render(before, events: Self.held), alone = Self.render(mono, events: late)
        let rest = edited - (held + alone)
        #expect(rest.peak < 1e-6)
    }

    @Test func `a delay's tail continues when modules are added`() throws {
        func echo(_ more: String) throws -> Sound {
            Sound(
                try compile(
                    """
                    level: -18 dB
                    modules:
                      keys: { type: keys }
                      osc: { type: saw }
                      env: { type: adsr, attack: 1 ms, release: 20 ms }
                      vca: { type: vca }
                      echo: { type: delay, each: once, time: 250 ms, feedback: 60 %, mix: 100 % }
                    \(more)  out: { type: output }
                    connections:
                      - keys.pitch -> osc.pitch
                      - keys.gate -> env.gate
                      - env -> vca.level
                      - osc -> vca
                      - vca -> echo
                      - echo -> out
                    """))
        }
        var score = Score()
        score.on(300, 57)
        score.off(4000, 57)
        let plain = try echo(""), more = try echo("  idle: { type: vca }\n")
        let whole = Self.render(plain, events: score.events)
        #expect(whole.left[40_000...].contains { abs($0) > 0.001 })
        #expect(
            whole.left
                == Self.render(plain, edits: [(9_003, more), (21_000, plain)], events: score.events).left)
    }

    @Test func `an edited value is smoothed, and a value moved by a macro stays`() throws {
        func tone(_ gain: String, _ more: String = "") throws -> Sound {
            Sound(
                try compile(
                    """
                    level: -18 dB
                    modules:
                      osc: { type: sine, frequency: 440 Hz }
                      vca: { type: vca, gain: \(gain) }
                    \(more)  out: { type: output }
                    connections:
                      - osc -> vca
                      - vca -> out
                    """))
        }
        let timebase = Timebase.offline(sampleRate: 48_000)
        let macro = [
            Event(set: ParamKeys.key("osc", "frequency"), of: 0, to: 880, stamp: timebase.stamp(of: 5000))
        ]
        let edited = Self.render(try tone("0 dB"), edits: [(20_000, try tone("-6 dB"))], events: macro)
        func level(_ range: Range<Int>) -> Float { edited.left[range].map(abs).max() ?? 0 }
        #expect(abs(level(30_000..<40_000) / level(10_000..<18_000) - 0.501) < 0.002)
        func crossings(_ range: Range<Int>) -> Int {
            range.dropFirst().count { edited.left[$0 - 1] < 0 && edited.left[$0] >= 0 }
        }
        #expect(abs(crossings(30_000..<54_000) - 440) <= 1, "880 Hz for half a second")
        // Over 20 ms, like a macro.
        #expect(
            Self.sharpness(edited.left[19_000..<25_000]) < 1.1 * Self.sharpness(edited.left[10_000..<18_000]))
    }

    @Test func `a note after an edit equals the note of the new patch`() throws {
        // Noise and drift depend on patch, module and note only, not on other modules.
        func patch(_ more: String) throws -> Sound {
            Sound(
                try compile(
                    """
                    modules:
                    \(more)  keys: { type: keys }
                      hiss: { type: noise }
                      env: { type: adsr, release: 50 ms }
                      v: { type: vca }
                      out: { type: output }
                    connections:
                      - keys.gate -> env.gate
                      - hiss -> v
                      - env -> v.level
                      - v -> out
                    """))
        }
        let plain = try patch(""), more = try patch("  spare: { type: sine }\n")
        #expect(Self.render(plain).left == Self.render(plain, edits: [(24_000, more)]).left)
        #expect(Self.render(plain).left == Self.render(more).left)
    }
}
