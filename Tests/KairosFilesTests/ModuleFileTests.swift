import Foundation
import KairosCompiler
import KairosFiles
import KairosPatch
import KairosTestSupport
import Testing

/// Files of compound modules.
@Suite struct ModuleFiles {
    private let head = "kairos: module/1\nabout: Two.\n"
    private let modules =
        "modules:\n  a: { type: saw }\n  b: { type: saw, detune: 7 ct }\n  g: { type: adsr }\n"
    private let out = "outlets:\n  output: a\n"

    /// The diagnostics about the form of a file, or about its names if the form is valid.
    private func messages(_ text: String, file: String = "duo.yaml") -> String {
        do {
            let found = ModuleRegistry.standard.with([try ModuleFile.parse(text, file: file)])
            return found.faults.isEmpty ? "good" : found.faults.map(\.description).joined(separator: "\n")
        } catch { return "\(error)" }
    }

    @Test func `each fault of the form has its line`() {
        #expect(messages(head + modules + out) == "good")
        #expect(messages("kairos: patch/1\n") == "duo.yaml:1:9: expected 'module/1', found 'patch/1'")
        #expect(
            messages("kairos: module/1\n" + modules + out)
                == "duo.yaml:1:1: the module has no description; add 'about: …'")
        #expect(messages(head + out) == "duo.yaml:1:1: the module contains no modules; add 'modules:'")
        #expect(messages(head + modules) == "duo.yaml:1:1: the module has no outlets; add 'outlets:'")
        #expect(
            messages(head + modules + out, file: "x/2 b.yaml").contains(
                "x/2 b.yaml:1:1: the file name is the name of the module, but '2 b' is not a valid one"))
        #expect(messages(head + "name: duo\n" + modules + out) == "good")
        #expect(
            messages(head + "name: trio\n" + modules + out)
                == "duo.yaml:3:7: the name of the module is that of its file, "
                + "'duo', not 'trio'; remove this line"
        )
        #expect(
            messages(head + "macros: []\n" + modules + out).contains(
                "duo.yaml:3:1: unknown key 'macros' in a module; the keys are name"))
        #expect(
            messages(head + "outlet: a\n" + modules).contains(
                "unknown key 'outlet' in a module. Did you mean 'outlets'?"))
        #expect(
            messages(head + modules + "outlets:\n  output: [a, b]\n").contains(
                "duo.yaml:8:15: outlet 'output' must have a single source"))
        #expect(
            messages(head + modules + "outlets:\n  output: {}\n").contains(
                "outlet 'output' has no target; add to: module.port"))
        #expect(
            messages(head + modules + "outlets:\n  output: { too: a }\n").contains(
                "unknown key 'too' in an outlet. Did you mean 'to'?"))
        #expect(
            messages(head + modules + "outlets:\n  output: []\n").contains(
                "outlet 'output' has no target; write module.port"))
        #expect(
            messages(head + modules + out + "params:\n  detune: b\n").contains(
                "duo.yaml:10:11: the target of parameter 'detune' must be written as module.parameter"))
        #expect(
            messages(head + modules + out + "inlets:\n  p: a.b.c\n").contains(
                "duo.yaml:10:6: 'a.b.c' is not a port; write 'module' or"))
        #expect(messages(head + modules + out + "inlets: [a]\n").contains("inlets must be a mapping"))
        // Names inside a nested compound module cannot be used.
        #expect(
            messages(head + modules + "outlets:\n  output: a/x\n").contains(
                "'a/x' is not a port; write 'module' or 'module.port'"))
        #expect(messages(head + "modules:\n  a/x: { type: saw }\n" + out).contains("invalid name 'a/x'"))
    }

    @Test func `each unknown name has its line, and all are reported at once`() {
        func of(_ more: String) -> String { messages(head + modules + out + more) }
        #expect(
            messages(head + "modules:\n  a: { type: swa }\n" + out).contains(
                "duo.yaml:4:14: there is no module 'swa'"))
        for (type, port) in [("keys", "an inlet"), ("input", "an inlet"), ("output", "an outlet")] {
            #expect(
                messages(
                    head + "modules:\n  a: { type: \(type) }\n  s: { type: saw }\noutlets:\n  output: s\n")
                    == "duo.yaml:4:14: a compound module cannot contain '\(type)'; give 'duo' \(port) instead"
            )
        }
        #expect(
            messages(head + modules + "outlets:\n  output: c\n").contains(
                "duo.yaml:8:11: there is no module called 'c'"))
        #expect(
            messages(head + modules + "outlets:\n  output: a.outputt\n").contains(
                "duo.yaml:8:13: 'saw' has no outlet 'outputt'. Did you mean 'output'?"))
        #expect(
            of("inlets:\n  p: a.pich\n").contains(
                "duo.yaml:10:8: 'saw' has no inlet 'pich'. Did you mean 'pitch'?"))
        #expect(
            of("inlets:\n  p: a.detune\n").contains(
                "'detune' of 'saw' is a parameter; list it under 'params'"))
        #expect(of("inlets:\n  p: [a, g]\n").contains("'p' leads to a signal inlet and to a gate inlet"))
        #expect(of("inlets:\n  p: [a, a]\n").contains("'a.pitch' is listed twice"))
        #expect(
            of("inlets:\n  p: g\n  q: g\n").contains(
                "'g.gate' is already connected, and a gate inlet takes one connection"))
        #expect(of("inlets:\n  output: a\n").contains("'output' is already a port or parameter of 'duo'"))
        #expect(of("inlets:\n  type: a\n").contains("duo.yaml:10:3: 'type' is a reserved word"))
        #expect(
            of("params:\n  d: b.detun\n").contains(
                "duo.yaml:10:8: 'saw' has no parameter 'detun'. Did you mean 'detune'?"))
        #expect(
            of("params:\n  d: b.pitch\n").contains("'pitch' of 'saw' is an inlet; list it under 'inlets'"))
        #expect(
            of("params:\n  d: [a.detune, b.detune]\n").contains(
                "duo.yaml:10:3: 'a.detune' is 0 st and 'b.detune' is 7 ct; choose one with 'default:'"))
        #expect(of("params:\n  d: { to: [a.detune, b.detune], default: 1 ct }\n") == "good")
        #expect(
            of("params:\n  d: [b.detune, g.sustain]\n").contains(
                "duo.yaml:10:17: the targets of 'd' must be of one kind: 'b.detune' is -48 st … 48 st, and 'g.sustain' is 0 % … 100 %"
            ))
        #expect(
            of("params:\n  d: b.detune\n  e: b.detune\n").contains(
                "duo.yaml:11:6: 'b.detune' is already the target of a parameter"))
        #expect(
            of("params:\n  d: { to: b.detune, default: 7 Hz }\n").contains(
                "duo.yaml:10:31: d: wrong unit 'Hz'"))
        #expect(
            of("params:\n  d: { to: b.detune, range: [0 ct, 5 ct] }\n").contains(
                "duo.yaml:10:3: the default of 'd' is 7 ct, which is outside 0 st … 5 ct"))
        #expect(
            of("params:\n  d: { to: b.detune, range: [1 st, 0 st] }\n").contains(
                "has the range 1 st … 0 st; the minimum must be less than the maximum"))
        #expect(
            of("params:\n  d: { to: b.detune, range: [90 st, 91 st] }\n").contains(
                "duo.yaml:10:30: d: 90 st is outside"))
        let lfo = head + "modules:\n  l: { type: lfo }\noutlets:\n  output: l\nparams:\n"
        #expect(
            messages(lfo + "  s: { to: l.shape, range: [sine, saw] }\n").contains(
                "random, sawDown, smooth, expUp, expDown and cannot have a 'range'"))
        #expect(
            messages(
                head
                    + "modules:\n  a: { type: vca }\n  b: { type: vca }\nconnections:\n  - a -> b\n  - b -> a\n"
                    + out)
                == "duo.yaml:4:3: a -> b -> a is a feedback loop without a delay; put a 'delay' into it")
        #expect(of("inlets:\n  p: a.x\n  q: b.x\nparams:\n  d: c.x\n").split(separator: "\n").count == 3)
        #expect(
            messages(head + modules + out, file: "saw.yaml")
                == "saw.yaml: 'saw' is the name of a built-in module; give the file another name")
    }

    @Test
    func `modules in an earlier folder hide later ones, and an invalid file does not affect others`()
        throws
    {
        let folder = NSTemporaryDirectory() + "kairos-modules-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["own", "all"] {
            try FileManager.default.createDirectory(
                atPath: folder + "/" + name, withIntermediateDirectories: true)
        }
        func write(_ name: String, _ text: String) throws {
            try text.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
        }
        try write("all/duo.yaml", head + modules + out)
        try write("own/duo.yaml", head.replacing("Two.", with: "Mine.") + modules + out)
        try write("own/bad.yaml", head + "modulse: {}\n")
        try write(
            "own/user.yml",
            head + "modules:\n  d: { type: duo }\n  x: { type: bad }\noutlets: { output: d }\n")
        let found = Library.modules(in: [folder + "/own", folder + "/all"])
        #expect(found.modules.map(\.name) == ["duo", "user"] && found.modules[0].about == "Mine.")
        #expect(found.faults.map(\.file) == [folder + "/own/bad.yaml"])
        let made = ModuleRegistry.standard.with(found.modules, unread: [("bad", "own/bad.yaml")])
        #expect(made.registry["duo"]?.compound?.file == folder + "/own/duo.yaml")
        #expect(
            made.faults.first?.description.contains("the module 'bad' cannot be read: see own/bad.yaml")
                == true)
    }

    @Test func `the factory modules are valid, and a patch with one of them reads back unchanged`()
        throws
    {
        let found = Library.modules(in: [Checkout.folder + "/Modules"])
        #expect(found.faults.isEmpty && found.modules.count >= 2)
        let made = ModuleRegistry.standard.with(found.modules)
        #expect(made.faults.isEmpty)
        for module in found.modules {
            let trial = try #require(made.registry.trial(of: module.name))
            #expect(try CompiledPatch(trial, registry: made.registry).scheduleText.contains("it/"))
        }
        let text = """
            kairos: patch/1
            name: Two
            level: -12 dB
            modules:
              keys: { type: keys }
              osc:  { type: duo, detune: 12 ct }
            connections:
              - keys.pitch -> osc.pitch

            """
        #expect(PatchFile.text(try PatchFile.parse(text, file: "two.yaml")) == text)
    }
}
