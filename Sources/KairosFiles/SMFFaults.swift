/// The faults of a MIDI file: one line for each kind in each track, with the byte offset of the first.
struct SMFFaults {
    /// What is wrong. Faults of one kind in one track are one line.
    enum Kind: Hashable {
        case container, before, header, format, count, division, between, after, length, noEnd, afterEnd
        case cutOff, time, runningStatus, noStatus, realTime, systemCommon, data, meta, tempo
        case exclusive, escape, port, sharedPort
    }

    private struct Place: Hashable {
        var kind: Kind
        var track: Int?
    }

    private struct Fault {
        var offset: Int
        var message: String
        var isOfTrack: Bool
        var count = 1
    }

    /// The most lines; a file of nothing but faults is no reason for a million of them.
    private static let limit = 100

    private let file: String
    private var faults: [Fault] = []
    private var indices: [Place: Int] = [:]
    private var unlisted = 0

    init(file: String) { self.file = file }

    /// Adds a fault. `track` counts from 1; nil for the file as a whole.
    mutating func add(
        _ kind: Kind, track: Int? = nil, at offset: Int, _ message: @autoclosure () -> String
    ) {
        let place = Place(kind: kind, track: track)
        if let index = indices[place] {
            faults[index].count += 1
        } else if faults.count < Self.limit {
            indices[place] = faults.count
            let prefix = track.map { "track \($0): " } ?? ""
            faults.append(Fault(offset: offset, message: prefix + message(), isOfTrack: track != nil))
        } else {
            unlisted += 1
        }
    }

    /// Whether a fault of this kind was found in the file.
    func has(_ kind: Kind) -> Bool { indices.keys.contains { $0.kind == kind } }

    /// In the order of the file.
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
