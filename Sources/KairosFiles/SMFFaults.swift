import KairosPatch

/// Collects the faults of a MIDI file: one line per kind and track, with the byte offset of the first.
struct SMFFaults {
    /// The kind of a fault. Faults of one kind in one track are combined in one line.
    enum Kind: Hashable {
        case container, before, header, format, count, division, between, after, length, noEnd, afterEnd
        case cutOff, time, runningStatus, noStatus, realTime, systemCommon, data, meta, tempo
        case exclusive, escape, port, sharedPort
    }

    private struct Key: Hashable {
        var kind: Kind
        var track: Int?
    }

    private struct Fault {
        var offset: Int
        var message: String
        var isOfTrack: Bool
        /// Number of faults of this kind in this track.
        var count = 1
    }

    /// The greatest number of lines, so that a file full of faults does not produce a million of them.
    private static let limit = 100

    private let file: String
    private var faults: [Fault] = []
    /// Index in ``faults`` by kind and track.
    private var indices: [Key: Int] = [:]
    /// Number of faults beyond the limit.
    private var unlisted = 0

    init(file: String) { self.file = file }

    /// Adds a fault at a byte offset. `track` counts from 1; nil is the file as a whole.
    mutating func add(
        _ kind: Kind, track: Int? = nil, at offset: Int, _ message: @autoclosure () -> String
    ) {
        let key = Key(kind: kind, track: track)
        if let index = indices[key] {
            faults[index].count += 1
        } else if faults.count < Self.limit {
            indices[key] = faults.count
            let prefix = track.map { "track \($0): " } ?? ""
            faults.append(Fault(offset: offset, message: prefix + message(), isOfTrack: track != nil))
        } else {
            unlisted += 1
        }
    }

    /// True if the file has a fault of this kind.
    func has(_ kind: Kind) -> Bool { indices.keys.contains { $0.kind == kind } }

    /// The faults as diagnostics, in the order of the file.
    var diagnostics: [Diagnostic] {
        let lines = faults.enumerated().sorted {
            ($0.element.offset, $0.offset) < ($1.element.offset, $1.offset)
        }
        .map { _, fault in
            let more = "and \(fault.count - 1) more" + (fault.isOfTrack ? " in this track" : "")
            return Diagnostic(
                file: file,
                message: "byte \(fault.offset): \(fault.message)" + (fault.count > 1 ? " (\(more))" : ""))
        }
        guard unlisted > 0 else { return lines }
        return lines + [Diagnostic(file: file, message: "and \(unlisted) more faults")]
    }
}
