import Foundation
import Glibc

/// A text that was written is there, whole, whatever happens next.
public enum DurableFile {
    /// Why it could not be written.
    public struct Failure: Error, CustomStringConvertible {
        /// For the player.
        public let description: String
    }

    /// Writes a text to a file, whole or not at all, and returns when a power cut can no longer take it away: a new
    /// file beside it, fsync, rename, fsync of the folder. Folders that are missing are made.
    ///
    /// > One thread for each path.
    public static func write(_ text: String, to path: String) throws(Failure) {
        let target = resolved(path)
        let folder = URL(fileURLWithPath: target).deletingLastPathComponent().path
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch { throw Failure(description: "\(folder): cannot be made: \(error.localizedDescription)") }
        let new = folder + "/." + URL(fileURLWithPath: target).lastPathComponent + ".new"
        var isDone = false
        defer { if !isDone { unlink(new) } }
        let file = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw failure(path) }
        do throws(Failure) {
            try fill(file, text, path)
            guard fsync(file) == 0 else { throw failure(path) }
        } catch {
            close(file)
            throw error
        }
        guard close(file) == 0, rename(new, target) == 0 else { throw failure(path) }
        isDone = true
        // The name itself is data of the folder.
        let place = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard place >= 0 else { throw failure(path) }
        defer { close(place) }
        guard fsync(place) == 0 else { throw failure(path) }
    }

    /// Keeps what stands at a path beside it, with '~'. False where that cannot be.
    @discardableResult
    public static func setAside(_ path: String) -> Bool {
        guard let text = FileManager.default.contents(atPath: path) else { return false }
        return (try? text.write(to: URL(fileURLWithPath: path + "~"), options: .atomic)) != nil
    }

    /// A link goes on being one.
    private static func resolved(_ path: String) -> String {
        let full = URL(fileURLWithPath: path)
        return FileManager.default.fileExists(atPath: full.path)
            ? full.resolvingSymlinksInPath().path : full.path
    }

    private static func fill(_ file: Int32, _ text: String, _ path: String) throws(Failure) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(path) }
            bytes = bytes.dropFirst(count)
        }
    }

    private static func failure(_ path: String) -> Failure {
        Failure(description: "\(path): cannot be written: \(String(cString: strerror(errno)))")
    }
}
