/// Reads the events of one track of a MIDI file.
struct SMFTrackReader {
    /// Place and reason of the end of reading.
    enum Ending {
        /// At an end-of-track event.
        case endOfTrack
        /// At the limit, between two events.
        case limit
        /// At the limit, within the event at this byte offset.
        case incomplete(Int)
        /// At a fault after which no further event can be found.
        case unreadable
    }

    let bytes: [UInt8]
    /// The byte offset at which the track ends at the latest.
    let limit: Int
    /// Number of the track, from 1.
    let track: Int
    /// The present byte offset.
    var at: Int
    /// The present tick.
    private(set) var tick: UInt64
    /// The last status byte of a channel message; 0 if there was none.
    private var status: UInt8 = 0
    /// The kind of event since the last channel message, if any; it ends running status.
    private var interruption: String?
    var outlet = SMFContents.Outlet()
    var outletIndex: Int?
    /// Byte offset of the last event that changed ``outlet``.
    var outletOffset = 0
    private var packets = SMFPackets()
    /// The last F0 or F7 event: its tick, its order among the messages, and its byte offset.
    private var packet = (tick: UInt64(0), order: 0, offset: 0)

    /// A reader of the bytes from `start` to `limit`. The track begins at `tick`.
    init(_ bytes: [UInt8], track: Int, start: Int, limit: Int, tick: UInt64) {
        self.bytes = bytes
        self.track = track
        self.limit = limit
        self.tick = tick
        at = start
    }

    /// Appends events to `contents` and faults to `faults`. Afterwards ``at`` is where the next chunk may
    /// begin.
    mutating func read(_ contents: inout SMFContents, _ faults: inout SMFFaults) -> Ending {
        let ending = readEvents(&contents, &faults)
        finishExclusive(&contents, &faults)
        packets.end()
        reportLost(packet.offset, &faults)
        contents.lastTick = max(contents.lastTick, tick)
        return ending
    }

    private mutating func readEvents(_ contents: inout SMFContents, _ faults: inout SMFFaults) -> Ending {
        while at < limit {
            let start = at
            guard let time = variable() else { return .incomplete(start) }
            if time.isTooLong {
                let isReadable = time.value <= 0x0fff_ffff
                faults.add(
                    .time, track: track, at: start,
                    "a delta time of \(time.length) bytes; at most 4 are allowed"
                        + (isReadable ? "" : "; the rest of the track is skipped"))
                guard isReadable else { return .unreadable }
            }
            tick = tick.addingSaturated(time.value)
            guard at < limit else { return .incomplete(start) }
            let event = at
            at += 1
            switch bytes[event] {
            case 0xff:
                switch meta(event, &contents, &faults) {
                case nil: interruption = "a meta event"
                case let ending?: return ending
                }
            case 0xf0, 0xf7:
                guard system(event, &contents, &faults) else { return .incomplete(start) }
                interruption = "a system exclusive event"
            case 0xf8...:
                faults.add(
                    .realTime, track: track, at: event,
                    "the real-time message \(hex(bytes[event])) is skipped")
            case 0xf1...0xf6:
                faults.add(
                    .systemCommon, track: track, at: event,
                    "the system message \(hex(bytes[event])) is skipped")
                var data = SMFPackets.dataCount(bytes[event])
                while data > 0, at < limit, bytes[at] < 0x80 { (at, data) = (at + 1, data - 1) }
                interruption = "a system message"
            default:
                guard channel(event, &contents, &faults) else { return .incomplete(start) }
            }
        }
        return .limit
    }

    // MARK: Channel messages

    /// Reads a channel message. Returns false if the track ends within it.
    private mutating func channel(
        _ start: Int, _ contents: inout SMFContents, _ faults: inout SMFFaults
    ) -> Bool {
        if bytes[start] >= 0x80 {
            status = bytes[start]
        } else {
            at = start
            guard status > 0 else { return skipData(&faults) }
            if let interruption {
                faults.add(
                    .runningStatus, track: track, at: start,
                    "running status after \(interruption), which ends it; the status \(hex(status)) is kept")
            }
        }
        interruption = nil
        guard let first = data(&faults) else { return false }
        var second: UInt8 = 0
        if SMFPackets.dataCount(status) == 2 {
            guard let value = data(&faults) else { return false }
            second = value
        }
        guard first < 0x80 else {
            faults.add(
                .data, track: track, at: start,
                "the data byte \(hex(first)) is not below 0x80; the message is skipped")
            return true
        }
        if second >= 0x80 {
            faults.add(
                .data, track: track, at: start,
                "the data byte \(hex(second)) is not below 0x80; it is read as 0x7f")
        }
        add(
            SMFContents.Message(
                tick: tick, track: track, order: 0, outlet: 0, status: status, first: first,
                second: min(0x7f, second)), &contents)
        return true
    }

