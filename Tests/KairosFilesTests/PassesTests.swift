import KairosEngine
import KairosFiles
import KairosTestSupport
import Testing

/// Faults of all passes at once: form, names, values, ports, macros and the order of the graph.
@Suite struct AllPasses {
    private func said(_ text: String) -> [String] {
        do throws(Diagnostics) {
            _ = try PatchFile.compile("kairos: patch/1\n" + text, file: "p.yaml", registry: .standard)
            return []
        } catch { return error.list.map(\.description) }
    }

    @Test func `are in one answer, in the order of the file`() {
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
        let found = said(text)
        for (line, words) in [
            (2, "a patch has no 'nam'. Did you mean 'name'?"), (6, "there is no module 'swa'"),
            (7, "'khz' is no unit here; did you mean '1.2 kHz'?"),
            (7, "no parameter 'resonanse'. Did you mean 'resonance'?"), (10, "module 'c' has no type"),
            (13, "no outlet 'pich'. Did you mean 'pitch'?"), (15, "no inlet or parameter 'nowhere'"),
            (20, "there is no module called 'd'"),
            (8, "a -> b -> a is a cycle"), (22, "there is no parameter 'f.cutof'. Did you mean 'f.cutoff'?"),
            (23, "did you mean '9 kHz'?"), (24, "there is no file 'none.scl' beside the patch"),
        ] {
            #expect(
                found.contains { $0.hasPrefix("p.yaml:\(line):") && $0.contains(words) },
                "\(line): \(words)\n\(found.joined(separator: "\n"))")
        }
        // What is refused in one place is no second fault where it is named.
        #expect(found.count == 12, "\(found.joined(separator: "\n"))")
        let lines = found.compactMap { Int($0.split(separator: ":")[1]) }
        #expect(lines == lines.sorted())
    }

    @Test func `a key that is misspelt does not make every connection a fault`() {
        #expect(said("name: A\nmodulse:\n  o: { type: saw }\nconnections:\n  - o -> p\n").count == 1)
    }

    @Test func `a patch is bounded`() {
        func patch(_ modules: Int) -> String {
            "name: A\nmodules:\n" + (0..<modules).map { "  m\($0): { type: sine }\n" }.joined()
        }
        #expect(said(patch(Patch.moduleLimit)) == [])
        let found = said(patch(Patch.moduleLimit + 1))
        #expect(
            found == [
                "p.yaml:\(3 + Patch.moduleLimit + 1):3: the patch has 1025 modules, and 1024 are the most"
            ])
        let connections = String(repeating: "  - a -> b\n", count: Patch.connectionLimit + 1)
        #expect(
            said("name: A\nmodules:\n  a: { type: sine }\n  b: { type: vca }\nconnections:\n" + connections)
                .first?
                .contains(
                    "the patch has 8193 connections, and 8192 are the most") == true)
    }
}
