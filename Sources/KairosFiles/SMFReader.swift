/// Reads the chunks of a MIDI file: header, tracks, and whatever stands between them.
struct SMFReader {
    static let headerTag = Array("MThd".utf8)
    static let trackTag = Array("MTrk".utf8)
    /// Where the header is looked for, at most: file systems and containers of others put less before it.
    private static let searchLimit = 1 << 16

    private let bytes: [UInt8]
    private let file: String
    /// Where the MIDI file ends: the end of the bytes, or of the container's chunk.
    private var end: Int
    /// Where only zeros follow.
    private let zeros: Int
    private var at = 0
    private var contents = SMFContents()
    private var header = Header()
    private var trackCount = 0
    private(set) var faults: SMFFaults

    private struct Header {
        var offset = 0
        var format = 1
        var trackCount = 0
    }

    init(bytes: [UInt8], file: String) {
        self.bytes = bytes
        self.file = file
        end = bytes.count
        zeros = bytes.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
        faults = SMFFaults(file: file)
    }

    /// What the file holds. Throws ``Diagnostics`` where it is no MIDI file.
    mutating func read() throws(Diagnostics) -> SMFContents {
        try findHeader()
        readHeader()
        while at < end { readChunk() }
        try checkTracks()
        return contents
    }

    // MARK: the header

    private mutating func findHeader() throws(Diagnostics) {
        if bytes.isEmpty {
            throw Diagnostics(file, "the file is empty; a Standard MIDI File begins with 'MThd'")
        }
        if bytes.starts(with: Array("RIFF".utf8)) { unwrap() }
        if !isWholeHeader(at) {
            if let found = (0..<min(bytes.count, Self.searchLimit)).first(where: isWholeHeader) {
                faults.add(.before, at: 0, "\(found) bytes before the header 'MThd' are skipped")
                at = found
                end = bytes.count
            } else if !isHeader(at) {
                throw Diagnostics(file, "this is no Standard MIDI File: it does not begin with 'MThd'")
            }
        }
        guard end - at >= 14 else {
            throw Diagnostics(file, "byte \(end): the file ends within its header; it is cut off")
        }
    }

    /// A container of the kind RMID (RP-029): the MIDI file is its chunk 'data'.
    private mutating func unwrap() {
        guard bytes.count >= 12, bytes[8...].starts(with: Array("RMID".utf8)) else { return }
        var chunk = 12
        while chunk + 8 <= bytes.count {
            let size = (0..<4).reversed().reduce(0) { $0 << 8 | Int(bytes[chunk + 4 + $1]) }
            if bytes[chunk...].starts(with: Array("data".utf8)), isHeader(chunk + 8) {
                at = chunk + 8
                let last = endOfChunks(at), isTrusted = (size - 1...size + 1).contains(last - at)
                end = isTrusted ? last : bytes.count
                if !isTrusted, isEndInContainer(at + size) { end = min(bytes.count, at + size) }
                faults.add(
                    .container, at: 0,
                    "a RIFF container (RMID); its MIDI file begins at byte \(at)"
                        + (isTrusted || end == at + size ? "" : ", and is not of \(size) bytes as it says"))
                return
            }
            chunk += 8 + size + size % 2
        }
    }

    /// The end of the chunks of a MIDI file that begins at `offset`, as far as their lengths are right.
    private func endOfChunks(_ offset: Int) -> Int {
        var last = offset
        while last + 8 <= bytes.count, isTag(last), number(last + 4, 4) <= bytes.count - last - 8 {
            last += 8 + number(last + 4, 4)
        }
        return last
    }

    /// Whether a chunk of a RIFF container may end at `offset`: the file ends there or before, or another one follows.
    private func isEndInContainer(_ offset: Int) -> Bool {
        guard offset + 8 <= bytes.count else { return offset >= bytes.count }
        let size = (0..<4).reversed().reduce(0) { $0 << 8 | Int(bytes[offset + 4 + $1]) }
        return isTag(offset) && !isTrack(offset) && size <= bytes.count - offset - 8
    }

    private func isHeader(_ offset: Int) -> Bool {
        bytes[min(offset, bytes.count)...].starts(with: Self.headerTag)
    }

    /// A header of a length that one may have, or with a track behind it whatever its length says.
    private func isWholeHeader(_ offset: Int) -> Bool {
        isHeader(offset) && offset + 8 <= bytes.count
            && (number(offset + 4, 4) < 256 || isTrack(offset + 14))
    }

    private mutating func readHeader() {
        let start = at, length = number(start + 4, 4)
        header = Header(
            offset: start, format: number(start + 8, 2), trackCount: number(start + 10, 2))
        at = start + 8 + length
        if length < 6 || (length > 6 && !isChunk(at) && (at > end || isTrack(start + 14))) {
            faults.add(.header, at: start + 4, "a header of \(length) bytes is read as one of 6")
            at = start + 14
        }
        if header.format > 2 {
            faults.add(.format, at: start + 8, "format \(header.format) is unknown; it is read as format 1")
        } else if header.format == 2 {
            faults.add(
                .format, at: start + 8,
                "format 2 has independent tracks; they are played one after the other")
        }
        contents.division = division(number(start + 12, 2), at: start + 12)
    }

