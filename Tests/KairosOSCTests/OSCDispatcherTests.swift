import CRealtime
import Foundation
import KairosControl
import KairosDSP
import KairosEngine
import KairosFiles
import KairosTestSupport
import Synchronization
import Testing

@testable import KairosOSC

@Suite(.serialized) struct OSCDispatcherTests {
    @Test func `the first patch anybody builds sounds at 880 Hz`() throws {
        let desk = try Desk([TonePatch.text()])
        #expect(desk.ask("/patch/create", .string("osc1"), .string("sine")) == [])
        #expect(desk.ask("/patch/create", .string("filt1"), .string("biquad")) == [])
        #expect(desk.ask("/patch/connect", .string("osc1"), .string("filt1")) == [])
        #expect(desk.ask("/mod/osc1/frequency", .int(880)) == [.float(880), .string("880 Hz")])
        #expect(desk.ask("/mod/filt1/cutoff", .int(2000))?.last == .string("2 kHz"))
        #expect(desk.ask("/patch/commit")?.last == .string("filt1"))
        #expect(abs(desk.frequency() - 880) < 0.5)
        // From here on it moves as it is told, while it sounds.
        #expect(desk.ask("/mod/osc1/frequency", .string("0.44 kHz"))?.first == .float(440))
        desk.pass()
        #expect(abs(desk.frequency() - 440) < 0.5)
        #expect(desk.ask("/mod/osc1/frequency") == [.float(440), .string("440 Hz")])
        #expect(desk.ask("/patch/undo") != nil)
        desk.pass()
        #expect(desk.frequency() == 0)
        #expect(desk.ask("/patch/redo") != nil)
    }

