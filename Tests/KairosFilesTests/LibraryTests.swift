import Foundation
import KairosFiles
import KairosPatch
import Testing

/// The files of a library: which of them are read, their names, and the precedence of equal names.
@Suite struct Names {
    @Test(arguments: [
        ("my.bass.yaml", "my.bass"), ("a/b/tide.YAML", "tide"), ("x.yml", "x"),
        ("friday.setlist.yaml", "friday"),
        ("my.friday.SetList.Yml", "my.friday"), ("noending", "noending"), (".hidden", ".hidden"),
        ("a.b/c", "c"),
        ("song.setlist.mid", "song.setlist"), (".setlist.yaml", ".setlist"), ("Äther.yaml", "Äther"),
        ("two words.yaml", "two words"), ("..yaml", "."), ("", ""),
    ])
    func `everything before the last extension`(path: String, stem: String) {
        #expect(FileName.stem(path) == stem)
    }

    @Test func `hidden files are ignored`() {
        for name in ["x.yaml", "x.YAML", "x.Yml", "folder/x.yaml", "x.setlist.yaml"] {
            #expect(FileName.isYAML(name), "\(name)")
        }
        for name in [
            "._x.yaml", ".x.yaml", "#x.yaml", "folder/._x.yml", "x.yaml~", "x.yaml.bak", "x", "yaml", ".yaml",
        ] {
            #expect(!FileName.isYAML(name), "\(name)")
        }
        #expect(FileName.isSetList("a.setlist.yaml") && FileName.isSetList("A.SETLIST.YML"))
        #expect(!FileName.isSetList("a.yaml") && !FileName.isSetList("._a.setlist.yaml"))
    }

    @Test func `exact spelling takes precedence, and file names over patch names`() {
        let all = [
            PatchNames(file: "b.yaml", name: "TIDE"), PatchNames(file: "Tide.yaml", name: "A"),
            PatchNames(file: "tide.yaml", name: "B"), PatchNames(file: "", name: "Lone"),
        ]
        func found(_ word: String) -> Int? { PatchNames.find(word, in: all) }
        #expect(found("tide") == 2 && found("Tide") == 1 && found("TIDE") == 0)
        #expect(found("tIDE") == 1)
        #expect(found("lone") == 3 && found("b") == 0 && found("B") == 2)
        #expect(found("../tide") == nil && found("tide.yaml") == nil && found("") == nil)
        // é as one character, and as two (combining accent).
        #expect(PatchNames.find("caf\u{e9}", in: [PatchNames(file: "cafe\u{301}.yaml", name: "x")]) == 0)
    }

    /// Runs `body` with a temporary folder of empty files.
    private func inFolder(_ names: [String], _ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "kairos-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in names {
            let path = URL(fileURLWithPath: folder + "/" + name)
            try FileManager.default.createDirectory(
                at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("kairos: mapping/1\n".utf8).write(to: path)
        }
        try body(folder)
    }

    @Test func `an earlier folder hides a later one, and equal names in one folder are reported`() throws {
        try inFolder([
            "own/a.yml", "own/._a.yaml", "own/b.YAML", "own/c.setlist.yaml", "all/a.yaml", "all/c.yaml",
            "all/c.yml",
            "all/.d.yaml",
        ]) { folder in
            let folders = [folder + "/own", folder + "/all"]
            #expect(
                Library.files(in: folders).map { $0.dropFirst(folder.count + 1) } == [
                    "own/a.yml", "own/b.YAML", "all/c.yaml",
                ])
            let hidden = Library.hidden(in: folders)
            #expect(hidden.count == 1 && hidden[0].file.hasSuffix("all/c.yml"))
            #expect(
                hidden.first?.message.contains("all/c.yaml has the same name and is read instead") == true)
            #expect(Library.mappings(in: folders).faults == hidden)
        }
    }

    @Test func `two Unicode spellings are one name`() throws {
        try inFolder(["p/caf\u{e9}.yaml", "p/cafe\u{301}.yaml"]) { folder in
            // Some file systems normalize names and have only one file.
            let kept = Library.names(in: folder + "/p").count
            #expect(Library.files(in: [folder + "/p"]).count == 1)
            #expect(Library.hidden(in: [folder + "/p"]).count == kept - 1)
        }
    }

    @Test func `a set list by its name, case-insensitive, or by its path`() throws {
        try inFolder([
            "p/Friday.setlist.yaml", "q/friday.setlist.YML", "q/sunday.setlist.yaml", "p/._x.setlist.yaml",
        ]) {
            folder in
            let folders = [folder + "/p", folder + "/q"]
            func found(_ name: String) -> Substring? {
                Library.setList(name, in: folders).map { $0.dropFirst(folder.count + 1) }
            }
            #expect(found("Friday") == "p/Friday.setlist.yaml" && found("friday") == "q/friday.setlist.YML")
            #expect(
                found("FRIDAY") == "p/Friday.setlist.yaml"
                    && found("sunday.setlist.yaml") == "q/sunday.setlist.yaml")
            #expect(found("monday") == nil && found("x") == nil && found("../q/sunday") == nil)
            #expect(found(folder + "/q/sunday.setlist.yaml") == "q/sunday.setlist.yaml")
            #expect(Library.setLists(in: folders) == ["Friday", "friday", "sunday"])
        }
    }

    @Test func `the folder of a set list is searched first`() {
        #expect(Library.folders(["/a", "/b"], beside: "/c/x.setlist.yaml") == ["/c", "/a", "/b"])
        #expect(Library.folders(["/a", "/b/"], beside: "/b/x.setlist.yaml") == ["/a", "/b/"])
        #expect(Library.folders(["/a"], beside: "x.setlist.yaml") == [".", "/a"])
        #expect(Library.folders(["/a"], beside: "/x.setlist.yaml") == ["/", "/a"])
    }
}