    private mutating func division(_ value: Int, at offset: Int) -> TickClock.Division {
        guard value & 0x8000 != 0 else {
            if value == 0 { faults.add(.division, at: offset, "a division of 0 ticks; 480 are assumed") }
            return .quarter(UInt64(value == 0 ? 480 : value))
        }
        // −frames a second and ticks a frame; −29 is 30 frames with every thousandth left out.
        let frames = UInt64(256 - (value >> 8))
        var ticks = UInt64(value & 0xff)
        if ![24, 25, 29, 30].contains(frames) {
            faults.add(.division, at: offset, "\(frames) frames a second, where 24, 25, 29 or 30 are right")
        } else if ticks == 0 {
            faults.add(.division, at: offset, "a division of 0 ticks a frame; 1 is assumed")
        }
        ticks = max(1, ticks)
        return frames == 29
            ? .timeCode(ticks: ticks * 30_000, nanoseconds: 1_001_000_000_000)
            : .timeCode(ticks: ticks * frames, nanoseconds: 1_000_000_000)
    }

    private mutating func checkTracks() throws(Diagnostics) {
        let promised = header.trackCount, offset = header.offset + 10
        guard trackCount > 0 else {
            throw Diagnostics(
                faults.diagnostics + [
                    Diagnostic(
                        file: file,
                        message: "byte \(at): \(promised) tracks were promised, and there is none")
                ])
        }
        if header.format == 0, trackCount > 1 {
            faults.add(
                .count, at: offset,
                "format 0 has one track; the header says \(promised), and \(trackCount) are there and played")
        } else if trackCount != promised, !(trackCount < promised && faults.has(.cutOff)) {
            faults.add(
                .count, at: offset,
                "the number of tracks is \(promised) in the header and \(trackCount) in the file; all are played"
            )
        }
    }

    // MARK: chunks

    private mutating func readChunk() {
        if isTrack(at) { return readTrack() }
        // Chunks of other kinds are to be skipped, says the standard.
        if isChunk(at) { return at += 8 + number(at + 4, 4) }
        if let track = nextTrack(after: at) {
            faults.add(.between, at: at, "\(track - at) bytes that belong to no chunk are skipped")
            at = track
        } else {
            faults.add(.after, at: at, "\(end - at) bytes after the last track are ignored")
            at = end
        }
    }

    private mutating func readTrack() {
        let start = at, length = number(start + 4, 4), chunkEnd = start + 8 + length
        // A length is to be believed where the file, its zeros at the end, or another chunk follows.
        let isTrusted = chunkEnd == end || isChunk(chunkEnd) || (chunkEnd > zeros && chunkEnd <= end)
        let limit = isTrusted ? chunkEnd : nextTrack(after: start) ?? end
        trackCount += 1
        let first = header.format == 2 ? contents.lastTick : 0
        if header.format == 2 {
            contents.tempos.append(TickClock.Tempo(tick: first, microseconds: TickClock.defaultTempo))
        }
        var reader = SMFTrackReader(bytes, track: trackCount, start: start + 8, limit: limit, tick: first)
        let ending = reader.read(&contents, &faults)
        at = limit
        switch ending {
        case .endOfTrack:
            at = reader.at
            endTrack(start, chunkEnd, isTrusted)
        case .unreadable: break
        case .limit, .incomplete:
            if !isTrusted, limit == end, chunkEnd > end {
                return faults.add(
                    .cutOff, track: trackCount, at: start + 4,
                    "a chunk of \(length) bytes, and \(end - start - 8) are left; the file is cut off")
            }
            if !isTrusted { wrongLength(start, length) }
            if case .incomplete(let offset) = ending {
                endEarly(
                    offset,
                    "ends within an event, without an end-of-track event; what follows from there on is left out"
                )
            } else {
                endEarly(limit, "ends without an end-of-track event")
            }
        }
    }

    /// After an end-of-track event: the chunk's own end is right where another chunk begins there.
    private mutating func endTrack(_ start: Int, _ chunkEnd: Int, _ isTrusted: Bool) {
        guard at != chunkEnd else { return }
        guard isTrusted, !isTrack(at) else { return wrongLength(start, chunkEnd - start - 8) }
        faults.add(
            .afterEnd, track: trackCount, at: at,
            "\(chunkEnd - at) bytes after the end-of-track event are ignored")
        at = chunkEnd
    }

    private mutating func endEarly(_ offset: Int, _ what: String) {
        faults.add(.noEnd, track: trackCount, at: offset, what)
    }

    private mutating func wrongLength(_ start: Int, _ length: Int) {
        faults.add(
            .length, track: trackCount, at: start + 4,
            "the chunk's length is \(length); its events take \(at - start - 8) bytes")
    }

    // MARK: bytes

    private func number(_ offset: Int, _ count: Int) -> Int {
        bytes[offset..<offset + count].reduce(0) { $0 << 8 | Int($1) }
    }

    private func isTrack(_ offset: Int) -> Bool {
        offset + 8 <= end && bytes[offset...].starts(with: Self.trackTag)
    }

    /// A track, or another chunk that ends within the file.
    private func isChunk(_ offset: Int) -> Bool {
        guard offset + 8 <= end else { return false }
        return isTrack(offset)
            || (isTag(offset) && number(offset + 4, 4) <= end - offset - 8)
    }

    /// Whether the four bytes at `offset` are letters, as those of a chunk's kind.
    private func isTag(_ offset: Int) -> Bool {
        bytes[offset..<offset + 4].allSatisfy { (0x20..<0x7f).contains($0) }
    }

    private func nextTrack(after offset: Int) -> Int? {
        guard offset + 9 <= end else { return nil }
        return (offset + 1...end - 8).first { isTrack($0) }
    }
}
