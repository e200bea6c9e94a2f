import Foundation
import KairosFiles
import KairosPatch
import KairosTestSupport
import Testing

@testable import KairosFiles

/// Audio files are written completely or not at all, in the format of their extension.
@Suite struct AudioFiles {
    private static let wave: [Float] = (0..<5000).map { Float(sin(Double($0) * 0.05)) * 0.5 }

    private func write(_ path: String, _ samples: [Float] = wave) throws(Diagnostics) {
        let file = try AudioFile(creating: path, sampleRate: 48_000, atMost: samples.count)
        try file.write(samples, samples, frames: samples.count)
        try file.close()
    }

    @Test func `each format reads back, and samples beyond full scale are clipped`() throws {
        let folder = try TemporaryFolder()
        for (name, limit) in [
            ("a.wav", 0), ("a.FLAC", 2e-7), ("a.aif", 2e-7), ("a.aiff", 2e-7), ("a.Ogg", 0.05),
        ] {
            let path = folder.path + "/" + name
            try write(path)
            let read = try AudioFile.read(path)
            #expect(read.sampleRate == 48_000 && read.channels.count == 2 && read.channels[0].count == 5000)
            let error = zip(read.channels[0], Self.wave).map { abs(Double($0 - $1)) }.max() ?? 1
            #expect(error <= limit, "\(name)")
        }
        for name in ["b.flac", "b.aiff"] {
            try write(folder.path + "/" + name, [2, -2, .infinity, -1.5, 0.25])
            let read = try AudioFile.read(folder.path + "/" + name).channels[0]
            #expect(read[0] > 0.999 && read[1] == -1 && read[2] > 0.999 && read[3] == -1 && read[4] == 0.25)
        }
    }

    @Test func `an unknown extension is refused with the list of formats, before anything is written`() throws
    {
        let folder = try TemporaryFolder()
        for name in ["a", "a.mp3", "a.wav.txt", "wav", ".wav"] {
            let error = #expect(throws: Diagnostics.self) { try write(folder.path + "/" + name) }
            #expect(error?.description.contains("'.wav', '.flac', '.aiff' or '.ogg'") ?? false, "\(name)")
        }
        #expect(throws: Diagnostics.self) {
            try AudioFile(creating: folder.path + "/a.aiff", sampleRate: 192_000, atMost: 800_000_000)
        }
        #expect(folder.names.isEmpty)
    }

    @Test func `a file that is not completed leaves the previous one, and nothing else`() throws {
        let folder = try TemporaryFolder(), path = folder.path + "/a.flac"
        try "previous".write(toFile: path, atomically: true, encoding: .utf8)
        for name in ["a.flac", "b.wav", "c.ogg"] {
            let file = try AudioFile(creating: folder.path + "/" + name, sampleRate: 48_000, atMost: 5000)
            try file.write(Self.wave, Self.wave, frames: 5000)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "previous")
        }
        #expect(folder.names == ["a.flac"])
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "previous")
    }

    @Test func `errors give the reason of the system`() throws {
        let folder = try TemporaryFolder()
        func reason(_ path: String) -> String {
            do { try write(path) } catch { return "\(error)" }
            return "written"
        }
        #expect(reason(folder.path + "/no/a.wav").hasSuffix("cannot be written: No such file or directory"))
        try FileManager.default.createDirectory(
            atPath: folder.path + "/d.wav", withIntermediateDirectories: true)
        #expect(reason(folder.path + "/d.wav").hasSuffix("cannot be written: Is a directory"))
        #expect(reason("/dev/full").hasSuffix("cannot be written: No space left on device"))
        #expect(reason("/dev/null") == "written")
        #expect(reason("/proc/self/a.wav").contains("cannot be written: "))
    }

    @Test func `the WAV header at the limits of its lengths`() throws {
        let folder = try TemporaryFolder(), path = folder.path + "/a.wav"
        let limit = (Int(UInt32.max) - 80) / 8
        for (frames, isLong) in [
            (0, false), (1, false), (limit - 1, false), (limit, false), (limit + 1, true), (1 << 33, true),
        ] {
            let header = WAVHeader.bytes(frames: frames, sampleRate: 192_000)
            #expect(header.count == WAVHeader.size)
            #expect(String(decoding: header[..<4], as: UTF8.self) == (isLong ? "RF64" : "RIFF"), "\(frames)")
            // In a sparse file of that length libsndfile finds every frame.
            let file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o644)
            defer { close(file) }
            #expect(header.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) } == header.count)
            #expect(ftruncate(file, off_t(header.count + frames * 8)) == 0)
            #expect(try AudioFile.length(path) == frames, "\(frames)")
        }
        let unknown = WAVHeader.bytes(frames: nil, sampleRate: 48_000)
        #expect(
            Array(unknown[4..<8]) == [255, 255, 255, 255] && Array(unknown[84...]) == [255, 255, 255, 255])
    }
}

/// Files that replace their destination when they are complete.
@Suite struct ReplacementFiles {
    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "kairos-replace-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    @Test func `the previous file remains until the new one is complete`() throws {
        try inFolder { folder in
            let path = folder + "/a.yaml"
            try DurableFile.write("one", to: path)
            do {
                let file = try ReplacementFile(path)
                #expect(Glibc.write(file.descriptor, "tw", 2) == 2)
                #expect(try String(contentsOfFile: path, encoding: .utf8) == "one")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.yaml"])
            try DurableFile.write("two", to: path)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "two")
            #expect(DurableFile.setAside(path))
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["a.yaml", "a.yaml~"])
        }
    }

    @Test func `mode and links of the previous file are kept`() throws {
        try inFolder { folder in
            let path = folder + "/a.yaml", link = folder + "/link.yaml", far = folder + "/far"
            try DurableFile.write("one", to: path)
            #expect(chmod(path, 0o640) == 0)
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "a.yaml")
            try DurableFile.write("two", to: link)
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "a.yaml")
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "two" && mode(path) == 0o640)
            // A link to a link to a file that does not exist yet.
            try FileManager.default.createSymbolicLink(atPath: far, withDestinationPath: folder + "/near")
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/near", withDestinationPath: "new.yaml")
            try DurableFile.write("three", to: far)
            #expect(try String(contentsOfFile: folder + "/new.yaml", encoding: .utf8) == "three")
            try FileManager.default.createSymbolicLink(atPath: folder + "/loop", withDestinationPath: "loop")
            #expect(throws: FileFailure.self) { try DurableFile.write("four", to: folder + "/loop") }
        }
    }

    @Test func `the longest possible file name`() throws {
        try inFolder { folder in
            let path = folder + "/" + String(repeating: "n", count: 250) + ".yaml"
            try DurableFile.write("one", to: path)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "one")
        }
    }

    @Test func `a file has one identity under all its paths`() throws {
        try inFolder { folder in
            let path = folder + "/a", other = folder + "/b"
            try DurableFile.write("x", to: path)
            try DurableFile.write("x", to: other)
            try FileManager.default.linkItem(atPath: path, toPath: folder + "/hard")
            try FileManager.default.createSymbolicLink(atPath: folder + "/soft", withDestinationPath: "hard")
            let identity = try #require(FileIdentity(path: path))
            for name in ["/hard", "/soft", "/../" + (folder as NSString).lastPathComponent + "/a"] {
                #expect(FileIdentity(path: folder + name) == identity)
            }
            #expect(FileIdentity(path: other) != identity && FileIdentity(path: folder + "/none") == nil)
        }
    }
}
