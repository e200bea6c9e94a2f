import Foundation

/// A new, empty folder, which is removed with its contents when this object is released.
public final class TemporaryFolder {
    /// Path of the folder.
    public let path = NSTemporaryDirectory() + "kairos-\(UUID().uuidString)"

    /// Creates the folder.
    public init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The names of its contents, sorted.
    public var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }
}
