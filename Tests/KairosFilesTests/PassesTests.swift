import KairosCompiler
import KairosFiles
import KairosPatch
import KairosTestSupport
import Testing

/// The faults of all passes are reported at once: form, names, values, ports, macros and cycles of the graph.
@Suite struct AllPasses {
    private func messages(_ text: String) -> [String] {
        do throws(Diagnostics) {
            _ = try FileStore().compile("kairos: patch/1\n" + text, file: "p.yaml", registry: .standard)
            return []
        } catch { return error.list.map(\.description) }
    }

    @Test func `are reported at once, in the order of the file`() {
        let text = """
            nam: A
            name: All
            modules:
              keys: { type: keys }
              o: { type: swa }
              f: { type: svf, cutoff: 1.2 khz, resonanse: 3 % }
              a: { type: vca }
              b: { type: vca }
              c: { }
              out: { type: output }
            connections:
              - keys.pich -> f.cutoff @ 3 st
              - o -> f
              - f -> a.nowhere
              - a -> b
              - b -> a
              - b -> out
              - c -> out
              - d -> out
            macros:
              - { name: K, to: f.cutof }
              - { name: L, to: f.cutoff, range: [200, 9 khz] }
            tuning: none.scl
            """
        let found = messages(text)
        for (line, words) in [
            (2, "unknown key 'nam' in a patch. Did you mean 'name'?"), (6, "there is no module 'swa'"),
            (7, "unknown unit 'khz'; did you mean '1.2 kHz'?"),
            (7, "no parameter 'resonanse'. Did you mean 'resonance'?"), (10, "module 'c' has no type"),
            (13, "no outlet 'pich'. Did you mean 'pitch'?"), (15, "no inlet or parameter 'nowhere'"),
            (20, "there is no module called 'd'"),
            (8, "a -> b -> a is a feedback loop without a delay"),
            (22, "there is no parameter 'f.cutof'. Did you mean 'f.cutoff'?"),
            (23, "did you mean '9 kHz'?"), (24, "there is no file 'none.scl' beside the patch"),
        ] {
            #expect(
                found.contains { $0.hasPrefix("p.yaml:\(line):") && $0.contains(words) },
                "\(line): \(words)\n\(found.joined(separator: "\n"))")
        }
        // A module that is refused is not reported again where it is named.
        #expect(found.count == 12, "\(found.joined(separator: "\n"))")
        let lines = found.compactMap { Int($0.split(separator: ":")[1]) }
        #expect(lines == lines.sorted())
    }

    @Test func `a misspelt key does not make every connection a fault`() {
        #expect(messages("name: A\nmodulse:\n  o: { type: saw }\nconnections:\n  - o -> p\n").count == 1)
    }

    @Test func `the size of a patch is limited`() {
        func patch(_ modules: Int) -> String {
            "name: A\nmodules:\n" + (0..<modules).map { "  m\($0): { type: sine }\n" }.joined()
        }
        #expect(messages(patch(Patch.moduleLimit)) == [])
        let found = messages(patch(Patch.moduleLimit + 1))
        #expect(
            found == [
                "p.yaml:\(3 + Patch.moduleLimit + 1):3: the patch has 1025 modules, and the limit is 1024"
            ])
        let connections = String(repeating: "  - a -> b\n", count: Patch.connectionLimit + 1)
        #expect(
            messages(
                "name: A\nmodules:\n  a: { type: sine }\n  b: { type: vca }\nconnections:\n" + connections
            )
            .first?
            .contains(
                "the patch has 8193 connections, and the limit is 8192") == true)
    }
}
