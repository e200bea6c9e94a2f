import Foundation

/// Reads a whole file that should be a small text, and says what is wrong when it is not.
enum TextFile {
    /// The largest file that is a patch or a mapping: 1 MiB.
    static let limit = 1 << 20

    static func read(_ path: String, limit: Int = limit) throws(Diagnostics) -> String {
        let data = try bytes(path, limit: limit, kind: "a patch or a mapping")
        if data.isEmpty {
            throw Diagnostics(
                path, "the file is empty; it should begin with 'kairos: patch/1' or 'kairos: mapping/1'")
        }
        guard let text = String(data: data, encoding: .utf8), !text.contains("\0") else {
            throw Diagnostics(path, "this is no text (UTF-8); a patch or a mapping is a YAML text")
        }
        return text
    }

    /// The bytes of a regular file no larger than `limit`.
    static func bytes(_ path: String, limit: Int, kind: String) throws(Diagnostics) -> Data {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw Diagnostics(path, "there is no such file")
        }
        if isDirectory.boolValue { throw Diagnostics(path, "this is a folder; \(kind) was expected") }
        // The size is asked before anything is read: a file of 100 MB costs nothing.
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        if attributes?[.type] as? FileAttributeType != .typeRegular,
            attributes?[.type] as? FileAttributeType != .typeSymbolicLink
        {
            throw Diagnostics(path, "this is no regular file; \(kind) was expected")
        }
        let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let size = (try? FileManager.default.attributesOfItem(atPath: resolved)[.size] as? Int) ?? 0
        if size > limit {
            throw Diagnostics(path, "\(size) bytes are too many for \(kind) (the most is \(limit))")
        }
        do { return try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            throw Diagnostics(path, "cannot be read: \(error.localizedDescription)")
        }
    }
}
