// Meta events of a track.
extension SMFTrackReader {
    /// Reads a meta event. Returns how the track ends with it; nil if the track continues.
    mutating func meta(
        _ start: Int, _ contents: inout SMFContents, _ faults: inout SMFFaults
    ) -> Ending? {
        guard at < limit else { return .incomplete(start) }
        let type = bytes[at]
        at += 1
        guard let length = bodyLength(start, &faults), length <= limit - at else {
            // An end-of-track event with a missing or wrong length still ends the track.
            guard type == 0x2f else { return .incomplete(start) }
            faults.add(
                .meta, track: track, at: start, "the length of the end-of-track event is missing or not 0")
            return .endOfTrack
        }
        let body = bytes[at..<at + length]
        at = body.endIndex
        switch type {
        case 0x03 where track == 1 && contents.name.isEmpty:
            contents.name = String(decoding: body, as: UTF8.self)
        case 0x09:
            outlet.device = String(decoding: body, as: UTF8.self)
            (outletIndex, outletOffset) = (nil, start)
        case 0x21:
            guard body.count == 1 else {
                faults.add(
                    .port, track: track, at: start,
                    "a port event of \(body.count) bytes instead of 1 is ignored")
                break
            }
            outlet.port = body[body.startIndex]
            (outletIndex, outletOffset) = (nil, start)
        case 0x51: tempo(start, body, &contents, &faults)
        case 0x2f:
            if !body.isEmpty {
                faults.add(
                    .meta, track: track, at: start,
                    "an end-of-track event of \(body.count) bytes instead of 0")
            }
            return .endOfTrack
        default: break
        }
        return nil
    }

    /// Reads the body of a tempo event.
    private mutating func tempo(
        _ start: Int, _ body: ArraySlice<UInt8>, _ contents: inout SMFContents, _ faults: inout SMFFaults
    ) {
        if body.count != 3 {
            faults.add(
                .tempo, track: track, at: start,
                "a tempo event of \(body.count) bytes instead of 3"
                    + (body.count < 3 ? "; it is ignored" : "; the first 3 are used"))
            guard body.count > 3 else { return }
        }
        let value = body.prefix(3).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard value > 0 else {
            return faults.add(
                .tempo, track: track, at: start, "a tempo event of 0 microseconds per quarter note is ignored"
            )
        }
        contents.tempos.append(TickClock.Tempo(tick: tick, microseconds: value))
    }
}
