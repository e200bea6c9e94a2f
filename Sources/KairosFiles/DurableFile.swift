import Foundation

/// Files that are written whole or not at all.
public enum DurableFile {
    /// Writes a text to a file and returns when a power cut can no longer take it away. The former file is there
    /// until the new one is complete; its mode stays, and a symbolic link stays one. Missing folders are made.
    ///
    /// > One thread for each path.
    public static func write(_ text: String, to path: String) throws(FileFailure) {
        try write(bytes: Array(text.utf8), to: path)
    }

    /// Keeps a copy of the file at `path` beside it, with '~'. False where that cannot be.
    @discardableResult
    public static func setAside(_ path: String) -> Bool {
        guard let contents = FileManager.default.contents(atPath: path) else { return false }
        return (try? write(bytes: [UInt8](contents), to: path + "~")) != nil
    }

    private static func write(bytes: [UInt8], to path: String) throws(FileFailure) {
        try makeFolder((path as NSString).deletingLastPathComponent)
        let file = try ReplacementFile(path)
        let output = ByteOutput(file.descriptor, path: path)
        bytes.withUnsafeBytes { _ = output.write($0) }
        if let failure = output.failure { throw failure }
        try file.commit()
    }

    /// Makes a folder, and those above it, where they are missing.
    private static func makeFolder(_ path: String) throws(FileFailure) {
        if path.isEmpty || mkdir(path, 0o777) == 0 { return }
        var code = errno
        let above = (path as NSString).deletingLastPathComponent
        if code == ENOENT, above != path, !above.isEmpty {
            try makeFolder(above)
            if mkdir(path, 0o777) == 0 { return }
            code = errno
        }
        var about = stat()
        guard stat(path, &about) == 0 else {
            throw FileFailure(path, "cannot be made: \(String(cString: strerror(code)))")
        }
        guard about.st_mode & S_IFMT == S_IFDIR else {
            throw FileFailure(path, "this is a file; a folder was expected")
        }
    }
}
