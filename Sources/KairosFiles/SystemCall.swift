import Glibc

/// System calls that take paths or memory, without pointers in their interface. Beside libsndfile they are the
/// only C functions of this target that get pointers. A call that failed leaves its reason in `errno`. [any]
enum SystemCall {
    /// Type, size and owner of the file at `path`, to which symbolic links lead; nil if it failed.
    static func status(_ path: String) -> stat? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status : nil
    }

    /// Type, size and owner of an open file; nil if it failed.
    static func status(_ descriptor: Int32) -> stat? {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 ? status : nil
    }

    /// True if this process may use the file at `path` as `mode` says (`R_OK`, `W_OK`, `X_OK`).
    static func isAccessible(_ path: String, _ mode: Int32) -> Bool { unsafe access(path, mode) == 0 }

    /// The descriptor of the opened file; nil if it failed. A new file gets the mode 0666 without the umask.
    static func open(_ path: String, _ flags: Int32) -> Int32? {
        let descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC, 0o666)
        return descriptor < 0 ? nil : descriptor
    }

    /// Up to `count` bytes at the file offset, which advances; empty at the end of the file, nil if it failed.
    static func read(_ descriptor: Int32, atMost count: Int) -> [UInt8]? {
        var result = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { room, initialized in
            result = unsafe Glibc.read(descriptor, room.baseAddress, count)
            initialized = max(0, result)
        }
        return result < 0 ? nil : bytes
    }

    /// Writes bytes at the file offset, which advances, or at `offset`. Returns the number of bytes written, which
    /// may be smaller; nil if it failed.
    static func write(_ descriptor: Int32, _ bytes: RawSpan, at offset: Int?) -> Int? {
        let count = unsafe bytes.withUnsafeBytes { bytes in
            if let offset {
                unsafe pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(offset))
            } else {
                unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            }
        }
        return count < 0 ? nil : count
    }

    /// Waits until a descriptor can be written, at most `milliseconds`, or until a signal arrives.
    static func waitToWrite(_ descriptor: Int32, milliseconds: Int32) {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&waiting, 1, milliseconds)
    }

    /// Creates a folder. Returns false if it failed.
    static func makeFolder(_ path: String) -> Bool { unsafe mkdir(path, 0o777) == 0 }

    /// Gives an open file without a name the name `path`. Returns false if it failed.
    static func link(_ descriptor: Int32, as path: String) -> Bool {
        unsafe linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0
    }

    /// Renames a file, and replaces the file at `target`. Returns false if it failed.
    static func rename(_ path: String, to target: String) -> Bool { unsafe Glibc.rename(path, target) == 0 }

    /// Removes the name of a file.
    static func remove(_ path: String) { _ = unsafe unlink(path) }

    /// The target of the symbolic link at `path`; nil if there is no link.
    static func link(at path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = unsafe readlink(path, &buffer, buffer.count)
        guard length > 0 else { return nil }
        return String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The names of a folder's contents, with "." and "..", in no order; nil if it failed.
    static func names(in folder: String) -> [String]? {
        guard let list = unsafe opendir(folder) else { return nil }
        defer { unsafe closedir(list) }
        var names: [String] = []
        while let entry = unsafe readdir(list) {
            unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe names.append(String(cString: $0))
                }
            }
        }
        return names
    }

    /// Adds a folder to the inotify instance `descriptor`. Returns its watch descriptor; nil if it failed.
    static func watch(_ descriptor: Int32, _ path: String, _ events: UInt32) -> Int32? {
        let watch = unsafe inotify_add_watch(descriptor, path, events)
        return watch < 0 ? nil : watch
    }

    /// Message about an error number.
    static func message(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }
}
