import Foundation
import KairosDSP
import KairosFiles
import KairosPatch
import KairosTestSupport
import Testing

/// The header that ``PatchScan`` reads equals that of the full parser.
@Suite struct Headers {
    private static let files = Library.files(in: [
        Checkout.folder + "/Patches", Checkout.folder + "/Tests/Patches",
    ])

    private static func text(_ file: String) throws -> String {
        try String(contentsOf: URL(fileURLWithPath: file), encoding: .utf8)
    }

    @Test func `of the factory patches`() throws {
        for file in Self.files {
            #expect(
                try PatchFile.header(path: file) == PatchHeader(try PatchFile.read(path: file)), "\(file)")
        }
    }

    @Test(arguments: [
        "name: \"A: b\"", "name: 'It''s'", "name: A # not B", "name: A#B", "name: >\n  A\n  B",
        "name: A\n  B",
        "name: A\n\n  B", "name: A\nabout: x: y", "about: a\nname: B", "name: A\r", "name:   A  ",
        "name: !!str A",
        "{ name: A }", "name: A\nname: B", "name: A\n# c\nprogram: 3", "name: A\nprogram: 128",
        "name: A\nprogram: 012", "name: A\nprogram: \"3\"", "name: A\nbank: 200\nprogram: 5", "name: [A]",
        "name: A\n...\nprogram: 4", "name: A\n---\nprogram: 4", "name: A\n\tprogram: 4", "name: ~", "name: -",
        "name: A:",
        "name: A\nabout:\nprogram: 3", "\"name\": A", "name : A", "name:A", "name: A\nabout: |\n  program: 9",
        "name: A\nabout: x\u{85}y", "name: A\nvoices: \"1\nprogram: 2\"",
        "name: A\nlevel: [\nprogram: 2 ]", "name: A\nlevel: '\nprogram: 2\n'",
        "name: A\nabout: x\u{2028}program: 9",
    ])
    func `of other forms of YAML`(lines: String) {
        for modules in [
            "modules:\n  o: { type: saw }\n",
            "modules:\n  i: {type: input}\n  o: {type: output}\nconnections: [i -> o]\n",
        ] {
            let text = "kairos: patch/1\n\(lines)\n\(modules)"
            guard let patch = try? PatchFile.parse(text, file: "p.yaml") else { continue }
            #expect((try? PatchFile.header(text, file: "p.yaml")) == PatchHeader(patch), "\(text)")
        }
    }

    @Test func `of damaged patches`() throws {
        let originals = try Self.files.map(Self.text)
        let pieces = [
            "name: X\n", "program: 7\n", "bank: 3\n", "  ", "\n", ": ", "#", "'", "\"", "input", ".", "- ",
            "|", "{", "\t",
            "about: ", "kairos: ", "type: input", "\u{a0}", "?", "&a ", "*a",
        ]
        var state: UInt32 = 7, compared = 0
        func draw(_ bound: Int) -> Int {
            state = scrambled(state &+ 0x9e37_79b9)
            return Int(state) % max(1, bound)
        }
        for n in 0..<6000 {
            var text = originals[n % originals.count]
            for _ in 0...draw(2) {
                // Most of the damage is in the header.
                let at = text.index(text.startIndex, offsetBy: draw(min(text.count, 300)))
                switch draw(3) {
                case 0: text.insert(contentsOf: pieces[draw(pieces.count)], at: at)
                case 1: text.remove(at: at)
                default:
                    let end = text.index(at, offsetBy: draw(12), limitedBy: text.endIndex) ?? text.endIndex
                    text.removeSubrange(at..<end)
                }
            }
            guard let patch = try? PatchFile.parse(text, file: "p.yaml") else { continue }
            compared += 1
            let header = try? PatchFile.header(text, file: "p.yaml")
            #expect(header == PatchHeader(patch), "\(text)")
        }
        #expect(compared > 500)
    }
}
