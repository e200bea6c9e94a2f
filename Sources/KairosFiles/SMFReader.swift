import KairosPatch

/// Reads the chunks of a MIDI file: the header, the tracks, and skips anything between them.
struct SMFReader {
    static let headerTag = Array("MThd".utf8)
    static let trackTag = Array("MTrk".utf8)
    /// The header is searched within this number of bytes; foreign file systems and containers put less
    /// before it.
    private static let searchLimit = 1 << 16

    private let bytes: [UInt8]
    private let file: String
    /// The end offset of the MIDI file: the end of the bytes, or of the container's chunk.
    private var end: Int
    /// The offset from which on there are only zeros.
    private let zeros: Int
    /// The present byte offset.
    private var at = 0
    private var contents = SMFContents()
    private var header = Header()
    /// Number of tracks read so far.
    private var trackCount = 0
    private(set) var faults: SMFFaults

    /// The header chunk.
    private struct Header {
        /// Byte offset of the chunk.
        var offset = 0
        var format = 1
        /// Number of tracks that the header announces.
        var trackCount = 0
    }

    init(bytes: [UInt8], file: String) {
        self.bytes = bytes
        self.file = file
        end = bytes.count
        zeros = bytes.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
        faults = SMFFaults(file: file)
    }

    /// Reads the contents of the file. Throws ``Diagnostics`` if it is not a MIDI file or contains no track.
    mutating func read() throws(Diagnostics) -> SMFContents {
        try findHeader()
        readHeader()
        while at < end { readChunk() }
        try checkTracks()
        return contents
    }

    // MARK: Header

