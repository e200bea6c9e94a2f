import Foundation
import KairosControl
import KairosFiles
import Testing

/// Each bad thing has its line: where, what, what was expected, the nearest right thing.
@Suite struct BadFiles {
    private func said(_ text: String) -> String {
        do throws(Diagnostics) {
            _ = try PatchFile.parse(text, file: "p.yaml")
            return "good"
        } catch { return error.description }
    }

    private func saidOfMapping(_ text: String) -> String {
        do throws(Diagnostics) {
            _ = try MappingFile.parse("kairos: mapping/1\ncontrols:\n  - " + text, file: "m.yaml")
            return "good"
        } catch { return error.description }
    }

    private let head = "kairos: patch/1\nname: A\n"
    private let modules = "modules:\n  o: { type: saw }\n"

    @Test func `of a patch`() {
        #expect(said(head + modules) == "good")
        #expect(said("") == "p.yaml:1:1: there is nothing here; the first line should be 'kairos: patch/1'")
        #expect(said("# only a word\n").contains("there is nothing here"))
        #expect(said("name: A\n") == "p.yaml:1:1: the first line should be 'kairos: patch/1'")
        #expect(said("kairos: patch/2\n") == "p.yaml:1:9: this is 'patch/2', and 'patch/1' was expected")
        #expect(said("- a\n").contains("a file of lines 'word: value' was expected"))
        #expect(said(head).contains("the patch has no modules"))
        #expect(said("kairos: patch/1\n" + modules).contains("the patch has no name"))
        #expect(
            said(head + "voics: 3\n" + modules)
                == "p.yaml:3:1: a patch has no 'voics'. Did you mean 'voices'?")
        #expect(
            said(head + "voices: 3000\n" + modules).contains(
                "p.yaml:3:9: voices should be 1 … 256, mono or legato"))
        #expect(
            said(head + "program: 128\n" + modules).contains("program should be a whole number from 0 to 127")
        )
        #expect(said(head + "level: loud\n" + modules).contains("p.yaml:3:8: level: 'loud' is not a number"))
        #expect(
            said(head + "about: [a, b]\n" + modules).contains("about should be one value, and this is a list")
        )
        #expect(said(head + "about: yes\n" + modules) == "good")
        #expect(said(head + "modules:\n  o: { sort: saw }\n").contains("p.yaml:4:3: module 'o' has no type"))
        #expect(said(head + "modules:\n  o: { type: saw, each: twice }\n").contains("each is voice or once"))
        #expect(said(head + modules + modules).contains("more than once"))
        #expect(said(head + "about: &a text\n" + modules).contains("p.yaml:3:8: an anchor ('&name')"))
        #expect(said(head + modules + "level: *a\n").contains("this is no YAML"))
        #expect(said(head + modules + "---\nkairos: patch/1\n").contains("this is no YAML"))
        #expect(said(head + "\tmodules: 1\n").contains("this is no YAML"))
        #expect(said(head + "modules: { o: { type: saw }\n").contains("this is no YAML"))
        #expect(
            said(head + "about: " + String(repeating: "[", count: 100)).contains("nested more than 64 deep"))
        #expect(
            said(head + modules + "connections:\n  - o > out\n").contains(
                "p.yaml:6:5: 'o > out' is no connection"))
        #expect(
            said(head + modules + "connections:\n  - o.a.b -> out\n").contains(
                "'o.a.b' is neither 'module' nor 'module.port'"))
        #expect(
            said(head + modules + "connections:\n  - o -> x.y @\n").contains("after '@' a depth was expected")
        )
        #expect(
            said(head + modules + "macros:\n  - { name: A, to: o }\n").contains("should say what it moves"))
        #expect(
            said(head + modules + "macros:\n  - { name: A, to: o.detune, role: bright }\n").contains(
                "there is no role 'bright'"))
        let nine = (1...9).map { "  - { name: K\($0), to: o.detune }\n" }.joined()
        #expect(said(head + modules + "macros:\n" + nine).contains("up to eight macros"))
        // All of a file at once.
        #expect(said(head + "bank: x\nprogram: y\n" + modules).split(separator: "\n").count == 2)
    }

    @Test func `of a mapping`() {
        #expect(saidOfMapping("{ cc: 16, to: macro 1 }") == "good")
        #expect(
            saidOfMapping("{ cc: 128, to: macro 1 }").contains("cc should be a whole number from 0 to 127"))
        #expect(saidOfMapping("{ cc: 16, note: 3, to: macro 1 }").contains("a control listens to one thing"))
        #expect(saidOfMapping("{ to: macro 1 }").contains("listens to nothing"))
        #expect(saidOfMapping("{ cc: 16 }").contains("moves nothing"))
        #expect(saidOfMapping("{ cc: 16, to: macro 9 }").contains("'macro 9' can not be moved"))
        #expect(saidOfMapping("{ cc: 16, to: brightnes }").contains("Did you mean 'brightness'?"))
        #expect(saidOfMapping("{ cc: 16, to: macro 1, chanel: 2 }").contains("Did you mean 'channel'?"))
        #expect(saidOfMapping("{ cc: 16, to: macro 1, channel: 17 }").contains("from 1 to 16"))
        #expect(saidOfMapping("{ cc: 0, to: macro 1 }").contains("cc 0 is the bank"))
        #expect(saidOfMapping("{ cc: 16, to: nothing }") == "good")
        #expect(saidOfMapping("{ cc: 16, to: tempo, range: [90, 90] }").contains("nothing would move"))
        #expect(saidOfMapping("{ cc: 16, to: tempo, range: [60, nan] }").contains("m.yaml:3:5: tempo: "))
    }

    @Test func `of what a mapping greets its controller with`() throws {
        func said(_ messages: String) -> String {
            do throws(Diagnostics) {
                return
                    "\(try MappingFile.parse("kairos: mapping/1\nonConnect: \(messages)\n", file: "m.yaml").onConnect)"
            } catch { return error.description }
        }
        #expect(
            said("[9F 0C 7F, c0 05, F0 00 20 29 F7]") == "[[159, 12, 127], [192, 5], [240, 0, 32, 41, 247]]")
        for bad in [
            "9F 0C", "9F 0C 80", "0C 7F", "F0 00 20", "F0 F7", "F8", "9F 0C 7F 00", "c0 05 05", "9 0C 7F",
            "hello",
        ] {
            #expect(said("[\(bad)]").contains("m.yaml:2:13: '\(bad)' is no whole MIDI message"), "\(bad)")
        }
        #expect(said("[F0\(String(repeating: " 00", count: 255)) F7]").contains("is no whole MIDI message"))
        #expect(said("9F 0C 7F").contains("onConnect should be a list"))
    }

    @Test func `of what is no text`() throws {
        let folder = NSTemporaryDirectory() + "kairos-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func said(_ name: String) -> String {
            do throws(Diagnostics) {
                _ = try PatchFile.read(path: folder + "/" + name)
                return "good"
            } catch { return error.list.first?.message ?? "" }
        }
        #expect(said("none.yaml") == "there is no such file")
        #expect(said("").contains("this is a folder"))
        try Data().write(to: URL(fileURLWithPath: folder + "/empty.yaml"))
        #expect(said("empty.yaml").contains("the file is empty"))
        try Data([0xff, 0xfe, 0, 0xc0]).write(to: URL(fileURLWithPath: folder + "/binary.yaml"))
        #expect(said("binary.yaml").contains("this is no text"))
        _ = FileManager.default.createFile(atPath: folder + "/large.yaml", contents: nil)
        truncate(folder + "/large.yaml", 100 << 20)
        let clock = ContinuousClock()
        let time = clock.measure { #expect(said("large.yaml").contains("too many")) }
        #expect(time < .milliseconds(500))
        #expect(throws: Diagnostics.self) {
            try AudioFile(creating: folder + "/no/x.wav", sampleRate: 48_000, atMost: 1)
        }
    }
}
