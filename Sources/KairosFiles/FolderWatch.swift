import Foundation
import Glibc
import KairosEngine

/// Tells which files of some folders were saved, whole: written and closed, or moved into their place.
///
/// Editors write in many ways; what a name stands for once it is quiet for a moment is what counts.
///
/// > One thread.
public final class FolderWatch {
    private let descriptor: Int32
    private var folders: [Int32: String] = [:]
    /// Those that are not there yet, or not any more, and when they were looked for last.
    private var missing: [String] = []
    private var soughtAt: UInt64 = 0
    private var touched: [String: UInt64] = [:]
    /// Nanoseconds that a file must be left alone before it is told of.
    private static let calm: UInt64 = 30_000_000

    /// Over `folders`; those that do not exist are watched from when they do.
    public init?(_ paths: [String]) {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        for path in paths where !add(path) { missing.append(path) }
    }

    private func add(_ path: String) -> Bool {
        let events = UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO) | UInt32(IN_DELETE) | UInt32(IN_MOVED_FROM)
        let watch = inotify_add_watch(descriptor, path, events | UInt32(IN_ONLYDIR))
        if watch >= 0 { folders[watch] = path }
        return watch >= 0
    }

    /// Every file of a folder counts as saved: it appeared with them, or some were missed.
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

    /// The files that were saved, or are gone, since the last call and are quiet now.
    public func take(now: UInt64) -> [String] {
        read(now)
        if !missing.isEmpty, now >= soughtAt + 1_000_000_000 {
            soughtAt = now
            let found = missing.filter(add)
            missing.removeAll(where: found.contains)
            for folder in found { touchAll(folder, now) }
        }
        let quiet = touched.filter { now >= $0.value + Self.calm }.map(\.key).sorted()
        for path in quiet { touched[path] = nil }
        return quiet
    }

    private func read(_ now: UInt64) {
        let size = 16_384
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 8)
        defer { buffer.deallocate() }
        while true {
            let count = Glibc.read(descriptor, buffer, size)
            guard count > 0 else { return }
            var at = 0
            while at < count {
                let event = (buffer + at).loadUnaligned(as: inotify_event.self)
                let header = MemoryLayout<inotify_event>.size
                if event.mask & UInt32(IN_Q_OVERFLOW) != 0 {
                    for folder in folders.values { touchAll(folder, now) }
                } else if event.mask & UInt32(IN_IGNORED) != 0 {
                    // The folder itself is gone; another may take its name.
                    if let folder = folders.removeValue(forKey: event.wd) { missing.append(folder) }
                } else if event.len > 0, let folder = folders[event.wd] {
                    touch(
                        folder,
                        String(cString: (buffer + at + header).assumingMemoryBound(to: CChar.self)), now)
                }
                at += header + Int(event.len)
            }
        }
    }
}
