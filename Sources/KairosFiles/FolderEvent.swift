import Glibc

/// A change in a watched folder, as inotify reports it.
struct FolderEvent: Equatable {
    /// Watch descriptor of the folder.
    var watch: Int32
    /// Kind of change: the flags `IN_…`.
    var mask: UInt32
    /// Name of the changed file; empty if the event concerns the folder.
    var name: String

    /// The events in `bytes`, read from an inotify descriptor. Each has a header of four words (watch descriptor,
    /// mask, cookie, length of the name) and a name padded with zeros (inotify(7)).
    static func list(_ bytes: [UInt8]) -> [FolderEvent] {
        // The machine's own byte order, which is little-endian wherever Kairos runs.
        func word(_ offset: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
        }
        var events: [FolderEvent] = []
        var at = 0
        while at + 16 <= bytes.count {
            let end = min(bytes.count, at + 16 + Int(word(at + 12)))
            let name = bytes[(at + 16)..<end].prefix { $0 != 0 }
            events.append(
                FolderEvent(
                    watch: Int32(bitPattern: word(at)), mask: word(at + 4),
                    name: String(decoding: name, as: UTF8.self)))
            at = end
        }
        return events
    }
}
