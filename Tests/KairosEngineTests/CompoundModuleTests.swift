import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosFiles
import KairosPatch
import KairosSession
import KairosTestSupport
import Testing

/// Compound modules: after expansion they equal the patch written out by hand.
@Suite struct CompoundModuleTests {
    /// `pair` is two oscillators; `voice` contains it, with a filter and noise.
    private static let modules: KeyValuePairs = [
        "pair": """
        modules:
          low: { type: saw, detune: 3 ct }
          high: { type: triangle, detune: 3 ct }
        inlets:
          pitch: [low.pitch, high.pitch]
        outlets:
          first: low
          second: high
        params:
          spread: [high.detune, low.detune]
        """,
        "voice": """
        modules:
          two: { type: pair, spread: 9 ct }
          hiss: { type: noise }
          sum: { type: mix, gainC: -24 dB }
          env: { type: adsr, attack: 4 ms, release: 150 ms }
          filter: { type: svf, cutoff: 700 Hz }
          vca: { type: vca }
        connections:
          - two -> sum.a
          - two.second -> sum.b
          - hiss -> sum.c
          - sum -> filter
          - env -> filter.cutoff @ 12 st
          - filter.low -> vca
          - env -> vca.level
        inlets:
          pitch: two.pitch
          gate: env.gate
        outlets:
          output: vca
        params:
          cutoff: { to: filter.cutoff, range: [100 Hz, 5 kHz] }
          detune: { to: two.spread, range: [-48 st, 1 st] }
        """,
    ]

    private static let patch = """
        level: -12 dB
        modules:
          keys: { type: keys }
          lfo: { type: lfo, rate: 5 Hz }
          v: { type: voice, cutoff: 900 Hz }
          w: { type: voice, detune: 20 ct }
          out: { type: output }
        connections:
          - keys.pitch -> v.pitch
          - keys.pitch -> w.pitch
          - keys.gate -> v.gate
          - keys.gate -> w.gate
          - lfo -> v.detune @ 30 ct
          - keys.velocity -> w.cutoff @ 24 st
          - v -> out
          - w -> out
        macros:
          - { name: Bright, to: v.cutoff, role: brightness }
          - { name: Wide, to: w.detune }
        """

    /// The same patch written out by hand. '--' stands for '/', which no file can contain in a name.
    private static func byHand() throws -> CompiledPatch {
        func voice(_ name: String, _ cutoff: String, _ detune: String) -> String {
            """
              \(name)--two--low: { type: saw, detune: \(detune) }
              \(name)--two--high: { type: triangle, detune: \(detune) }
              \(name)--hiss: { type: noise }
              \(name)--sum: { type: mix, gainC: -24 dB }
              \(name)--env: { type: adsr, attack: 4 ms, release: 150 ms }
              \(name)--filter: { type: svf, cutoff: \(cutoff) }
              \(name)--vca: { type: vca }

            """
        }
        func connections(_ name: String) -> String {
            """
              - \(name)--two--low -> \(name)--sum.a
              - \(name)--two--high -> \(name)--sum.b
              - \(name)--hiss -> \(name)--sum.c
              - \(name)--sum -> \(name)--filter
              - \(name)--env -> \(name)--filter.cutoff @ 12 st
              - \(name)--filter.low -> \(name)--vca
              - \(name)--env -> \(name)--vca.level
              - keys.pitch -> \(name)--two--low.pitch
              - keys.pitch -> \(name)--two--high.pitch
              - keys.gate -> \(name)--env.gate
              - \(name)--vca -> out

            """
        }
        let text = """
            kairos: patch/1
            name: Test
            program: 0
            level: -12 dB
            modules:
              keys: { type: keys }
              lfo: { type: lfo, rate: 5 Hz }
            \(voice("v", "900 Hz", "9 ct"))\(voice("w", "700 Hz", "20 ct"))  out: { type: output }
            connections:
            \(connections("v"))\(connections("w"))  - lfo -> v--two--high.detune @ 30 ct
              - lfo -> v--two--low.detune @ 30 ct
              - keys.velocity -> w--filter.cutoff @ 24 st
            """
        var patch = try PatchFile.parse(text, file: "test.yaml")
        func inner(_ text: String) -> String { text.replacing("--", with: "/") }
        for index in patch.modules.indices {
            patch.modules[index].name.text = inner(patch.modules[index].name.text)
        }
        for index in patch.connections.indices {
            patch.connections[index].from.text = inner(patch.connections[index].from.text)
            patch.connections[index].to.text = inner(patch.connections[index].to.text)
        }
        return try CompiledPatch(patch, registry: .standard)
    }

