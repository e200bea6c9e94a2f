import Foundation

/// Writes files atomically: a file is replaced completely or not at all.
public enum DurableFile {
    /// Writes a text to a file and returns when it is on the disk, safe from a power cut. One thread for each
    /// path.
    ///
    /// The previous file remains until the new one is complete. The new file gets its mode, and a symbolic
    /// link remains a link. Missing folders are created.
    public static func write(_ text: String, to path: String) throws(FileFailure) {
        try write(bytes: Array(text.utf8), to: path)
    }

    /// Copies the file at `path` to a backup beside it, with '~' appended to its name. Returns false if it
    /// failed.
    @discardableResult
    public static func setAside(_ path: String) -> Bool {
        guard let contents = FileManager.default.contents(atPath: path) else { return false }
        return (try? write(bytes: [UInt8](contents), to: path + "~")) != nil
    }

    private static func write(bytes: [UInt8], to path: String) throws(FileFailure) {
        try makeFolder(folder(of: path))
        let file = try ReplacementFile(path)
        let output = ByteOutput(file.descriptor, path: path)
        _ = output.write(bytes)
        if let failure = output.failure { throw failure }
        try file.commit()
    }

    /// The path of the folder that contains a file; empty for the current folder. (Foundation's
    /// `deletingLastPathComponent` traps on ".".)
    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Creates a folder and its parents if they do not exist.
    private static func makeFolder(_ path: String) throws(FileFailure) {
        if path.isEmpty || SystemCall.makeFolder(path) { return }
        var code = errno
        if code == ENOENT, path != "/" {
            try makeFolder(folder(of: path))
            if SystemCall.makeFolder(path) { return }
            code = errno
        }
        guard let status = SystemCall.status(path) else {
            throw FileFailure(path, "cannot be created: \(SystemCall.message(code))")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw FileFailure(path, "this is a file; expected a folder")
        }
    }
}
