import Foundation
import KairosEngine
import KairosFiles
import KairosTestSupport
import Testing

/// Files of modules that are made of modules.
@Suite struct ModuleFiles {
    private let head = "kairos: module/1\nabout: Two.\n"
    private let parts =
        "modules:\n  a: { type: saw }\n  b: { type: saw, detune: 7 ct }\n  g: { type: adsr }\n"
    private let out = "outlets:\n  output: a\n"

    /// What is said of a file's form, or of its names where its form is good.
    private func said(_ text: String, file: String = "duo.yaml") -> String {
        do {
            let found = ModuleRegistry.standard.with([try ModuleFile.parse(text, file: file)])
            return found.faults.isEmpty ? "good" : found.faults.map(\.description).joined(separator: "\n")
        } catch { return "\(error)" }
    }

    @Test func `each bad form has its line`() {
        #expect(said(head + parts + out) == "good")
        #expect(said("kairos: patch/1\n") == "duo.yaml:1:9: this is 'patch/1', and 'module/1' was expected")
        #expect(
            said("kairos: module/1\n" + parts + out)
                == "duo.yaml:1:1: the module does not say what it is for; add 'about: …'")
        #expect(said(head + out) == "duo.yaml:1:1: the module is made of nothing; add 'modules:'")
        #expect(said(head + parts) == "duo.yaml:1:1: the module has no outlet; add 'outlets:'")
        #expect(
            said(head + parts + out, file: "x/2 b.yaml").contains(
                "x/2 b.yaml:1:1: a module is called as its file, and '2 b' is no name"))
        #expect(said(head + "name: duo\n" + parts + out) == "good")
        #expect(
            said(head + "name: trio\n" + parts + out)
                == "duo.yaml:3:7: a module is called as its file: 'duo', and this is 'trio'; leave the line out"
        )
        #expect(
            said(head + "macros: []\n" + parts + out).contains(
                "duo.yaml:3:1: a module has no 'macros' (it has name"))
        #expect(
            said(head + "outlet: a\n" + parts).contains("a module has no 'outlet'. Did you mean 'outlets'?"))
        #expect(
            said(head + parts + "outlets:\n  output: [a, b]\n").contains(
                "duo.yaml:8:15: outlet 'output' comes from one"))
        #expect(
            said(head + parts + "outlets:\n  output: {}\n").contains(
                "outlet 'output' should say what stands behind it"))
        #expect(
            said(head + parts + "outlets:\n  output: { too: a }\n").contains(
                "an outlet has no 'too'. Did you mean 'to'?"))
        #expect(said(head + parts + "outlets:\n  output: []\n").contains("outlet 'output' leads nowhere"))
        #expect(
            said(head + parts + out + "params:\n  detune: b\n").contains(
                "duo.yaml:10:11: parameter 'detune' should say what it moves"))
        #expect(
            said(head + parts + out + "inlets:\n  p: a.b.c\n").contains(
                "duo.yaml:10:6: 'a.b.c' is neither 'module' nor"))
        #expect(said(head + parts + out + "inlets: [a]\n").contains("inlets should be a mapping"))
        // Names inside a module inside are nobody's to use.
        #expect(
            said(head + parts + "outlets:\n  output: a/x\n").contains(
                "'a/x' is neither 'module' nor 'module.port'"))
        #expect(said(head + "modules:\n  a/x: { type: saw }\n" + out).contains("'a/x' is no word"))
    }

    @Test func `each bad name has its line, and all are told at once`() {
        func of(_ more: String) -> String { said(head + parts + out + more) }
        #expect(
            said(head + "modules:\n  a: { type: swa }\n" + out).contains(
                "duo.yaml:4:14: there is no module 'swa'"))
        for (type, port) in [("keys", "an inlet"), ("input", "an inlet"), ("output", "an outlet")] {
            #expect(
                said(head + "modules:\n  a: { type: \(type) }\n  s: { type: saw }\noutlets:\n  output: s\n")
                    == "duo.yaml:4:14: '\(type)' belongs to the patch; give 'duo' \(port) in its place")
        }
        #expect(
            said(head + parts + "outlets:\n  output: c\n").contains(
                "duo.yaml:8:11: there is no module called 'c'"))
        #expect(
            said(head + parts + "outlets:\n  output: a.outputt\n").contains(
                "duo.yaml:8:13: 'saw' has no outlet 'outputt'. Did you mean 'output'?"))
        #expect(
            of("inlets:\n  p: a.pich\n").contains(
                "duo.yaml:10:8: 'saw' has no inlet 'pich'. Did you mean 'pitch'?"))
        #expect(
            of("inlets:\n  p: a.detune\n").contains(
                "'detune' of 'saw' is a parameter: it stands under 'params'"))
        #expect(of("inlets:\n  p: [a, g]\n").contains("'p' leads to a signal's inlet and to a gate's"))
        #expect(of("inlets:\n  p: [a, a]\n").contains("'a.pitch' stands here twice"))
        #expect(
            of("inlets:\n  p: g\n  q: g\n").contains(
                "'g.gate' has a connection already, and gates do not add up"))
        #expect(of("inlets:\n  output: a\n").contains("'output' is a port or parameter of 'duo' already"))
        #expect(of("inlets:\n  type: a\n").contains("duo.yaml:10:3: 'type' is a word of the file"))
        #expect(
            of("params:\n  d: b.detun\n").contains(
                "duo.yaml:10:8: 'saw' has no parameter 'detun'. Did you mean 'detune'?"))
        #expect(
            of("params:\n  d: b.pitch\n").contains("'pitch' of 'saw' is an inlet: it stands under 'inlets'"))
        #expect(
            of("params:\n  d: [a.detune, b.detune]\n").contains(
                "duo.yaml:10:3: 'a.detune' is 0 st and 'b.detune' is 7 ct; say which with 'default:'"))
        #expect(of("params:\n  d: { to: [a.detune, b.detune], default: 1 ct }\n") == "good")
        #expect(
            of("params:\n  d: [b.detune, g.sustain]\n").contains(
                "duo.yaml:10:17: 'd' is one value for all that it moves: 'b.detune' is -48 st … 48 st, and 'g.sustain' is 0 % … 100 %"
            ))
        #expect(
            of("params:\n  d: b.detune\n  e: b.detune\n").contains(
                "duo.yaml:11:6: 'b.detune' is moved by a parameter already"))
        #expect(
            of("params:\n  d: { to: b.detune, default: 7 Hz }\n").contains(
                "duo.yaml:10:31: d: 'Hz' is no unit here"))
        #expect(
            of("params:\n  d: { to: b.detune, range: [0 ct, 5 ct] }\n").contains(
                "duo.yaml:10:3: 'd' begins at 7 ct, which is outside 0 st … 5 ct"))
        #expect(
            of("params:\n  d: { to: b.detune, range: [1 st, 0 st] }\n").contains(
                "goes from 1 st up to 0 st, which is no way up"))
        #expect(
            of("params:\n  d: { to: b.detune, range: [90 st, 91 st] }\n").contains(
                "duo.yaml:10:30: d: 90 st is outside"))
        let lfo = head + "modules:\n  l: { type: lfo }\noutlets:\n  output: l\nparams:\n"
        #expect(
            said(lfo + "  s: { to: l.shape, range: [sine, saw] }\n").contains(
                "'s' is one of sine, triangle, saw, square, random and has no 'range'"))
        #expect(
            said(
                head
                    + "modules:\n  a: { type: vca }\n  b: { type: vca }\nconnections:\n  - a -> b\n  - b -> a\n"
                    + out)
                == "duo.yaml:4:3: a -> b -> a is a cycle; put a delay into it")
        #expect(of("inlets:\n  p: a.x\n  q: b.x\nparams:\n  d: c.x\n").split(separator: "\n").count == 3)
        #expect(
            said(head + parts + out, file: "saw.yaml")
                == "saw.yaml: Kairos has a module 'saw' of its own; give the file another name")
    }

    @Test
    func `modules are found in their folders, the earlier hiding the later, and one bad file stops no other`()
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
        try write("all/duo.yaml", head + parts + out)
        try write("own/duo.yaml", head.replacing("Two.", with: "Mine.") + parts + out)
        try write("own/bad.yaml", head + "modulse: {}\n")
        try write(
            "own/user.yml",
            head + "modules:\n  d: { type: duo }\n  x: { type: bad }\noutlets: { output: d }\n")
        let found = Library.modules(in: [folder + "/own", folder + "/all"])
        #expect(found.modules.map(\.name) == ["duo", "user"] && found.modules[0].about == "Mine.")
        #expect(found.faults.map(\.file) == [folder + "/own/bad.yaml"])
        let made = ModuleRegistry.standard.with(found.modules, unread: [("bad", "own/bad.yaml")])
        #expect(made.registry["duo"]?.subPatch?.file == folder + "/own/duo.yaml")
        #expect(
            made.faults.first?.description.contains("the module 'bad' cannot be read: see own/bad.yaml")
                == true)
    }

    @Test func `those that Kairos comes with are good, and a patch with one reads back as it was written`()
        throws
    {
        let found = Library.modules(in: [Checkout.folder + "/Modules"])
        #expect(found.faults.isEmpty && found.modules.count >= 3)
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
