import KairosCompiler
import KairosFiles
import KairosPatch
import KairosTestSupport
import Testing

/// Note stages in patch files: reading, writing, faults, schema.
@Suite struct NoteStageFileTests {
    private static let rest = """

        modules:
          keys: { type: keys }
          osc: { type: saw }
        connections:
          - keys.pitch -> osc.pitch
        """

    private func messages(_ notes: String) -> [String] {
        do throws(Diagnostics) {
            _ = try FileStore().compile(
                "kairos: patch/1\nname: A\nnotes:\n" + notes + Self.rest, file: "p.yaml", registry: .standard)
            return []
        } catch { return error.list.map(\.description) }
    }

    @Test func `stages are read in order and written back`() throws {
        let text =
            "kairos: patch/1\nname: A\nnotes:\n  - { type: arp, mode: upDown, rate: 1/8. }\n"
            + "  - { type: chord }\n  - { type: chord, name: fifths, shape: fifth }\n"
            + "  - { type: sequence, length: 3, pitch: [0, -5, 7], tie: [false, true] }\(Self.rest)"
        let patch = try PatchFile.parse(text, file: "p.yaml")
        let stages = patch.modules.filter(\.isNoteStage)
        #expect(stages.map(\.name.text) == ["arp", "chord", "fifths", "sequence"])
        #expect(
            stages[3].settings.map(\.symbol.text) == ["length", "pitch1", "pitch2", "pitch3", "tie1", "tie2"])
        let again = try PatchFile.parse(PatchFile.text(patch), file: "p.yaml")
        #expect(PatchFile.text(again) == PatchFile.text(patch))
        #expect(PatchFile.text(patch).contains("pitch: [0, -5, 7]"))
        #expect(again.modules.map(\.name.text) == patch.modules.map(\.name.text))
        #expect(again.modules.map(\.isNoteStage) == patch.modules.map(\.isNoteStage))
        _ = try CompiledPatch(again, registry: .standard)
    }

    @Test(
        arguments: [
            ("  - { type: arp, rate: 1/7 }", 4, "arp.rate: '1/7' is not one of"),
            ("  - { type: arpp }", 4, "there is no module 'arpp'. Did you mean 'arp'?"),
            ("  - { type: arp, modes: up }", 4, "'arp' has no parameter 'modes'. Did you mean 'mode'?"),
            ("  - { type: saw }", 4, "'saw' is not a note stage; it belongs to 'modules:'"),
            ("  - { mode: up }", 4, "the note stage has no type"),
            (
                "  - { type: chord }\n  - { type: chord }", 5,
                "there are two modules called 'chord'; give the note stage a name"
            ),
            ("  - { type: arp, name: a b }", 4, "invalid name 'a b'"),
            ("  - { type: sequence, pitch: [0, 99] }", 4, "sequence.pitch2: 99 is outside -48 … 48"),
            ("  - { type: arp, each: voice }", 4, "'arp' has no parameter 'each'"),
            ("  arp: { type: arp }", 4, "notes must be a list"),
        ]) func `faults have a place and a suggestion`(notes: String, line: Int, words: String)
    {
        let found = messages(notes)
        #expect(
            found.contains { $0.hasPrefix("p.yaml:\(line):") && $0.contains(words) },
            "\(found.joined(separator: "\n"))")
    }

    @Test func `a stage among the modules, too many stages, stages of master effects`() {
        func faults(_ text: String) -> [String] {
            do throws(Diagnostics) {
                _ = try FileStore().compile(
                    "kairos: patch/1\nname: A\n" + text, file: "p.yaml", registry: .standard)
                return []
            } catch { return error.list.map(\.description) }
        }
        #expect(
            faults(
                "modules:\n  keys: { type: keys }\n  arp: { type: arp }\n  osc: { type: saw }\nconnections:\n  - keys.pitch -> osc.pitch"
            )
            .contains { $0.contains("'arp' is a note stage; it belongs to the list 'notes:'") })
        let nine = (0..<9).map { "  - { type: chord, name: c\($0) }" }.joined(separator: "\n")
        #expect(messages(nine).contains { $0.contains("has 9 note stages, and the limit is 8") })
        #expect(
            faults(
                "notes: [{ type: arp }]\nmodules:\n  in: { type: input }\n  out: { type: output }\nconnections:\n  - in -> out"
            )
            .contains { $0.contains("master effects play no notes") })
    }

    @Test func `the schema has them in their own list`() throws {
        let schema = PatchSchema.text(ModuleRegistry.standard.declarations)
        #expect(schema.contains("\"notes\"") && schema.contains("\"arp\""))
        #expect(!ModuleSchema.text(ModuleRegistry.standard.declarations).contains("\"arp\""))
    }
}