    /// Skips data without a status byte: two bytes, because most messages have that many.
    private mutating func skipData(_ faults: inout SMFFaults) -> Bool {
        faults.add(
            .noStatus, track: track, at: at, "data (\(hex(bytes[at]))) without a status byte is skipped")
        at += 1
        if at < limit, bytes[at] < 0x80 { at += 1 }
        return true
    }

    /// Reads the next data byte, and skips real-time messages before it. Nil if the track ends.
    private mutating func data(_ faults: inout SMFFaults) -> UInt8? {
        while at < limit {
            at += 1
            guard bytes[at - 1] >= 0xf8 else { return bytes[at - 1] }
            faults.add(
                .realTime, track: track, at: at - 1,
                "the real-time message \(hex(bytes[at - 1])) is skipped")
        }
        return nil
    }

    /// Appends a message to `contents`, with its order and outlet.
    private mutating func add(_ message: SMFContents.Message, _ contents: inout SMFContents) {
        var message = message
        let index = outletIndex ?? contents.index(of: outlet, at: outletOffset)
        outletIndex = index
        message.outlet = index
        message.order = 2 * contents.messages.count + 1
        contents.messages.append(message)
    }

    // MARK: System exclusive and escapes

    /// Reads an F0 or F7 event. Returns false if the track ends within it.
    private mutating func system(
        _ start: Int, _ contents: inout SMFContents, _ faults: inout SMFFaults
    ) -> Bool {
        let isFirst = bytes[start] == 0xf0
        guard let length = bodyLength(start, &faults) else { return false }
        let found = length <= limit - at ? length : isFirst ? countToEnd() : nil
        guard let count = found else { return false }
        if count < length {
            faults.add(
                .exclusive, track: track, at: start,
                "a system exclusive message of \(length) bytes, beyond "
                    + "the end of the track; it is ended at its 0xf7"
            )
        }
        let range = at..<at + count
        at = range.upperBound
        if isFirst {
            finishExclusive(&contents, &faults)
            packets.begin()
        }
        for index in range {
            let byte = bytes[index]
            if packets.isExclusiveOpen, (0x80..<0xf7).contains(byte) {
                guard isFirst else {
                    // A status byte in an F7 event ends the message.
                    finishExclusive(&contents, &faults)
                    _ = packets.append(byte)
                    continue
                }
                faults.add(
                    .exclusive, track: track, at: index,
                    "the status byte \(hex(byte)) within a system exclusive message is skipped")
                continue
            }
            guard let message = packets.append(byte) else { continue }
            add(
                SMFContents.Message(
                    tick: tick, track: track, order: 0, outlet: 0, status: 0, bytes: message), &contents)
        }
        packet = (tick, 2 * contents.messages.count, start)
        reportLost(start, &faults)
        return true
    }

    /// The number of bytes up to and including the F7 that ends a system exclusive message; nil if there is
    /// none.
    private func countToEnd() -> Int? {
        let last = (at..<limit).first { bytes[$0] >= 0x80 }
        return last.flatMap { bytes[$0] == 0xf7 ? $0 + 1 - at : nil }
    }

    /// Reports the bytes of F7 events that are not part of a complete message.
    private mutating func reportLost(_ offset: Int, _ faults: inout SMFFaults) {
        let lost = packets.popLost()
        guard lost > 0 else { return }
        faults.add(
            .escape, track: track, at: offset,
            "\(lost) bytes in F7 events do not form a complete message and are skipped")
    }

    /// Ends a system exclusive message without F7. It takes the place of its last F0 or F7 event.
    private mutating func finishExclusive(_ contents: inout SMFContents, _ faults: inout SMFFaults) {
        guard packets.isExclusiveOpen else { return }
        faults.add(
            .exclusive, track: track, at: packet.offset,
            "a system exclusive message without 0xf7 at its end; it is ended with its last event")
        add(
            SMFContents.Message(
                tick: packet.tick, track: track, order: 0, outlet: 0, status: 0,
                bytes: packets.endExclusive()), &contents)
        contents.messages[contents.messages.count - 1].order = packet.order
    }

    // MARK: Bytes

    /// Reads the length of the body of the event at `start`. Nil if the track ends within the length field.
    mutating func bodyLength(_ start: Int, _ faults: inout SMFFaults) -> Int? {
        guard let length = variable() else { return nil }
        if length.isTooLong {
            faults.add(
                .meta, track: track, at: start,
                "a length field of \(length.length) bytes; at most 4 are allowed")
        }
        return Int(min(length.value, UInt64(Int.max)))
    }

    /// Reads a variable-length quantity: its value and its number of bytes, of which more than 4 are too
    /// long. Nil if the track ends within it.
    private mutating func variable() -> (value: UInt64, length: Int, isTooLong: Bool)? {
        let start = at
        var value: UInt64 = 0
        while at < limit {
            let byte = bytes[at]
            at += 1
            value = (value > UInt64.max >> 7 ? UInt64.max << 7 : value << 7) | UInt64(byte & 0x7f)
            if byte < 0x80 { return (value, at - start, at - start > 4) }
        }
        return nil
    }

    private func hex(_ byte: UInt8) -> String { "0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16) }
}