    @Test func `each command of the graph does as it says, and refuses what it cannot`() throws {
        let desk = try Desk([TonePatch.text()])
        let (a, b) = (OSCValue.string("a"), OSCValue.string("b"))
        #expect(desk.ask("/patch/create", a, .string("saw")) == [])
        #expect(desk.refusal("/patch/create", a, .string("saw")) == ["name-taken", "a"])
        #expect(desk.refusal("/patch/create", .string("1x"), .string("saw")) == ["bad-name", "1x"])
        #expect(desk.refusal("/patch/create", b, .string("swa")) == ["unknown-type", "swa"])
        #expect(desk.refusal("/patch/create", b) == ["bad-arguments", "/patch/create"])
        #expect(desk.refusal("/patch/create", b, .string("keys")) == ["name-taken", "b"])
        #expect(desk.ask("/patch/rename", a, b) == [])
        #expect(desk.refusal("/patch/rename", a, b) == ["unknown-name", "a"])
        #expect(desk.refusal("/patch/connect", b, .string("osc.nix")) == ["bad-connection", "b -> osc.nix"])
        #expect(
            desk.refusal("/patch/connect", b, .string("osc.ratio")) == ["bad-connection", "b -> osc.ratio"])
        #expect(desk.ask("/patch/connect", b, .string("osc.ratio"), .string("3 st")) == [])
        #expect(
            desk.refusal("/patch/connect", .string("b.output"), .string("osc.ratio"), .string("3 st"))
                == ["name-taken", "b.output -> osc.ratio"])
        #expect(
            desk.refusal("/patch/connect", .string("keys.gate"), .string("vca")) == [
                "bad-connection", "keys.gate -> vca",
            ])
        #expect(desk.ask("/patch/disconnect", b, .string("osc")) == [])
        #expect(desk.refusal("/patch/disconnect", b, .string("osc")) == ["unknown-name", "b -> osc"])
        #expect(desk.ask("/patch/check") == [.int(6), .int(5)])
        #expect(desk.ask("/patch/show")?.first?.text.contains("type: saw") == true)
        #expect(desk.ask("/patch/commit")?.count == 1)
        #expect(desk.refusal("/patch/commit")?.first == "nothing-to-do")
        #expect(desk.ask("/patch/delete", b) == [])
        #expect(desk.refusal("/patch/delete", b) == ["unknown-name", "b"])
        #expect(desk.ask("/patch/abort") == [])
        #expect(desk.refusal("/patch/abort")?.first == "nothing-to-do")
        #expect(desk.ask("/mod")?.contains(b) == true)
        #expect(desk.ask("/patch/undo")?.count == 1)
        #expect(desk.refusal("/patch/undo")?.first == "nothing-to-do")
        #expect(desk.ask("/patch/redo")?.count == 1)
        #expect(desk.refusal("/patch/redo")?.first == "nothing-to-do")
        #expect(desk.ask("/patch/clear") == [])
        #expect(desk.refusal("/patch/clear", .string("x")) == ["bad-arguments", "/patch/clear"])
        #expect(desk.refusal("/patch/show", .string("x")) == ["bad-arguments", "/patch/show"])
        #expect(desk.refusal("/patch/commit")?.first == "bad-patch")
        #expect(desk.refusal("/patch/check")?.first == "bad-patch")
        #expect(desk.ask("/mod") != [], "what plays has its modules still")
        #expect(desk.ask("/patch/load", .string("slow-tide")) == [])
        #expect(desk.refusal("/patch/load", .string("slow-tied")) == ["unknown-name", "slow-tied"])
        #expect(desk.ask("/patch/commit")?.count == 1)
        #expect(desk.ask("/mod")?.contains(.string("swell")) == true)
        #expect(desk.ask("/patch/list")?.contains(.string("slow-tide")) == true)
        #expect(desk.refusal("/patch/list", .string("x")) == ["bad-arguments", "/patch/list"])
        #expect(desk.ask("/patch/layer", .int(1)) == [])
        #expect(desk.refusal("/patch/layer", .int(2))?.first == "nothing-plays")
        #expect(desk.refusal("/patch/layer", .string("master"))?.first == "nothing-plays")
        #expect(desk.refusal("/patch/layer", .int(17))?.first == "bad-arguments")
        #expect(desk.refusal("/patch/layer", .long(.min))?.first == "bad-arguments")
    }

    @Test func `a cycle is refused with its path, and the sound and the draft stay`() throws {
        let desk = try Desk([TonePatch.text()])
        for name in ["f", "g"] { desk.ask("/patch/create", .string(name), .string("svf")) }
        desk.ask("/patch/connect", .string("f"), .string("g"))
        desk.ask("/patch/connect", .string("g"), .string("f"))
        desk.ask("/patch/connect", .string("g"), .string("out"))
        let answer = desk.console.answer(OSCMessage("/patch/commit"), client: "test", stamp: 0)
        #expect(answer.values[0] == .string("bad-patch"))
        #expect(answer.values[1].text.contains("f -> g -> f is a cycle"))
        #expect(desk.ask("/mod")?.contains(.string("g")) == true)
        #expect(desk.ask("/patch/disconnect", .string("g"), .string("f")) == [])
        #expect(desk.ask("/patch/commit") != nil)
    }

    @Test func `what is saved is what is heard, and reads back as the same patch`() throws {
        let desk = try Desk([TonePatch.text()])
        desk.ask("/mod/env/release", .string("1.5 s"))
        desk.ask("/mod/osc/ratio/position", .float(0.5))
        let path = try #require(desk.ask("/patch/save", .string("mine"))?.first?.text)
        let patch = try PatchFile.read(path: path)
        let env = patch.modules.first { $0.name.text == "env" }
        #expect(env?.settings.first { $0.symbol.text == "release" }?.value.text == "1.5 s")
        #expect(patch.program == nil && patch.name == "mine")
        _ = try CompiledPatch(patch, registry: .standard)
        #expect(desk.ask("/patch/save", .string("mine")) != nil)
        #expect(FileManager.default.fileExists(atPath: path + "~"))
        for name in ["../evil", "/tmp/evil", "a/b", "", ".", String(repeating: "x", count: 500_000)] {
            #expect(desk.refusal("/patch/save", .string(name))?.first == "bad-name")
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: desk.folder).sorted() == [
                "mine.yaml", "mine.yaml~",
            ])
    }

    private static let doubled = TonePatch.text(oscillator: "double, tune: 5 ct")

    private static func modules(highest: String) throws -> ModuleRegistry {
        try .standard(with: [
            "double": """
            modules:
              low: { type: sine }
              high: { type: sine, detune: 9 ct }
            connections: []
            inlets:
              pitch: [low.pitch, high.pitch]
            outlets:
              output: high
              other: low
            params:
              tune: { to: [high.detune, low.detune], default: 9 ct, range: [0 ct, \(highest)] }
            """
        ])
    }

    @Test func `a module made of modules is set, shown, saved and made anew like any other`() throws {
        let registry = try Self.modules(highest: "50 ct")
        let desk = try Desk([Self.doubled], registry: registry)
        #expect(desk.ask("/modules")?.last == .string("double"))
        #expect(desk.ask("/modules/double")?.contains(.string("tune")) == true)
        #expect(desk.ask("/mod") == ["keys", "osc", "env", "vca", "out"].map { .string($0) })
        #expect(desk.ask("/mod/osc")?.map(\.text).prefix(2) == ["double", "tune"])
        #expect(desk.ask("/mod/osc/tune")?.last == .string("5 ct"))
        #expect(desk.ask("/mod/osc/tune", .string("20 ct"))?.last == .string("20 ct"))
        #expect(desk.ask("/mod/osc/tune")?.last == .string("20 ct"))
        #expect(desk.ask("/mod/osc/tune/position", .float(0.5))?.last == .string("25 ct"))
        #expect(desk.refusal("/mod/osc/tune", .string("1 st")) == ["bad-value", "osc.tune"])
        #expect(desk.refusal("/mod/osc/detune", .int(0)) == ["unknown-name", "osc.detune"])
        // What stands inside is its own affair.
        #expect(desk.refusal("/mod/osc/high/detune", .int(0)) != nil)
        #expect(desk.ask("/patch/show")?.first?.text.contains("osc:  { type: double, tune: 5 ct }") == true)
        #expect(desk.ask("/patch/create", .string("more"), .string("double")) == [])
        #expect(desk.ask("/patch/connect", .string("keys.pitch"), .string("more")) == [])
        #expect(desk.ask("/patch/connect", .string("env"), .string("more.tune"), .string("10 ct")) == [])
        #expect(
            desk.refusal("/patch/connect", .string("env"), .string("more.tone"), .string("1"))?.first
                == "bad-connection")
        #expect(desk.ask("/patch/commit")?.last == .string("more"))
        #expect(desk.ask("/mod/osc/tune")?.last == .string("25 ct"))
        let path = try #require(desk.ask("/patch/save", .string("mine"))?.first?.text)
        let saved = try PatchFile.read(path: path)
        #expect(saved.modules[1].settings.map(\.value.text) == ["25 ct"])
        #expect(saved.modules.map(\.type.text) == ["keys", "double", "adsr", "vca", "output", "double"])
        _ = try CompiledPatch(saved, registry: registry)
    }

    @Test func `modules that are saved are offered at once, and what uses them is made anew`() throws {
        let desk = try Desk([Self.doubled], registry: .standard(with: ["double": Self.plain]))
        let bench = desk.console.bench
        // A draft that is open takes part.
        #expect(desk.ask("/patch/create", .string("x"), .string("sine")) == [])
        let better = try Self.modules(highest: "70 ct")
        let outcome = bench.offer(better, changed: ["double"])
        #expect(outcome.commits.count == 1 && outcome.faults.isEmpty)
        #expect(desk.ask("/patch/create", .string("y"), .string("double")) == [])
        #expect(desk.ask("/mod/y/tune", .string("60 ct")) != nil)
        #expect(bench.offer(better, changed: ["other"]).commits.isEmpty)
        // What a patch can no longer use it tells, and what sounds plays on.
        let worse = try ModuleRegistry.standard(with: [
            "double": "modules: { a: { type: sine } }\noutlets: { output: a }\ninlets: { pitch: a }"
        ])
        let refused = bench.offer(worse, changed: ["double"])
        #expect(refused.commits.isEmpty && refused.faults.count == 1)
        #expect(refused.faults.first?.description.contains("'double' has no parameter 'tune'") == true)
        #expect(desk.ask("/status") != nil)
    }

    private static let plain = """
        modules:
          one: { type: sine }
        inlets:
          pitch: one
        outlets:
          output: one
        params:
          tune: one.detune
        """

    @Test func `every patch there is reads back from what is written of it`() throws {
        for compiled in try Checkout.patches() {
            var again = try PatchFile.parse(PatchFile.text(compiled.patch), file: compiled.patch.file)
            again.file = compiled.patch.file
            #expect(try CompiledPatch(again, registry: .standard).scheduleText == compiled.scheduleText)
            #expect(PatchFile.text(again) == PatchFile.text(compiled.patch))
            #expect(again.level == compiled.patch.level && again.voicing == compiled.patch.voicing)
        }
    }

    @Test func `values are set, asked, listed and refused`() throws {
        let desk = try Desk([TonePatch.text()])
        desk.ask("/patch/create", .string("osc2"), .string("saw"))
        desk.ask("/patch/commit")
        #expect(desk.ask("/mod/osc*/detune", .string("7 ct"))?.count == 6)
        #expect(desk.ask("/mod/osc2/detune")?.last == .string("7 ct"))
        #expect(desk.ask("/mod/{osc,osc2}/detune/position")?.first == .string("osc.detune"))
        #expect(desk.ask("/mod/vca")?.first == .string("vca"))
        #expect(desk.refusal("/mod/osc2/detune", .int(100)) == ["bad-value", "osc2.detune"])
        #expect(desk.refusal("/mod/osc2/detune", .string("7 Hz")) == ["bad-value", "osc2.detune"])
        #expect(desk.refusal("/mod/osc2/detun", .int(1)) == ["unknown-name", "osc2.detun"])
        #expect(desk.refusal("/mod/nix/detune", .int(1)) == ["unknown-name", "nix"])
        #expect(desk.refusal("/mod/osc2/detune/position", .float(1.5))?.first == "bad-arguments")
        #expect(desk.refusal("/mod/osc2/detune/place", .float(0.5))?.first == "unknown-command")
        #expect(desk.refusal("/mod/osc2/detune", .int(1), .int(2))?.first == "bad-arguments")
        #expect(desk.refusal("/mod", .string("x"))?.first == "bad-arguments")
        #expect(desk.refusal("/mod/osc2", .int(1))?.first == "bad-arguments")
    }

    @Test func `presets are kept, loaded as controls would be turned, listed and deleted`() throws {
        let desk = try Desk([TonePatch.text()])
        let dark = OSCValue.string("dark")
        #expect(desk.ask("/preset/list") == [])
        desk.ask("/mod/env/release", .string("1.5 s"))
        desk.pass()
        let saved = try #require(desk.ask("/preset/save", dark))
        #expect(saved[0].text == desk.folder + "/Presets/test.yaml")
        let presets = try PresetFile.read(path: saved[0].text)
        #expect(presets.patch == "test" && saved[1] == .int(Int32(presets.list[0].values.count)))
        #expect(
            presets.list[0].values.first { $0.macro.text == "env.release" }?.value.text == "1.5 s")
        desk.ask("/mod/env/release", .string("20 ms"))
        #expect(desk.ask("/preset/load", dark) == [saved[1]])
        desk.pass()
        #expect(desk.ask("/mod/env/release") == [.float(1.5), .string("1.5 s")])
        // What the patch has no longer is named, and what it has is set.
        desk.ask("/mod/env/release", .string("20 ms"))
        let text = try String(contentsOfFile: saved[0].text, encoding: .utf8)
        try text.replacing("osc.ratio", with: "osc.rato").write(
            toFile: saved[0].text, atomically: true, encoding: .utf8)
        #expect(desk.ask("/preset/load", dark)?.last == .string("osc.rato"))
        desk.pass()
        #expect(desk.ask("/mod/env/release")?.first == .float(1.5))
        // A value that is none stops all of them.
        desk.ask("/mod/env/release", .string("20 ms"))
        try text.replacing("1.5 s", with: "soon").write(
            toFile: saved[0].text, atomically: true, encoding: .utf8)
        #expect(desk.refusal("/preset/load", dark) == ["file", "dark"])
        desk.pass()
        #expect(desk.ask("/mod/env/release")?.first == .float(0.02))
        try text.write(toFile: saved[0].text, atomically: true, encoding: .utf8)
        for name in ["../evil", "/tmp/evil", "a/b", "", ".", String(repeating: "x", count: 500_000)] {
            #expect(desk.refusal("/preset/save", .string(name))?.first == "bad-name")
        }
        #expect(desk.ask("/preset/save", dark) != nil && desk.ask("/preset/save", .string("light")) != nil)
        #expect(desk.ask("/preset/list") == [dark, .string("light")])
        #expect(desk.refusal("/preset/list", .string("x")) == ["bad-arguments", "/preset/list"])
        #expect(desk.refusal("/preset/load", .string("lihgt")) == ["unknown-name", "lihgt"])
        #expect(desk.ask("/preset/delete", dark) == [])
        #expect(desk.refusal("/preset/delete", dark) == ["unknown-name", "dark"])
        #expect(desk.ask("/preset/list") == [.string("light")])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: desk.folder + "/Presets").sorted() == [
                "test.yaml", "test.yaml~",
            ])
    }

    @Test func `the state is got and set as a text, wholly or not at all`() throws {
        let desk = try Desk([
            TonePatch.text(), TonePatch.text().replacing("type: sine", with: "type: sine, ratio: 2"),
        ])
        let plain = try #require(desk.ask("/session/get")?.first?.text)
        #expect(plain == "kairos: session/1\nentry: { name: Patch 0, program: 0 }\n")
        desk.ask("/program", .int(1))
        for _ in 0..<100 where desk.ask("/status")?[1] != .string("Patch 1") { desk.pass() }
        desk.ask("/mod/env/release", .string("1.234567 s"))
        desk.ask("/mod/vca/gain", .string("-7 dB"))
        desk.ask("/tempo", .float(93.5))
        desk.ask("/cc", .int(2), .int(7), .int(99))
        desk.ask("/patch/create", .string("low"), .string("svf"))
        desk.ask("/patch/connect", .string("vca"), .string("low"))
        desk.ask("/patch/connect", .string("low.low"), .string("out"))
        #expect(desk.ask("/patch/commit") != nil)
        desk.ask("/mod/low/cutoff", .float(432.1))
        desk.pass()
        let changed = try #require(desk.ask("/session/get")?.first?.text)
        for line in ["tempo: 93.5", "low.cutoff: 432.1 Hz", "env.release: 1.234567 s", "vca.gain: -7 dB"] {
            #expect(changed.contains(line), "\(line)")
        }
        // There and back, and the texts are the same to the bit.
        for text in [plain, changed, plain, changed] {
            #expect(desk.ask("/session/set", .string(text)) != nil)
            desk.pass()
            #expect(desk.ask("/session/get") == [.string(text)])
        }
        for (wrong, what) in [
            (changed.replacing("432.1 Hz", with: "432.1 dB"), "is no unit here"),
            (changed.replacing("low.cutoff:", with: "low.cutof:"), "Did you mean 'low.cutoff'"),
            (changed.replacing("name: Patch 1,", with: "name: Patch 3,"), "no entry 'Patch 3'"),
            (changed.replacing("type: svf", with: "type: svff"), "Did you mean 'svf'"),
            (changed.replacing("base: \"", with: "base: \"0"), "was changed since"),
            (changed.replacing("tempo: 93.5", with: "tempo: fast"), "tempo: 'fast'"),
            ("setlist: friday\n" + changed, "kairos: session/1"),
            (changed + "setlist: friday\n", "the set list 'friday'"), (changed + "temp: 3\n", "Did you mean"),
            (String(changed.prefix(changed.count / 2)), "state:"), ("", "there is nothing here"),
        ] {
            let answer = desk.console.answer(
                OSCMessage("/session/set", [.string(wrong)]), client: "test", stamp: 0)
            #expect(answer.values.first == .string("bad-arguments"))
            #expect(answer.values[1].text.contains(what), "\(answer.values[1].text)")
        }
        desk.pass()
        #expect(desk.ask("/session/get") == [.string(changed)], "what was refused changed nothing")
        #expect(desk.refusal("/session/set") == ["bad-arguments", "/session/set"])
        #expect(desk.refusal("/session/get", .string("x")) == ["bad-arguments", "/session/get"])
    }

    @Test func `a state of every parameter of every patch comes back to the bit`() throws {
        let desk = try Desk()
        var generator = Noise()
        var most = 0
        for _ in 0..<4 {
            desk.ask("/next")
            desk.pass()
            let modules = try #require(desk.ask("/mod")).map(\.text)
            var before: [String: OSCValue] = [:]
            for module in modules {
                let answer = try #require(desk.ask("/mod/\(module)"))
                for place in stride(from: 1, to: answer.count, by: 3) {
                    let name = "/mod/\(module)/\(answer[place].text)"
                    before[name] = desk.ask(name + "/position", .float(generator.next()))?.first
                }
            }
            desk.pass()
            let text = try #require(desk.ask("/session/get")?.first?.text)
            var values: [String: OSCValue] = [:]
            for name in before.keys { values[name] = desk.ask(name)?.first }
            most = max(most, before.count)
            for name in before.keys { desk.ask(name + "/position", .float(generator.next())) }
            desk.pass()
            #expect(desk.ask("/session/set", .string(text)) != nil)
            desk.pass()
            for name in before.keys { #expect(desk.ask(name)?.first == values[name], "\(name)") }
            #expect(desk.ask("/session/get")?.first?.text == text)
        }
        #expect(most > 40, "\(most)")
    }

    /// The same numbers in every run, 0…1.
    private struct Noise {
        private var state: UInt64 = 7
        mutating func next() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 24)
        }
    }

    @Test func `what another client changed meanwhile is not written over`() throws {
        let desk = try Desk([TonePatch.text()])
        // Each on its own: both are in.
        desk.ask("/patch/create", .string("one"), .string("saw"), client: "a")
        desk.ask("/patch/create", .string("two"), .string("saw"), client: "b")
        #expect(desk.ask("/patch/commit", client: "a") != nil)
        #expect(desk.ask("/patch/commit", client: "b") != nil)
        #expect(
            desk.ask("/mod")?.contains(.string("one")) == true
                && desk.ask("/mod")?.contains(.string("two")) == true)
        // Both the same: the second is told.
        desk.ask("/patch/delete", .string("one"), client: "a")
        desk.ask("/patch/connect", .string("one"), .string("osc.modulator"), client: "b")
        #expect(desk.ask("/patch/commit", client: "a") != nil)
        #expect(desk.refusal("/patch/commit", client: "b") == ["conflict", "one"])
        #expect(desk.ask("/patch/abort", client: "b") != nil)
    }

    @Test func `notes, controllers and programs are played`() throws {
        let desk = try Desk([
            TonePatch.text(), TonePatch.text().replacing("type: sine", with: "type: sine, ratio: 2"),
        ])
        let one = OSCValue.int(1)
        #expect(desk.ask("/note/on", one, .int(69), .int(100)) == [])
        #expect(abs(desk.frequency() - 440) < 0.5)
        #expect(desk.ask("/note/off", one, .int(69)) == [])
        desk.rest()
        #expect(desk.ask("/note/hz", one, .float(432.5), .float(0.8)) == [.int(69)])
        #expect(abs(desk.frequency() - 432.5) < 0.5)
        #expect(desk.ask("/bend", one, .float(1)) == [])
        desk.pass()
        #expect(abs(desk.frequency() - 432.5 * exp2(2.0 / 12)) < 0.6)
        #expect(desk.ask("/note/hz", one, .float(432.5), .int(0)) == [.int(69)])
        #expect(desk.ask("/bend", one, .float(0)) == [])
        desk.rest()
        #expect(desk.ask("/cc", one, .int(7), .int(0)) == [] && desk.ask("/pressure", one, .int(9)) == [])
        #expect(desk.ask("/cc", one, .int(7), .float(1)) == [])
        #expect(desk.ask("/program", .int(1)) == [])
        #expect(desk.ask("/note/on", one, .int(69), .float(0.9)) == [])
        #expect(abs(desk.frequency() - 880) < 0.5)
        #expect(desk.ask("/status")?[1] == .string("Patch 1"))
        #expect(desk.ask("/panic") == [])
        desk.pass()
        #expect(desk.frequency() == 0)
        #expect(desk.ask("/previous") == [] && desk.ask("/next") == [])
        #expect(desk.ask("/tempo", .float(90)) == [.float(90)])
        desk.pass()
        #expect(desk.ask("/tempo") == [.float(90)])
        for (address, values) in [
            ("/note/on", [OSCValue.int(0), .int(60), .int(1)]), ("/note/on", [one, .int(128), .int(1)]),
            ("/note/on", [one, .int(60), .float(127.5)]), ("/note/off", [one]),
            ("/note/hz", [one, .float(1), .int(9)]),
            ("/cc", [one, .int(1), .int(200)]), ("/bend", [one, .float(2)]), ("/pressure", [one]),
            ("/tempo", [.float(1)]), ("/panic", [one, one]), ("/next", [.string("1")]),
            ("/previous", [.float(.nan)]),
        ] {
            let answer = desk.console.answer(OSCMessage(address, values), client: "test", stamp: 0)
            #expect(answer.values.first == .string("bad-arguments"), "\(address) \(values)")
        }
        #expect(desk.refusal("/program", .int(9)) == ["unknown-name", "program 9"])
    }

    @Test func `what there is can be asked, and comes by itself to those who want it`() throws {
        let desk = try Desk([TonePatch.text()])
        #expect(desk.ask("/entries") == [.string("Patch 0"), .string("ready")])
        #expect(desk.refusal("/entries", .string("x"))?.first == "bad-arguments")
        #expect(desk.refusal("/status", .string("x"))?.first == "bad-arguments")
        #expect(desk.ask("/modules")?.contains(.string("biquad")) == true)
        #expect(desk.refusal("/modules", .string("x"))?.first == "bad-arguments")
        #expect(desk.ask("/modules/saw")?.contains(.string("frequency")) == true)
        #expect(desk.refusal("/modules/swa") == ["unknown-type", "swa"])
        #expect(desk.ask("/modules/saw", .int(1)) == desk.ask("/modules/saw"))
        #expect(desk.ask("/modules/saw", .float(0)) == [], "a button's release")
        #expect(desk.refusal("/modules/saw", .string("x"))?.first == "bad-arguments")
        #expect(desk.ask("/meters")?.prefix(2) == [.float(0.25), .int(3)])
        #expect(desk.refusal("/meters", .string("x"))?.first == "bad-arguments")
        #expect(desk.ask("/subscribe", .string("values")) == [.int(60)])
        #expect(desk.ask("/subscribe", .string("errors"), .int(5)) == [.int(5)])
        #expect(desk.refusal("/subscribe", .string("meter"))?.first == "bad-arguments")
        let all = desk.console.due().filter { $0.message.address == "/value" }
        #expect(all.count > 8)
        #expect(desk.console.due().isEmpty, "nothing moved since")
        desk.ask("/mod/osc/detune", .int(3))
        desk.console.note("a line")
        let due = desk.console.due()
        #expect(due.map(\.message.address) == ["/value", "/log"])
        #expect(due[0].message.values == [.int(1), .string("osc.detune"), .float(3), .string("3 st")])
        for client in 0..<100 { desk.ask("/subscribe", .string("meters"), client: "\(client)") }
        #expect(desk.refusal("/subscribe", .string("state"), client: "late")?.first == "busy")
        #expect(desk.ask("/subscribe", .string("values"), .int(0)) == [.int(0)])
        #expect(desk.ask("/learn/start", .string("macro 1")) != nil && desk.ask("/learn/undo") != nil)
        #expect(desk.ask("/learn/stop") != nil)
        #expect(desk.refusal("/learn/start", .string("macro 9"))?.first == "bad-value")
        #expect(desk.refusal("/learn/undo")?.first == "nothing-to-do")
        #expect(desk.refusal("/learn/stop", .string("x"))?.first == "bad-arguments")
    }

    @Test
    func `every command of the table is one of those that are tested here, and every code is explained`()
        throws
    {
        let text = try String(contentsOfFile: #filePath, encoding: .utf8)
        for command in OSCDispatcher.commands where !command.address.contains("<") {
            let isUsed = text.contains("ask(\"\(command.address)\"")
            #expect(isUsed, "\(command.address) has no right use")
            let isRefused =
                text.contains("refusal(\"\(command.address)\"") || text.contains("(\"\(command.address)\", [")
            #expect(isRefused, "\(command.address) has no wrong use")
        }
        let codes = EditError.Code.allCases.map(\.rawValue) + OSCError.Code.allCases.map(\.rawValue)
        #expect(Set(codes) == Set(OSCError.reference.map(\.code)))
        let desk = try Desk([TonePatch.text()])
        #expect(desk.refusal("/patch/crate")?.first == "unknown-command")
        #expect(desk.refusal("/{nix,nox}")?.first == "unknown-command")
        let answer = desk.console.answer(OSCMessage("/panic", [.string("#7")]), client: "t", stamp: 0)
        #expect(answer.values.last == .string("#7"))
    }
}
