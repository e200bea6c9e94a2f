import Foundation
import KairosControl
import KairosFiles
import KairosPatch
import Testing

/// Each fault is reported in one line: where it is, what is wrong, what was expected, the nearest valid text.
@Suite struct BadFiles {
    private func messages(_ text: String) -> String {
        do throws(Diagnostics) {
            _ = try PatchFile.parse(text, file: "p.yaml")
            return "good"
        } catch { return error.description }
    }

    private func mappingMessages(_ text: String) -> String {
        do throws(Diagnostics) {
            _ = try MappingFile.parse("kairos: mapping/1\ncontrols:\n  - " + text, file: "m.yaml")
            return "good"
        } catch { return error.description }
    }

    private let head = "kairos: patch/1\nname: A\n"
    private let modules = "modules:\n  o: { type: saw }\n"

    @Test func `of a patch`() {
        #expect(messages(head + modules) == "good")
        #expect(
            messages("") == "p.yaml:1:1: the file has no content; the first line must be 'kairos: patch/1'")
        #expect(messages("# only a word\n").contains("the file has no content"))
        #expect(messages("name: A\n") == "p.yaml:1:1: the first line must be 'kairos: patch/1'")
        #expect(messages("kairos: patch/2\n") == "p.yaml:1:9: expected 'patch/1', found 'patch/2'")
        #expect(messages("- a\n").contains("expected lines of the form 'key: value'"))
        #expect(messages(head).contains("the patch has no modules"))
        #expect(messages("kairos: patch/1\n" + modules).contains("the patch has no name"))
        #expect(
            messages(head + "voics: 3\n" + modules)
                == "p.yaml:3:1: unknown key 'voics' in a patch. Did you mean 'voices'?")
        #expect(
            messages(head + "voices: 3000\n" + modules).contains(
                "p.yaml:3:9: voices must be 1 … 256, mono or legato"))
        #expect(
            messages(head + "program: 128\n" + modules).contains(
                "program must be a whole number from 0 to 127")
        )
        #expect(
            messages(head + "level: loud\n" + modules).contains("p.yaml:3:8: level: 'loud' is not a number"))
        #expect(
            messages(head + "about: [a, b]\n" + modules).contains("about must be a single value, not a list")
        )
        #expect(messages(head + "about: yes\n" + modules) == "good")
        #expect(
            messages(head + "modules:\n  o: { sort: saw }\n").contains("p.yaml:4:3: module 'o' has no type"))
        #expect(
            messages(head + "modules:\n  o: { type: saw, each: twice }\n").contains(
                "each must be voice or once"))
        #expect(messages(head + modules + modules).contains("more than once"))
        #expect(messages(head + "about: &a text\n" + modules).contains("p.yaml:3:8: YAML anchors ('&name')"))
        #expect(messages(head + modules + "level: *a\n").contains("invalid YAML"))
        #expect(messages(head + modules + "---\nkairos: patch/1\n").contains("invalid YAML"))
        #expect(messages(head + "\tmodules: 1\n").contains("invalid YAML"))
        #expect(messages(head + "modules: { o: { type: saw }\n").contains("invalid YAML"))
        #expect(
            messages(head + "about: " + String(repeating: "[", count: 100)).contains(
                "nested more than 64 levels deep"))
        #expect(
            messages(head + modules + "connections:\n  - o > out\n").contains(
                "p.yaml:6:5: 'o > out' is not a connection"))
        #expect(
            messages(head + modules + "connections:\n  - o.a.b -> out\n").contains(
                "'o.a.b' is not a port; write 'module' or 'module.port'"))
        #expect(
            messages(head + modules + "connections:\n  - o -> x.y @\n").contains(
                "the depth after '@' is missing")
        )
        #expect(
            messages(head + modules + "macros:\n  - { name: A, to: o }\n").contains(
                "macro 'A' needs a target parameter")
        )
        #expect(
            messages(head + modules + "macros:\n  - { name: A, to: o.detune, role: bright }\n").contains(
                "unknown role 'bright'"))
        let nine = (1...9).map { "  - { name: K\($0), to: o.detune }\n" }.joined()
        #expect(messages(head + modules + "macros:\n" + nine).contains("up to eight macros"))
        // All faults of a file at once.
        #expect(messages(head + "bank: x\nprogram: y\n" + modules).split(separator: "\n").count == 2)
    }

    @Test func `of a mapping`() {
        #expect(mappingMessages("{ cc: 16, to: macro 1 }") == "good")
        #expect(
            mappingMessages("{ cc: 128, to: macro 1 }").contains("cc must be a whole number from 0 to 127"))
        #expect(
            mappingMessages("{ cc: 16, note: 3, to: macro 1 }").contains(
                "a control has one input, not both 'cc' and 'note'"))
        #expect(mappingMessages("{ to: macro 1 }").contains("this control has no input"))
        #expect(mappingMessages("{ cc: 16 }").contains("this control has no target"))
        #expect(mappingMessages("{ cc: 16, to: macro 9 }").contains("unknown target 'macro 9'"))
        #expect(mappingMessages("{ cc: 16, to: brightnes }").contains("Did you mean 'brightness'?"))
        #expect(mappingMessages("{ cc: 16, to: macro 1, chanel: 2 }").contains("Did you mean 'channel'?"))
        #expect(mappingMessages("{ cc: 16, to: macro 1, channel: 17 }").contains("from 1 to 16"))
        #expect(mappingMessages("{ cc: 0, to: macro 1 }").contains("cc 0 is bank select"))
        #expect(mappingMessages("{ cc: 16, to: nothing }") == "good")
        #expect(
            mappingMessages("{ cc: 16, to: tempo, range: [90, 90] }").contains(
                "both ends of the range are equal"))
        #expect(mappingMessages("{ cc: 16, to: tempo, range: [60, nan] }").contains("m.yaml:3:5: tempo: "))
    }

    @Test func `of the messages that a mapping sends on connection`() throws {
        func result(_ onConnect: String) -> String {
            do throws(Diagnostics) {
                let text = "kairos: mapping/1\nonConnect: \(onConnect)\n"
                return "\(try MappingFile.parse(text, file: "m.yaml").onConnect)"
            } catch { return error.description }
        }
        #expect(
            result("[9F 0C 7F, c0 05, F0 00 20 29 F7]") == "[[159, 12, 127], [192, 5], [240, 0, 32, 41, 247]]"
        )
        for bad in [
            "9F 0C", "9F 0C 80", "0C 7F", "F0 00 20", "F0 F7", "F8", "9F 0C 7F 00", "c0 05 05", "9 0C 7F",
            "hello",
        ] {
            #expect(
                result("[\(bad)]").contains("m.yaml:2:13: '\(bad)' is not a complete MIDI message"), "\(bad)")
        }
        #expect(
            result("[F0\(String(repeating: " 00", count: 255)) F7]").contains(
                "is not a complete MIDI message"))
        #expect(result("9F 0C 7F").contains("onConnect must be a list"))
    }

    @Test func `of files that are not text`() throws {
        let folder = NSTemporaryDirectory() + "kairos-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func messages(_ name: String) -> String {
            do throws(Diagnostics) {
                _ = try PatchFile.read(path: folder + "/" + name)
                return "good"
            } catch { return error.list.first?.message ?? "" }
        }
        #expect(messages("none.yaml") == "there is no such file")
        #expect(messages("").contains("this is a folder"))
        try Data().write(to: URL(fileURLWithPath: folder + "/empty.yaml"))
        #expect(messages("empty.yaml").contains("the file is empty"))
        try Data([0xff, 0xfe, 0, 0xc0]).write(to: URL(fileURLWithPath: folder + "/binary.yaml"))
        #expect(messages("binary.yaml").contains("this is not UTF-8 text"))
        _ = FileManager.default.createFile(atPath: folder + "/large.yaml", contents: nil)
        truncate(folder + "/large.yaml", 100 << 20)
        let clock = ContinuousClock()
        let time = clock.measure { #expect(messages("large.yaml").contains("too large")) }
        #expect(time < .milliseconds(500))
        #expect(throws: Diagnostics.self) {
            try AudioFile(creating: folder + "/no/x.wav", sampleRate: 48_000, atMost: 1)
        }
    }
}
