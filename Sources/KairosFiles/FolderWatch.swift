import Foundation
import Glibc

/// Tells which files of some folders were saved, whole: written and closed, or moved into their place.
///
/// Editors write in many ways; what a name stands for once it is quiet for a moment is what counts.
///
/// > One thread.
public final class FolderWatch {
    private let descriptor: Int32
    private var folders: [Int32: String] = [:]
    private var touched: [String: UInt64] = [:]
    /// Nanoseconds that a file must be left alone before it is told of.
    private static let calm: UInt64 = 30_000_000

    /// Over `folders`, those that exist.
    public init?(_ paths: [String]) {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        let events = UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO) | UInt32(IN_DELETE) | UInt32(IN_MOVED_FROM)
        for path in paths {
            let watch = inotify_add_watch(descriptor, path, events)
            if watch >= 0 { folders[watch] = path }
        }
    }

    deinit { close(descriptor) }

    /// The files that were saved, or are gone, since the last call and are quiet now.
    public func take(now: UInt64) -> [String] {
        read(now)
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
                if event.len > 0, let folder = folders[event.wd] {
                    let name = String(cString: (buffer + at + header).assumingMemoryBound(to: CChar.self))
                    if name.hasSuffix(".yaml") || name.hasSuffix(".yml") || name.hasSuffix(".scl")
                        || name.hasSuffix(".kbm")
                    {
                        touched[folder + "/" + name] = now
                    }
                }
                at += header + Int(event.len)
            }
        }
    }
}