    private static func score(_ more: [(frame: Int, event: Event)] = []) -> [Event] {
        var score = Score()
        for (index, key) in [45, 57, 64].enumerated() { score.on(300 + 41 * index, key, velocity: 90) }
        for key in [45, 57, 64] { score.off(20_000, key) }
        for (frame, event) in more { score.add(frame, event) }
        return score.events
    }

    private static func compiled() throws -> CompiledPatch {
        try compile(patch, registry: .standard(with: modules))
    }

    /// The steps of a schedule, without parameter names.
    private static func steps(_ patch: CompiledPatch) -> [String] {
        patch.scheduleText.split(separator: "\n").map { line in
            line.contains("modulate") ? String(line.drop { $0 != "+" }) : String(line)
        }
    }

    @Test func `a compound module compiles to the same steps and bits as its parts`() throws {
        let made = try Self.compiled(), byHand = try Self.byHand()
        #expect(Self.steps(made) == Self.steps(byHand))
        #expect(made.scheduleText.split(separator: "\n").count > 20)
        let sound = Rendering([Sound(made)], Self.score(), frames: 40_000)
        #expect(sound.peak > 0.02)
        #expect(sound.firstDifference(Rendering([Sound(byHand)], Self.score(), frames: 40_000)) == nil)
    }

    @Test func `a parameter of a compound module sets all its targets`() throws {
        func set(_ module: String, _ param: String, _ value: Float) -> (Int, Event) {
            (5000, Event(set: ParamKeys.key(module, param), of: 0, to: .number(value)))
        }
        let made = Rendering(
            [Sound(try Self.compiled())], Self.score([set("w", "detune", 0.7), set("v", "cutoff", 3000)]),
            frames: 30_000)
        let byHand = Rendering(
            [Sound(try Self.byHand())],
            Self.score([
                set("w/two/low", "detune", 0.7), set("w/two/high", "detune", 0.7),
                set("v/filter", "cutoff", 3000),
            ]), frames: 30_000)
        #expect(made.firstDifference(byHand) == nil)
        let still = Rendering([Sound(try Self.compiled())], Self.score(), frames: 30_000)
        #expect(made.firstDifference(still).map { $0 >= 5000 } == true)
    }

