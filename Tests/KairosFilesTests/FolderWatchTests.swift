import Foundation
import KairosFiles
import KairosTestSupport
import Testing

/// Files that were saved or removed are reported once, when they have been left alone for 30 ms.
@Suite struct FolderWatches {
    private let quiet: UInt64 = 30_000_000
    private let folder: TemporaryFolder
    private let watch: FolderWatch

    init() throws {
        folder = try TemporaryFolder()
        watch = try #require(FolderWatch([folder.path, folder.path + "/later"]))
    }

    private func save(_ name: String) throws {
        try Data("a".utf8).write(to: URL(fileURLWithPath: folder.path + "/" + name))
    }

    private func paths(_ names: String...) -> [String] { names.map { folder.path + "/" + $0 } }

    /// One read returns several events, each padded to its own length.
    @Test func `several files are reported by name, once and after the pause`() throws {
        let long = String(repeating: "x", count: 200) + ".yaml"
        for name in ["a.yaml", "Übung.yaml", long, "scale.scl"] { try save(name) }
        #expect(watch.pop(now: 0).isEmpty)
        #expect(watch.pop(now: quiet - 1).isEmpty)
        #expect(
            watch.pop(now: quiet) == paths("a.yaml", "scale.scl", long, "Übung.yaml").sorted())
        #expect(watch.pop(now: 2 * quiet).isEmpty)
    }

    @Test func `a file that is saved again waits again`() throws {
        try save("a.yaml")
        #expect(watch.pop(now: 0).isEmpty)
        try save("a.yaml")
        #expect(watch.pop(now: quiet - 1).isEmpty)
        #expect(watch.pop(now: quiet).isEmpty)
        #expect(watch.pop(now: 2 * quiet) == paths("a.yaml"))
    }

    @Test func `a removed file is reported, files of editors and other kinds are not`() throws {
        for name in [".a.yaml.swp", "a.yaml~", "#a.yaml", "a.txt", "b.yaml"] { try save(name) }
        _ = watch.pop(now: 0)
        #expect(watch.pop(now: quiet) == paths("b.yaml"))
        try FileManager.default.removeItem(atPath: folder.path + "/b.yaml")
        _ = watch.pop(now: 2 * quiet)
        #expect(watch.pop(now: 3 * quiet) == paths("b.yaml"))
    }

    /// A missing folder is looked for once a second.
    @Test func `a folder that is created later is watched, and its files are reported`() throws {
        #expect(watch.pop(now: 1).isEmpty)
        try FileManager.default.createDirectory(
            atPath: folder.path + "/later", withIntermediateDirectories: false)
        try save("later/c.yaml")
        #expect(watch.pop(now: 1_000_000_000).isEmpty)
        #expect(watch.pop(now: 1_000_000_000 + quiet) == paths("later/c.yaml"))
        try save("later/d.yaml")
        _ = watch.pop(now: 2_000_000_000)
        #expect(watch.pop(now: 2_000_000_000 + quiet) == paths("later/d.yaml"))
    }
}

/// Work on all cores keeps the order of the elements.
@Suite struct Concurrency {
    @Test func `results come in the order of the elements, nil included`() {
        let elements = Array(0..<2000)
        let doubled: @Sendable (Int) -> Int? = { $0 % 3 == 0 ? nil : $0 * 2 }
        #expect(concurrently(elements, doubled) == elements.map(doubled))
        #expect(concurrently([Int]()) { $0 }.isEmpty)
    }
}