    /// Moves to the header, past a container or other bytes before it.
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
                throw Diagnostics(file, "this is not a Standard MIDI File: it does not begin with 'MThd'")
            }
        }
        guard end - at >= 14 else {
            throw Diagnostics(file, "byte \(end): the file is truncated: it ends within its header")
        }
    }

    /// Moves into a RIFF container of the kind RMID (RP-029), whose 'data' chunk is the MIDI file.
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
                        + (isTrusted || end == at + size ? "" : "; its stated size of \(size) bytes is wrong")
                )
                return
            }
            chunk += 8 + size + size % 2
        }
    }

    /// The end of the last chunk with a valid length, of a MIDI file that begins at `offset`.
    private func endOfChunks(_ offset: Int) -> Int {
        var last = offset
        while last + 8 <= bytes.count, isTag(last), number(last + 4, 4) <= bytes.count - last - 8 {
            last += 8 + number(last + 4, 4)
        }
        return last
    }

    /// True if a chunk of a RIFF container may end at `offset`: the file ends there or before, or another
    /// chunk follows.
    private func isEndInContainer(_ offset: Int) -> Bool {
        guard offset + 8 <= bytes.count else { return offset >= bytes.count }
        let size = (0..<4).reversed().reduce(0) { $0 << 8 | Int(bytes[offset + 4 + $1]) }
        return isTag(offset) && !isTrack(offset) && size <= bytes.count - offset - 8
    }

    private func isHeader(_ offset: Int) -> Bool {
        bytes[min(offset, bytes.count)...].starts(with: Self.headerTag)
    }

    /// True if there is a header with a plausible length, or with a track after it, at `offset`.
    private func isWholeHeader(_ offset: Int) -> Bool {
        isHeader(offset) && offset + 8 <= bytes.count
            && (number(offset + 4, 4) < 256 || isTrack(offset + 14))
    }

    /// Reads the header and moves to the first chunk after it.
    private mutating func readHeader() {
        let start = at, length = number(start + 4, 4)
        header = Header(
            offset: start, format: number(start + 8, 2), trackCount: number(start + 10, 2))
        at = start + 8 + length
        if length < 6 || (length > 6 && !isChunk(at) && (at > end || isTrack(start + 14))) {
            faults.add(.header, at: start + 4, "a header of \(length) bytes; it is read as one of 6 bytes")
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

    /// The unit of ticks that the division field of the header gives.
    private mutating func division(_ value: Int, at offset: Int) -> TickClock.Division {
        guard value & 0x8000 != 0 else {
            if value == 0 { faults.add(.division, at: offset, "a division of 0 ticks; 480 are assumed") }
            return .quarter(UInt64(value == 0 ? 480 : value))
        }
        // The high byte is −frames per second, the low byte is ticks per frame. −29 is 30 drop frame, that is
        // 30 000 / 1001 frames per second.
        let frames = UInt64(256 - (value >> 8))
        var ticks = UInt64(value & 0xff)
        if ![24, 25, 29, 30].contains(frames) {
            faults.add(
                .division, at: offset, "\(frames) frames per second; only 24, 25, 29 and 30 are valid")
        } else if ticks == 0 {
            faults.add(.division, at: offset, "a division of 0 ticks per frame; 1 is assumed")
        }
        ticks = max(1, ticks)
        return frames == 29
            ? .timeCode(ticks: ticks * 30_000, nanoseconds: 1_001_000_000_000)
            : .timeCode(ticks: ticks * frames, nanoseconds: 1_000_000_000)
    }

    /// Compares the number of tracks with that in the header. Throws ``Diagnostics`` if there is no track.
    private mutating func checkTracks() throws(Diagnostics) {
        let announced = header.trackCount, offset = header.offset + 10
        guard trackCount > 0 else {
            throw Diagnostics(
                faults.diagnostics + [
                    Diagnostic(
                        file: file,
                        message:
                            "byte \(at): the header announces \(announced) tracks, but the file contains none"
                    )
                ])
        }
        if header.format == 0, trackCount > 1 {
            faults.add(
                .count, at: offset,
                "format 0 has one track; the header announces \(announced), "
                    + "the file contains \(trackCount); all are played"
            )
        } else if trackCount != announced, !(trackCount < announced && faults.has(.cutOff)) {
            faults.add(
                .count, at: offset,
                "the number of tracks is \(announced) in the header and "
                    + "\(trackCount) in the file; all are played"
            )
        }
    }

    // MARK: Chunks

    /// Reads a track, or skips another chunk or bytes outside any chunk.
    private mutating func readChunk() {
        if isTrack(at) { return readTrack() }
        // The standard requires that chunks of unknown kinds are skipped.
        if isChunk(at) { return at += 8 + number(at + 4, 4) }
        if let track = nextTrack(after: at) {
            faults.add(.between, at: at, "\(track - at) bytes outside any chunk are skipped")
            at = track
        } else {
            faults.add(.after, at: at, "\(end - at) bytes after the last track are ignored")
            at = end
        }
    }

    /// Reads a track and moves to its end, which is not where its chunk's length says if that is wrong.
    private mutating func readTrack() {
        let start = at, length = number(start + 4, 4), chunkEnd = start + 8 + length
        // The length is trusted if the chunk ends at the end of the file, in the zeros at its end, or before
        // another chunk.
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
                    "the file is truncated: the chunk has \(length) bytes, "
                        + "of which \(end - start - 8) are left"
                )
            }
            if !isTrusted { reportLength(start, length) }
            if case .incomplete(let offset) = ending {
                reportMissingEnd(
                    offset, "ends within an event, without an end-of-track event; the rest is skipped")
            } else {
                reportMissingEnd(limit, "ends without an end-of-track event")
            }
        }
    }

    /// Moves to the end of a track after its end-of-track event: the end of the chunk if its length is
    /// trusted and no other track begins before it.
    private mutating func endTrack(_ start: Int, _ chunkEnd: Int, _ isTrusted: Bool) {
        guard at != chunkEnd else { return }
        guard isTrusted, !isTrack(at) else { return reportLength(start, chunkEnd - start - 8) }
        faults.add(
            .afterEnd, track: trackCount, at: at,
            "\(chunkEnd - at) bytes after the end-of-track event are ignored")
        at = chunkEnd
    }

    private mutating func reportMissingEnd(_ offset: Int, _ message: String) {
        faults.add(.noEnd, track: trackCount, at: offset, message)
    }

    private mutating func reportLength(_ start: Int, _ length: Int) {
        faults.add(
            .length, track: trackCount, at: start + 4,
            "the chunk's length is \(length); its events take \(at - start - 8) bytes")
    }

    // MARK: Bytes

    /// A big-endian number of `count` bytes.
    private func number(_ offset: Int, _ count: Int) -> Int {
        bytes[offset..<offset + count].reduce(0) { $0 << 8 | Int($1) }
    }

    private func isTrack(_ offset: Int) -> Bool {
        offset + 8 <= end && bytes[offset...].starts(with: Self.trackTag)
    }

    /// True if there is a track, or another chunk that ends within the file, at `offset`.
    private func isChunk(_ offset: Int) -> Bool {
        guard offset + 8 <= end else { return false }
        return isTrack(offset)
            || (isTag(offset) && number(offset + 4, 4) <= end - offset - 8)
    }

    /// True if the four bytes at `offset` are printable ASCII characters, like the kind of a chunk.
    private func isTag(_ offset: Int) -> Bool {
        bytes[offset..<offset + 4].allSatisfy { (0x20..<0x7f).contains($0) }
    }

    private func nextTrack(after offset: Int) -> Int? {
        guard offset + 9 <= end else { return nil }
        return (offset + 1...end - 8).first { isTrack($0) }
    }
}
