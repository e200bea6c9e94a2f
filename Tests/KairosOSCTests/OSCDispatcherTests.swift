import CRealtime
import Foundation
import KairosCompiler
import KairosControl
import KairosDSP
import KairosFiles
import KairosPatch
import KairosSession
import KairosTestSupport
import Synchronization
import Testing

@testable import KairosOSC

/// Every command, its answers and its errors.
@Suite(.serialized) struct OSCDispatcherTests {
    @Test func `a patch of an oscillator and a filter sounds at 880 Hz`() throws {
        let osc = try OSCRig([TonePatch.text()])
        #expect(osc.ask("/patch/create", .string("osc1"), .string("sine")) == [])
        #expect(osc.ask("/patch/create", .string("filt1"), .string("biquad")) == [])
        #expect(osc.ask("/patch/connect", .string("osc1"), .string("filt1")) == [])
        #expect(osc.ask("/mod/osc1/frequency", .int(880)) == [.float(880), .string("880 Hz")])
        #expect(osc.ask("/mod/filt1/cutoff", .int(2000))?.last == .string("2 kHz"))
        #expect(osc.ask("/patch/commit")?.last == .string("filt1"))
        #expect(abs(osc.frequency() - 880) < 0.5)
        // The parameter follows commands while the patch sounds.
        #expect(osc.ask("/mod/osc1/frequency", .string("0.44 kHz"))?.first == .float(440))
        osc.advance()
        #expect(abs(osc.frequency() - 440) < 0.5)
        #expect(osc.ask("/mod/osc1/frequency") == [.float(440), .string("440 Hz")])
        #expect(osc.ask("/patch/undo") != nil)
        osc.advance()
        #expect(osc.frequency() == 0)
        #expect(osc.ask("/patch/redo") != nil)
    }

