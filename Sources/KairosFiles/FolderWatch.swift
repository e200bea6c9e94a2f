import Foundation
import Glibc
import KairosPatch

/// Watches folders (inotify) for files that were saved or removed. One thread.
///
/// Editors save in different ways: some write in place, some rename a new file over the old one. A file is
/// therefore reported once it has not been touched for 30 ms.
public final class FolderWatch {
    private let descriptor: Int32
    /// Watched folders, by their inotify watch descriptor.
    private var folders: [Int32: String] = [:]
    /// Folders that do not exist, or no longer do.
    private var missing: [String] = []
    /// Time of the last check of ``missing``, in nanoseconds.
    private var missingCheckedAt: UInt64 = 0
    /// Time of the last change of each file, in nanoseconds, by path.
    private var touched: [String: UInt64] = [:]
    /// Nanoseconds without a change after which a file is reported.
    private static let quietTime: UInt64 = 30_000_000

    /// Watches `paths`. A folder that does not exist is watched as soon as it does. Nil if inotify is not
    /// available.
    public init?(_ paths: [String]) {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        for path in paths where !add(path) { missing.append(path) }
    }

    private func add(_ path: String) -> Bool {
        let events = UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO) | UInt32(IN_DELETE) | UInt32(IN_MOVED_FROM)
        guard let watch = SystemCall.watch(descriptor, path, events | UInt32(IN_ONLYDIR)) else {
            return false
        }
        folders[watch] = path
        return true
    }

    /// Marks every file of a folder as saved, because the folder is new or events were lost.
    private func touchAll(_ folder: String, _ now: UInt64) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            touch(folder, name, now)
        }
    }

    private func touch(_ folder: String, _ name: String, _ now: UInt64) {
        guard FileName.isYAML(name) || FileName.isVisible(name) && FileName.has([".scl", ".kbm"], name) else {
            return
        }
        touched[folder + "/" + name] = now
    }

    deinit { close(descriptor) }

    /// Returns and removes the files that were saved or removed since the last call, once no change has
    /// followed for 30 ms. `now` is monotonic time in nanoseconds.
    public func pop(now: UInt64) -> [String] {
        read(now)
        if !missing.isEmpty, now >= missingCheckedAt + 1_000_000_000 {
            missingCheckedAt = now
            let found = missing.filter(add)
            missing.removeAll(where: found.contains)
            for folder in found { touchAll(folder, now) }
        }
        let quiet = touched.filter { now >= $0.value + Self.quietTime }.map(\.key).sorted()
        for path in quiet { touched[path] = nil }
        return quiet
    }

    private func read(_ now: UInt64) {
        while let bytes = SystemCall.read(descriptor, atMost: 16_384), !bytes.isEmpty {
            for event in FolderEvent.list(bytes) {
                if event.mask & UInt32(IN_Q_OVERFLOW) != 0 {
                    for folder in folders.values { touchAll(folder, now) }
                } else if event.mask & UInt32(IN_IGNORED) != 0 {
                    // The folder itself was removed; it may be created again under the same name.
                    if let folder = folders.removeValue(forKey: event.watch) { missing.append(folder) }
                } else if !event.name.isEmpty, let folder = folders[event.watch] {
                    touch(folder, event.name, now)
                }
            }
        }
    }
}