    @Test func `macros and mappings use the compound module's names and ranges`() throws {
        let mapping = try MappingFile.parse(
            """
            kairos: mapping/1
            controls:
              - { cc: 74, to: brightness }
              - { cc: 20, to: macro 2 }
              - { cc: 21, to: test/w.cutoff }
            """, file: "m.yaml")
        let found = try Self.compiled().controls([mapping])
        #expect(found.faults.isEmpty && found.rows.count == 3)
        #expect(found.rows.map { $0.law.value(normalized: 0) } == [100, -48, 100])
        #expect(found.rows.map { $0.law.value(normalized: 1) } == [5000, 1, 5000])
        func said(_ target: String) throws -> String {
            let mapping = try MappingFile.parse(
                "kairos: mapping/1\ncontrols:\n  - { cc: 21, to: \(target) }\n", file: "m.yaml")
            return try Self.compiled().controls([mapping]).faults.joined()
        }
        #expect(try said("test/w.cutof").contains("Did you mean 'w.cutoff'?"))
        #expect(try said("test/w.resonance").contains("has no parameter or unconnected gate 'w.resonance'"))
        // A macro from minimum to maximum.
        var score = Score()
        score.on(300, 57)
        score.control(4000, 20, 127)
        let sound = Sound(try Self.compiled(), mappings: [mapping])
        let turned = Rendering([sound], score.events, frames: 20_000)
        let set =
            Self.score([]).isEmpty ? [] : [(4000, Event(set: ParamKeys.key("w", "detune"), of: 0, to: 1))]
        var other = Score()
        other.on(300, 57)
        for (frame, event) in set { other.add(frame, event) }
        #expect(turned.firstDifference(Rendering([sound], other.events, frames: 20_000)) == nil)
        var changed = try Self.compiled()
        try changed.set("Wide", to: "50 ct")
        try changed.set("v.cutoff", to: "2 kHz")
        let written = Self.patch.replacing("cutoff: 900 Hz", with: "cutoff: 2 kHz")
            .replacing("detune: 20 ct", with: "detune: 50 ct")
        let same = try compile(written, registry: .standard(with: Self.modules))
        #expect(
            Rendering([Sound(changed)], Self.score(), frames: 9000)
                .firstDifference(Rendering([Sound(same)], Self.score(), frames: 9000)) == nil)
        #expect(throws: ParamError.self) { try changed.set("v.cutoff", to: "6 kHz") }
        #expect(throws: ParamError.self) { try changed.set("v/filter.cutoff", to: "2 kHz") }
    }

    @Test func `a gate moved by a mapping reaches every inner gate`() throws {
        let registry = try ModuleRegistry.standard(with: [
            "twice": """
            modules:
              a: { type: adsr }
              b: { type: adsr, attack: 1 s }
              sum: { type: mix }
            connections:
              - a -> sum.a
              - b -> sum.b
            inlets:
              gate: [a.gate, b.gate]
            outlets:
              output: sum
            """
        ])
        let patch = try compile(
            """
            modules:
              keys: { type: keys }
              osc: { type: saw }
              env: { type: twice }
              vca: { type: vca }
            connections:
              - keys.pitch -> osc.pitch
              - env -> vca.level
              - osc -> vca
            """, registry: registry)
        let mapping = try MappingFile.parse(
            "kairos: mapping/1\ncontrols:\n  - { cc: 21, to: test/env.gate }\n", file: "m.yaml")
        let found = patch.controls([mapping])
        #expect(found.faults.isEmpty)
        #expect(found.rows.map(\.effect) == [.gate(2), .gate(3)])
    }

    @Test func `errors in depths and names are reported as for plain modules`() throws {
        func said(_ module: String, _ connection: String = "keys.pitch -> v.pitch") throws -> String {
            do {
                _ = try compile(
                    "modules:\n  keys: { type: keys }\n  v: { type: voice\(module) }\n  out: { type: output }\nconnections:\n  - v -> out\n  - \(connection)\n",
                    registry: .standard(with: Self.modules))
                return "good"
            } catch let error as PatchError { return error.description }
        }
        #expect(try said("") == "good")
        #expect(try said(", cutoff: 9 kHz").contains("v.cutoff: 9 kHz is outside 100 Hz … 5 kHz"))
        #expect(
            try said(", cutof: 1 kHz").contains("'voice' has no parameter 'cutof'. Did you mean 'cutoff'?"))
        #expect(
            try said("", "keys.velocity -> v.cutoff").contains(
                "the connection to 'cutoff' needs a modulation depth"))
        #expect(try said("", "keys.gate -> v.pitch").contains("'v.pitch' takes a signal"))
        #expect(
            try said("", "v.outpt -> v.pitch").contains(
                "'voice' has no outlet 'outpt'. Did you mean 'output'?"))
        #expect(
            try said("", "v -> v.pitch").contains(
                "v/two/low -> v/sum -> v/filter -> v/vca -> v/two/low is a feedback loop without a delay; put a 'delay' into it"
            ))
    }

    @Test func `a cycle of compound modules is rejected with its path, and its users too`() throws {
        func module(_ name: String, _ used: String) throws -> CompoundModule {
            try ModuleFile.parse(
                "kairos: module/1\nabout: X.\nmodules:\n  x: { type: \(used) }\noutlets:\n  output: x\n",
                file: name + ".yaml")
        }
        let found = ModuleRegistry.standard.with([
            try module("c", "a"), try module("a", "b"), try module("b", "c"), try module("d", "c"),
            try module("self", "self"), try module("good", "saw"),
        ])
        #expect(
            found.faults.map(\.description).sorted() == [
                "a.yaml:4:14: a -> b -> c -> a: a compound module cannot contain itself",
                "b.yaml:4:14: a -> b -> c -> a: a compound module cannot contain itself",
                "c.yaml:4:14: a -> b -> c -> a: a compound module cannot contain itself",
                "d.yaml:4:14: the module 'c' cannot be read: see c.yaml",
                "self.yaml:4:14: self -> self: a compound module cannot contain itself",
            ])
        #expect(found.registry.types.count == ModuleRegistry.standard.types.count + 1)
        #expect(found.registry.unreadable.keys.sorted() == ["a", "b", "c", "d", "self"])
    }

    @Test func `exponential nesting is rejected before it is expanded`() throws {
        func module(_ name: String, _ used: String, _ count: Int) throws -> CompoundModule {
            let names = (0..<count).map { "x\($0)" }
            let lines = names.map { "  \($0): { type: \(used) }\n" }.joined()
            return try ModuleFile.parse(
                "kairos: module/1\nabout: X.\nmodules:\n\(lines)inlets:\n  input: [\(names.joined(separator: ", "))]\noutlets:\n  output: x0\n",
                file: name + ".yaml")
        }
        var laughs = [try module("l0", "vca", 10)]
        for level in 1...9 { laughs.append(try module("l\(level)", "l\(level - 1)", 10)) }
        let found = ModuleRegistry.standard.with(laughs)
        #expect(found.registry["l2"] != nil && found.registry["l3"] == nil)
        #expect(
            found.faults.first?.description
                == "l3.yaml:4:3: after expanding compound modules there are 10000 modules, and the limit is 1024; the largest is 'x0' with 1000 modules"
        )
        #expect(found.faults.count == 7)
        var deep = [try module("d1", "vca", 1)]
        for level in 2...20 { deep.append(try module("d\(level)", "d\(level - 1)", 1)) }
        let nested = ModuleRegistry.standard.with(deep)
        #expect(nested.registry["d16"] != nil && nested.registry["d17"] == nil)
        #expect(
            nested.faults.first?.description
                == "d17.yaml:4:3: with 'd16' compound modules are nested 17 deep, and the limit is 16")
        // The same for a patch, and for connections.
        func said(_ modules: [String], _ connections: [String]) throws -> String {
            do {
                _ = try compile(
                    "modules:\n  s: { type: saw }\n\(modules.map { "  \($0)\n" }.joined())connections:\n\(connections.map { "  - \($0)\n" }.joined())",
                    registry: found.registry)
                return "good"
            } catch let error as PatchError { return error.description }
        }
        let two = ["a: { type: l2 }", "b: { type: l2 }"]
        #expect(try said(two, ["s -> a"]).contains("there are 2002 modules, and the limit is 1024"))
        #expect(
            try said([two[0]], (0..<9).map { _ in "s -> a" }).contains(
                "there are 9001 connections, and the limit is 8192"))
    }

    // MARK: editing

    /// A patch with a compound module: a saw on the left. Its newer version adds another oscillator on the
    /// right.
    private static func branches(newer: Bool) throws -> Sound {
        let more = """
              b: { type: triangle }
              pb: { type: pan, pan: 100 % }

            """
        let registry = try ModuleRegistry.standard(with: [
            "branch": """
            modules:
              a: { type: saw }
              pa: { type: pan, pan: -100 % }
            \(newer ? more : "")  sum: { type: mix }
            connections:
              - a -> pa
              - pa -> sum.a
            \(newer ? "  - b -> pb\n  - pb -> sum.b\n" : "")inlets:
              pitch: \(newer ? "[a.pitch, b.pitch]" : "a.pitch")
            outlets:
              output: sum
            params:
              detune: { to: \(newer ? "[b.detune, a.detune]" : "a.detune") }
            """
        ])
        return Sound(
            try compile(
                """
                level: -12 dB
                modules:
                  keys: { type: keys }
                  it: { type: branch }
                  env: { type: adsr, attack: 20 ms, release: 200 ms }
                  va: { type: vca }
                  out: { type: output }
                connections:
                  - keys.pitch -> it.pitch
                  - keys.gate -> env.gate
                  - it -> va
                  - env -> va.level
                  - va -> out
                """, registry: registry))
    }

    private static func render(_ sound: Sound, edits: [(frame: Int, sound: Sound)]) -> Rendering {
        let host = OfflineHost(Rig([sound]), mode: .entry)
        host.play(score([(3000, Event(set: ParamKeys.key("it", "detune"), of: 0, to: 0.4))]))
        var whole = Rendering(frames: 0)
        var at = 0
        for edit in edits + [(40_000, sound)] {
            var part = Rendering(frames: edit.frame - at)
            part.render(with: host)
            whole.left += part.left
            whole.right += part.right
            at = edit.frame
            if at < 40_000 { host.engine.sounds.replace(0, with: edit.sound) }
        }
        return whole
    }

    @Test
    func `a compound module may change while it sounds: unchanged parts keep state and values`()
        throws
    {
        let old = try Self.branches(newer: false), new = try Self.branches(newer: true)
        let plain = Self.render(old, edits: [])
        #expect(plain.left.contains { abs($0) > 0.05 } && !plain.right.contains { abs($0) > 1e-6 })
        let same = Self.render(old, edits: [(9_000, try Self.branches(newer: false))])
        #expect(plain.firstDifference(same) == nil)
        let edited = Self.render(old, edits: [(9_000, new), (15_000, old)])
        #expect(plain.left == edited.left)
        #expect(edited.right[9_000..<15_000].contains { abs($0) > 0.05 })
        #expect(!edited.right[16_000...].contains { abs($0) > 1e-6 })
    }

    @Test func `a parameter set after such an edit moves new and old inner modules`() throws {
        let old = try Self.branches(newer: false), new = try Self.branches(newer: true)
        let host = OfflineHost(Rig([old]), mode: .entry)
        host.play(Self.score([(12_000, Event(set: ParamKeys.key("it", "detune"), of: 0, to: 12))]))
        var part = Rendering(frames: 9_000)
        part.render(with: host)
        host.engine.sounds.replace(0, with: new)
        var rest = Rendering(frames: 10_000)
        rest.render(with: host)
        func crossings(_ sound: ArraySlice<Float>) -> Int {
            zip(sound, sound.dropFirst()).count { $0 < 0 && $1 >= 0 }
        }
        // An octave up: both sides have more zero crossings.
        for side in [rest.left, rest.right] {
            #expect(crossings(side[6_000..<9_000]) > crossings(side[0..<3_000]) * 3 / 2)
        }
    }
}