    @Test func `each patch command does what it says, and refuses invalid values`() throws {
        let osc = try OSCRig([TonePatch.text()])
        let (a, b) = (OSCValue.string("a"), OSCValue.string("b"))
        #expect(osc.ask("/patch/create", a, .string("saw")) == [])
        #expect(osc.refusal("/patch/create", a, .string("saw")) == ["name-taken", "a"])
        #expect(osc.refusal("/patch/create", .string("1x"), .string("saw")) == ["bad-name", "1x"])
        #expect(osc.refusal("/patch/create", b, .string("swa")) == ["unknown-type", "swa"])
        #expect(osc.refusal("/patch/create", b) == ["bad-arguments", "/patch/create"])
        #expect(osc.refusal("/patch/create", b, .string("keys")) == ["name-taken", "b"])
        #expect(osc.ask("/patch/rename", a, b) == [])
        #expect(osc.refusal("/patch/rename", a, b) == ["unknown-name", "a"])
        #expect(osc.refusal("/patch/connect", b, .string("osc.nix")) == ["bad-connection", "b -> osc.nix"])
        #expect(
            osc.refusal("/patch/connect", b, .string("osc.ratio")) == ["bad-connection", "b -> osc.ratio"])
        #expect(osc.ask("/patch/connect", b, .string("osc.ratio"), .string("3 st")) == [])
        #expect(
            osc.refusal("/patch/connect", .string("b.output"), .string("osc.ratio"), .string("3 st"))
                == ["name-taken", "b.output -> osc.ratio"])
        #expect(
            osc.refusal("/patch/connect", .string("keys.gate"), .string("vca")) == [
                "bad-connection", "keys.gate -> vca",
            ])
        #expect(osc.ask("/patch/disconnect", b, .string("osc")) == [])
        #expect(osc.refusal("/patch/disconnect", b, .string("osc")) == ["unknown-name", "b -> osc"])
        #expect(osc.ask("/patch/check") == [.int(6), .int(5)])
        #expect(osc.ask("/patch/show")?.first?.text.contains("type: saw") == true)
        #expect(osc.ask("/patch/commit")?.count == 1)
        #expect(osc.refusal("/patch/commit")?.first == "nothing-to-do")
        #expect(osc.ask("/patch/delete", b) == [])
        #expect(osc.refusal("/patch/delete", b) == ["unknown-name", "b"])
        #expect(osc.ask("/patch/abort") == [])
        #expect(osc.refusal("/patch/abort")?.first == "nothing-to-do")
        #expect(osc.ask("/mod")?.contains(b) == true)
        #expect(osc.ask("/patch/undo")?.count == 1)
        #expect(osc.refusal("/patch/undo")?.first == "nothing-to-do")
        #expect(osc.ask("/patch/redo")?.count == 1)
        #expect(osc.refusal("/patch/redo")?.first == "nothing-to-do")
        #expect(osc.ask("/patch/clear") == [])
        #expect(osc.refusal("/patch/clear", .string("x")) == ["bad-arguments", "/patch/clear"])
        #expect(osc.refusal("/patch/show", .string("x")) == ["bad-arguments", "/patch/show"])
        #expect(osc.refusal("/patch/commit")?.first == "bad-patch")
        #expect(osc.refusal("/patch/check")?.first == "bad-patch")
        #expect(osc.ask("/mod") != [], "the sounding patch still has its modules")
        #expect(osc.ask("/patch/load", .string("slow-tide")) == [])
        #expect(osc.refusal("/patch/load", .string("slow-tied")) == ["unknown-name", "slow-tied"])
        #expect(osc.ask("/patch/commit")?.count == 1)
        #expect(osc.ask("/mod")?.contains(.string("swell")) == true)
        #expect(osc.ask("/patch/list")?.contains(.string("slow-tide")) == true)
        #expect(osc.refusal("/patch/list", .string("x")) == ["bad-arguments", "/patch/list"])
        #expect(osc.ask("/patch/layer", .int(1)) == [])
        #expect(osc.refusal("/patch/layer", .int(2))?.first == "nothing-plays")
        #expect(osc.refusal("/patch/layer", .string("master"))?.first == "nothing-plays")
        #expect(osc.refusal("/patch/layer", .int(17))?.first == "bad-arguments")
        #expect(osc.refusal("/patch/layer", .long(.min))?.first == "bad-arguments")
    }

    @Test func `a cycle is refused with its path, and the sound and the draft do not change`() throws {
        let osc = try OSCRig([TonePatch.text()])
        for name in ["f", "g"] { osc.ask("/patch/create", .string(name), .string("svf")) }
        osc.ask("/patch/connect", .string("f"), .string("g"))
        osc.ask("/patch/connect", .string("g"), .string("f"))
        osc.ask("/patch/connect", .string("g"), .string("out"))
        let answer = osc.dispatcher.answer(OSCMessage("/patch/commit"), client: "test", stamp: 0)
        #expect(answer.values[0] == .string("bad-patch"))
        #expect(answer.values[1].text.contains("f -> g -> f is a feedback loop without a delay"))
        #expect(osc.ask("/mod")?.contains(.string("g")) == true)
        #expect(osc.ask("/patch/disconnect", .string("g"), .string("f")) == [])
        #expect(osc.ask("/patch/commit") != nil)
    }

    @Test func `a saved patch has the current values and reads back as the same patch`() throws {
        let osc = try OSCRig([TonePatch.text()])
        osc.ask("/mod/env/release", .string("1.5 s"))
        osc.ask("/mod/osc/ratio/normalized", .float(0.5))
        let path = try #require(osc.ask("/patch/save", .string("mine"))?.first?.text)
        let patch = try PatchFile.read(path: path)
        let env = patch.modules.first { $0.name.text == "env" }
        #expect(env?.settings.first { $0.symbol.text == "release" }?.value.text == "1.5 s")
        #expect(patch.program == nil && patch.name == "mine")
        _ = try CompiledPatch(patch, registry: .standard)
        #expect(osc.ask("/patch/save", .string("mine")) != nil)
        #expect(FileManager.default.fileExists(atPath: path + "~"))
        for name in ["../evil", "/tmp/evil", "a/b", "", ".", String(repeating: "x", count: 500_000)] {
            #expect(osc.refusal("/patch/save", .string(name))?.first == "bad-name")
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: osc.folder).sorted() == [
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

    @Test func `a compound module is set, shown, saved and recompiled like any other`() throws {
        let registry = try Self.modules(highest: "50 ct")
        let osc = try OSCRig([Self.doubled], registry: registry)
        #expect(osc.ask("/modules")?.last == .string("double"))
        #expect(osc.ask("/modules/double")?.contains(.string("tune")) == true)
        #expect(osc.ask("/mod") == ["keys", "osc", "env", "vca", "out"].map { .string($0) })
        #expect(osc.ask("/mod/osc")?.map(\.text).prefix(2) == ["double", "tune"])
        #expect(osc.ask("/mod/osc/tune")?.last == .string("5 ct"))
        #expect(osc.ask("/mod/osc/tune", .string("20 ct"))?.last == .string("20 ct"))
        #expect(osc.ask("/mod/osc/tune")?.last == .string("20 ct"))
        #expect(osc.ask("/mod/osc/tune/normalized", .float(0.5))?.last == .string("25 ct"))
        #expect(osc.refusal("/mod/osc/tune", .string("1 st")) == ["bad-value", "osc.tune"])
        #expect(osc.refusal("/mod/osc/detune", .int(0)) == ["unknown-name", "osc.detune"])
        // Modules inside a compound module cannot be set.
        #expect(osc.refusal("/mod/osc/high/detune", .int(0)) != nil)
        #expect(osc.ask("/patch/show")?.first?.text.contains("osc:  { type: double, tune: 5 ct }") == true)
        #expect(osc.ask("/patch/create", .string("more"), .string("double")) == [])
        #expect(osc.ask("/patch/connect", .string("keys.pitch"), .string("more")) == [])
        #expect(osc.ask("/patch/connect", .string("env"), .string("more.tune"), .string("10 ct")) == [])
        #expect(
            osc.refusal("/patch/connect", .string("env"), .string("more.tone"), .string("1"))?.first
                == "bad-connection")
        #expect(osc.ask("/patch/commit")?.last == .string("more"))
        #expect(osc.ask("/mod/osc/tune")?.last == .string("25 ct"))
        let path = try #require(osc.ask("/patch/save", .string("mine"))?.first?.text)
        let saved = try PatchFile.read(path: path)
        #expect(saved.modules[1].settings.map(\.value.text) == ["25 ct"])
        #expect(saved.modules.map(\.type.text) == ["keys", "double", "adsr", "vca", "output", "double"])
        _ = try CompiledPatch(saved, registry: registry)
    }

    @Test func `saved compound modules are available at once, and patches that use them are recompiled`()
        throws
    {
        let osc = try OSCRig([Self.doubled], registry: .standard(with: ["double": Self.plain]))
        let editor = osc.dispatcher.editor
        // An open draft uses the new module, too.
        #expect(osc.ask("/patch/create", .string("x"), .string("sine")) == [])
        let better = try Self.modules(highest: "70 ct")
        let outcome = editor.replaceModules(better, changed: ["double"])
        #expect(outcome.commits.count == 1 && outcome.faults.isEmpty)
        #expect(osc.ask("/patch/create", .string("y"), .string("double")) == [])
        #expect(osc.ask("/mod/y/tune", .string("60 ct")) != nil)
        #expect(editor.replaceModules(better, changed: ["other"]).commits.isEmpty)
        // A patch that the new module does not fit is reported, and the old version plays on.
        let worse = try ModuleRegistry.standard(with: [
            "double": "modules: { a: { type: sine } }\noutlets: { output: a }\ninlets: { pitch: a }"
        ])
        let refused = editor.replaceModules(worse, changed: ["double"])
        #expect(refused.commits.isEmpty && refused.faults.count == 1)
        #expect(refused.faults.first?.description.contains("'double' has no parameter 'tune'") == true)
        #expect(osc.ask("/status") != nil)
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

    @Test func `every patch of the checkout reads back from its printed text`() throws {
        for compiled in try Checkout.patches() {
            var again = try PatchFile.parse(PatchFile.text(compiled.patch), file: compiled.patch.file)
            again.file = compiled.patch.file
            #expect(try CompiledPatch(again, registry: .standard).scheduleText == compiled.scheduleText)
            #expect(PatchFile.text(again) == PatchFile.text(compiled.patch))
            #expect(again.level == compiled.patch.level && again.voicing == compiled.patch.voicing)
        }
    }

    @Test func `values are set, read, listed and refused`() throws {
        let osc = try OSCRig([TonePatch.text()])
        osc.ask("/patch/create", .string("osc2"), .string("saw"))
        osc.ask("/patch/commit")
        #expect(osc.ask("/mod/osc*/detune", .string("7 ct"))?.count == 6)
        #expect(osc.ask("/mod/osc2/detune")?.last == .string("7 ct"))
        #expect(osc.ask("/mod/{osc,osc2}/detune/normalized")?.first == .string("osc.detune"))
        #expect(osc.ask("/mod/vca")?.first == .string("vca"))
        #expect(osc.refusal("/mod/osc2/detune", .int(100)) == ["bad-value", "osc2.detune"])
        #expect(osc.refusal("/mod/osc2/detune", .string("7 Hz")) == ["bad-value", "osc2.detune"])
        #expect(osc.refusal("/mod/osc2/detun", .int(1)) == ["unknown-name", "osc2.detun"])
        #expect(osc.refusal("/mod/nix/detune", .int(1)) == ["unknown-name", "nix"])
        #expect(osc.refusal("/mod/osc2/detune/normalized", .float(1.5))?.first == "bad-arguments")
        #expect(osc.refusal("/mod/osc2/detune/place", .float(0.5))?.first == "unknown-command")
        #expect(osc.refusal("/mod/osc2/detune", .int(1), .int(2))?.first == "bad-arguments")
        #expect(osc.refusal("/mod", .string("x"))?.first == "bad-arguments")
        #expect(osc.refusal("/mod/osc2", .int(1))?.first == "bad-arguments")
    }

    @Test func `presets are saved, loaded, listed and deleted`() throws {
        let osc = try OSCRig([TonePatch.text()])
        let dark = OSCValue.string("dark")
        #expect(osc.ask("/preset/list") == [])
        osc.ask("/mod/env/release", .string("1.5 s"))
        osc.advance()
        let saved = try #require(osc.ask("/preset/save", dark))
        #expect(saved[0].text == osc.folder + "/Presets/test.yaml")
        let presets = try PresetFile.read(path: saved[0].text)
        #expect(presets.patch == "test" && saved[1] == .int(Int32(presets.list[0].values.count)))
        #expect(
            presets.list[0].values.first { $0.macro.text == "env.release" }?.value.text == "1.5 s")
        osc.ask("/mod/env/release", .string("20 ms"))
        #expect(osc.ask("/preset/load", dark) == [saved[1]])
        osc.advance()
        #expect(osc.ask("/mod/env/release") == [.float(1.5), .string("1.5 s")])
        // Parameters that the patch no longer has are named, and the others are set.
        osc.ask("/mod/env/release", .string("20 ms"))
        let text = try String(contentsOfFile: saved[0].text, encoding: .utf8)
        try text.replacing("osc.ratio", with: "osc.rato").write(
            toFile: saved[0].text, atomically: true, encoding: .utf8)
        #expect(osc.ask("/preset/load", dark)?.last == .string("osc.rato"))
        osc.advance()
        #expect(osc.ask("/mod/env/release")?.first == .float(1.5))
        // An invalid value sets none of them.
        osc.ask("/mod/env/release", .string("20 ms"))
        try text.replacing("1.5 s", with: "soon").write(
            toFile: saved[0].text, atomically: true, encoding: .utf8)
        #expect(osc.refusal("/preset/load", dark) == ["file", "dark"])
        osc.advance()
        #expect(osc.ask("/mod/env/release")?.first == .float(0.02))
        try text.write(toFile: saved[0].text, atomically: true, encoding: .utf8)
        for name in ["../evil", "/tmp/evil", "a/b", "", ".", String(repeating: "x", count: 500_000)] {
            #expect(osc.refusal("/preset/save", .string(name))?.first == "bad-name")
        }
        #expect(osc.ask("/preset/save", dark) != nil && osc.ask("/preset/save", .string("light")) != nil)
        #expect(osc.ask("/preset/list") == [dark, .string("light")])
        #expect(osc.refusal("/preset/list", .string("x")) == ["bad-arguments", "/preset/list"])
        #expect(osc.refusal("/preset/load", .string("lihgt")) == ["unknown-name", "lihgt"])
        #expect(osc.ask("/preset/delete", dark) == [])
        #expect(osc.refusal("/preset/delete", dark) == ["unknown-name", "dark"])
        #expect(osc.ask("/preset/list") == [.string("light")])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: osc.folder + "/Presets").sorted() == [
                "test.yaml", "test.yaml~",
            ])
    }

    @Test func `a session is returned and restored as text, completely or not at all`() throws {
        let osc = try OSCRig([
            TonePatch.text(), TonePatch.text().replacing("type: sine", with: "type: sine, ratio: 2"),
        ])
        let plain = try #require(osc.ask("/session/get")?.first?.text)
        #expect(plain == "kairos: session/1\nentry: { name: Patch 0, program: 0 }\n")
        osc.ask("/program", .int(1))
        for _ in 0..<100 where osc.ask("/status")?[1] != .string("Patch 1") { osc.advance() }
        osc.ask("/mod/env/release", .string("1.234567 s"))
        osc.ask("/mod/vca/gain", .string("-7 dB"))
        osc.ask("/tempo", .float(93.5))
        osc.ask("/cc", .int(2), .int(7), .int(99))
        osc.ask("/patch/create", .string("low"), .string("svf"))
        osc.ask("/patch/connect", .string("vca"), .string("low"))
        osc.ask("/patch/connect", .string("low.low"), .string("out"))
        #expect(osc.ask("/patch/commit") != nil)
        osc.ask("/mod/low/cutoff", .float(432.1))
        osc.advance()
        let changed = try #require(osc.ask("/session/get")?.first?.text)
        for line in ["tempo: 93.5", "low.cutoff: 432.1 Hz", "env.release: 1.234567 s", "vca.gain: -7 dB"] {
            #expect(changed.contains(line), "\(line)")
        }
        // Restoring and reading back gives the same text.
        for text in [plain, changed, plain, changed] {
            #expect(osc.ask("/session/set", .string(text)) != nil)
            osc.advance()
            #expect(osc.ask("/session/get") == [.string(text)])
        }
        for (wrong, what) in [
            (changed.replacing("432.1 Hz", with: "432.1 dB"), "wrong unit 'dB'"),
            (changed.replacing("low.cutoff:", with: "low.cutof:"), "Did you mean 'low.cutoff'"),
            (changed.replacing("name: Patch 1,", with: "name: Patch 3,"), "no entry 'Patch 3'"),
            (changed.replacing("type: svf", with: "type: svff"), "Did you mean 'svf'"),
            (changed.replacing("base: \"", with: "base: \"0"), "was changed since"),
            (changed.replacing("tempo: 93.5", with: "tempo: fast"), "tempo: 'fast'"),
            ("setlist: friday\n" + changed, "kairos: session/1"),
            (changed + "setlist: friday\n", "the set list 'friday'"), (changed + "temp: 3\n", "Did you mean"),
            (String(changed.prefix(changed.count / 2)), "session:"), ("", "the file has no content"),
        ] {
            let answer = osc.dispatcher.answer(
                OSCMessage("/session/set", [.string(wrong)]), client: "test", stamp: 0)
            #expect(answer.values.first == .string("bad-arguments"))
            #expect(answer.values[1].text.contains(what), "\(answer.values[1].text)")
        }
        osc.advance()
        #expect(osc.ask("/session/get") == [.string(changed)], "refused sessions change nothing")
        #expect(osc.refusal("/session/set") == ["bad-arguments", "/session/set"])
        #expect(osc.refusal("/session/get", .string("x")) == ["bad-arguments", "/session/get"])
    }

    @Test func `a session restores every parameter of every patch bit-exactly`() throws {
        let osc = try OSCRig()
        var generator = Noise()
        var most = 0
        for _ in 0..<4 {
            osc.ask("/next")
            osc.advance()
            let modules = try #require(osc.ask("/mod")).map(\.text)
            var before: [String: OSCValue] = [:]
            for module in modules {
                let answer = try #require(osc.ask("/mod/\(module)"))
                for index in stride(from: 1, to: answer.count, by: 3) {
                    let name = "/mod/\(module)/\(answer[index].text)"
                    before[name] = osc.ask(name + "/normalized", .float(generator.next()))?.first
                }
            }
            osc.advance()
            let text = try #require(osc.ask("/session/get")?.first?.text)
            var values: [String: OSCValue] = [:]
            for name in before.keys { values[name] = osc.ask(name)?.first }
            most = max(most, before.count)
            for name in before.keys { osc.ask(name + "/normalized", .float(generator.next())) }
            osc.advance()
            #expect(osc.ask("/session/set", .string(text)) != nil)
            osc.advance()
            for name in before.keys { #expect(osc.ask(name)?.first == values[name], "\(name)") }
            #expect(osc.ask("/session/get")?.first?.text == text)
        }
        #expect(most > 40, "\(most)")
    }

    /// Pseudo-random numbers 0…1, the same in every run.
    private struct Noise {
        private var state: UInt64 = 7
        mutating func next() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 24)
        }
    }

    @Test func `a commit does not overwrite what another client changed`() throws {
        let osc = try OSCRig([TonePatch.text()])
        // Different changes: both are committed.
        osc.ask("/patch/create", .string("one"), .string("saw"), client: "a")
        osc.ask("/patch/create", .string("two"), .string("saw"), client: "b")
        #expect(osc.ask("/patch/commit", client: "a") != nil)
        #expect(osc.ask("/patch/commit", client: "b") != nil)
        #expect(
            osc.ask("/mod")?.contains(.string("one")) == true
                && osc.ask("/mod")?.contains(.string("two")) == true)
        // Changes to the same module: the second commit is refused.
        osc.ask("/patch/delete", .string("one"), client: "a")
        osc.ask("/patch/connect", .string("one"), .string("osc.modulator"), client: "b")
        #expect(osc.ask("/patch/commit", client: "a") != nil)
        #expect(osc.refusal("/patch/commit", client: "b") == ["conflict", "one"])
        #expect(osc.ask("/patch/abort", client: "b") != nil)
    }

    @Test func `notes, controllers and program changes are played`() throws {
        let osc = try OSCRig([
            TonePatch.text(), TonePatch.text().replacing("type: sine", with: "type: sine, ratio: 2"),
        ])
        let one = OSCValue.int(1)
        #expect(osc.ask("/note/on", one, .int(69), .int(100)) == [])
        #expect(abs(osc.frequency() - 440) < 0.5)
        #expect(osc.ask("/note/off", one, .int(69)) == [])
        osc.waitForSilence()
        #expect(osc.ask("/note/hz", one, .float(432.5), .float(0.8)) == [.int(69)])
        #expect(abs(osc.frequency() - 432.5) < 0.5)
        #expect(osc.ask("/bend", one, .float(1)) == [])
        osc.advance()
        #expect(abs(osc.frequency() - 432.5 * exp2(2.0 / 12)) < 0.6)
        #expect(osc.ask("/note/hz", one, .float(432.5), .int(0)) == [.int(69)])
        #expect(osc.ask("/bend", one, .float(0)) == [])
        osc.waitForSilence()
        #expect(osc.ask("/cc", one, .int(7), .int(0)) == [] && osc.ask("/pressure", one, .int(9)) == [])
        #expect(osc.ask("/cc", one, .int(7), .float(1)) == [])
        #expect(osc.ask("/program", .int(1)) == [])
        #expect(osc.ask("/note/on", one, .int(69), .float(0.9)) == [])
        #expect(abs(osc.frequency() - 880) < 0.5)
        #expect(osc.ask("/status")?[1] == .string("Patch 1"))
        #expect(osc.ask("/panic") == [])
        osc.advance()
        #expect(osc.frequency() == 0)
        #expect(osc.ask("/previous") == [] && osc.ask("/next") == [])
        #expect(osc.ask("/tempo", .float(90)) == [.float(90)])
        osc.advance()
        #expect(osc.ask("/tempo") == [.float(90)])
        for (address, values) in [
            ("/note/on", [OSCValue.int(0), .int(60), .int(1)]), ("/note/on", [one, .int(128), .int(1)]),
            ("/note/on", [one, .int(60), .float(127.5)]), ("/note/off", [one]),
            ("/note/hz", [one, .float(1), .int(9)]),
            ("/cc", [one, .int(1), .int(200)]), ("/bend", [one, .float(2)]), ("/pressure", [one]),
            ("/tempo", [.float(1)]), ("/panic", [one, one]), ("/next", [.string("1")]),
            ("/previous", [.float(.nan)]),
        ] {
            let answer = osc.dispatcher.answer(OSCMessage(address, values), client: "test", stamp: 0)
            #expect(answer.values.first == .string("bad-arguments"), "\(address) \(values)")
        }
        #expect(osc.refusal("/program", .int(9)) == ["unknown-name", "program 9"])
    }

    @Test func `queries are answered, and subscribers get messages`() throws {
        let osc = try OSCRig([TonePatch.text()])
        #expect(osc.ask("/entries") == [.string("Patch 0"), .string("ready")])
        #expect(osc.refusal("/entries", .string("x"))?.first == "bad-arguments")
        #expect(osc.refusal("/status", .string("x"))?.first == "bad-arguments")
        #expect(osc.ask("/modules")?.contains(.string("biquad")) == true)
        #expect(osc.refusal("/modules", .string("x"))?.first == "bad-arguments")
        #expect(osc.ask("/modules/saw")?.contains(.string("frequency")) == true)
        #expect(osc.refusal("/modules/swa") == ["unknown-type", "swa"])
        #expect(osc.ask("/modules/saw", .int(1)) == osc.ask("/modules/saw"))
        #expect(osc.ask("/modules/saw", .float(0)) == [], "a button's release")
        #expect(osc.refusal("/modules/saw", .string("x"))?.first == "bad-arguments")
        #expect(osc.ask("/meters")?.prefix(2) == [.float(0.25), .int(3)])
        #expect(osc.refusal("/meters", .string("x"))?.first == "bad-arguments")
        #expect(osc.ask("/subscribe", .string("values")) == [.int(60)])
        #expect(osc.ask("/subscribe", .string("errors"), .int(5)) == [.int(5)])
        #expect(osc.refusal("/subscribe", .string("meter"))?.first == "bad-arguments")
        let all = osc.dispatcher.subscribers.dueMessages().filter { $0.message.address == "/value" }
        #expect(all.count > 8)
        #expect(osc.dispatcher.subscribers.dueMessages().isEmpty, "no value changed since")
        osc.ask("/mod/osc/detune", .int(3))
        osc.dispatcher.log("a line")
        let due = osc.dispatcher.subscribers.dueMessages()
        #expect(due.map(\.message.address) == ["/value", "/log"])
        #expect(due[0].message.values == [.int(1), .string("osc.detune"), .float(3), .string("3 st")])
        for client in 0..<100 { osc.ask("/subscribe", .string("meters"), client: "\(client)") }
        #expect(osc.refusal("/subscribe", .string("state"), client: "late")?.first == "busy")
        #expect(osc.ask("/subscribe", .string("values"), .int(0)) == [.int(0)])
        #expect(osc.ask("/learn/start", .string("macro 1")) != nil && osc.ask("/learn/undo") != nil)
        #expect(osc.ask("/learn/stop") != nil)
        #expect(osc.refusal("/learn/start", .string("macro 9"))?.first == "bad-value")
        #expect(osc.refusal("/learn/undo")?.first == "nothing-to-do")
        #expect(osc.refusal("/learn/stop", .string("x"))?.first == "bad-arguments")
    }

    @Test
    func `every command is tested here, and every error code is documented`()
        throws
    {
        let text = try String(contentsOfFile: #filePath, encoding: .utf8)
        for command in OSCDispatcher.commands where !command.address.contains("<") {
            let isUsed = text.contains("ask(\"\(command.address)\"")
            #expect(isUsed, "\(command.address) has no test of a valid use")
            let isRefused =
                text.contains("refusal(\"\(command.address)\"") || text.contains("(\"\(command.address)\", [")
            #expect(isRefused, "\(command.address) has no test of an invalid use")
        }
        let codes = EditError.Code.allCases.map(\.rawValue) + OSCError.Code.allCases.map(\.rawValue)
        #expect(Set(codes) == Set(OSCError.reference.map(\.code)))
        let osc = try OSCRig([TonePatch.text()])
        #expect(osc.refusal("/patch/crate")?.first == "unknown-command")
        #expect(osc.refusal("/{nix,nox}")?.first == "unknown-command")
        let answer = osc.dispatcher.answer(OSCMessage("/panic", [.string("#7")]), client: "t", stamp: 0)
        #expect(answer.values.last == .string("#7"))
    }
}
