/// Reads the events of one track of a MIDI file.
struct SMFTrackReader {
    /// How the events of a track end.
    enum Ending {
        /// With an end-of-track event.
        case endOfTrack
        /// At the limit, between two events.
        case limit
        /// At the limit, within the event at this offset.
        case incomplete(Int)
        /// At a fault behind which no event can be found.
        case unreadable
    }

    private let bytes: [UInt8]
    /// Where the track ends at the latest.
    private let limit: Int
    /// Counts from 1.
    private let track: Int
    private(set) var at: Int
    private(set) var tick: UInt64
    private var status: UInt8 = 0
    /// The kind of event that came since the status byte, which ends running status.
    private var interruption: String?
    private var outlet = SMFContents.Outlet()
    private var outletIndex: Int?
    /// The byte offset of the last event that changed ``outlet``.
    private var outletOffset = 0
    private var packets = SMFPackets()
    /// Where the open system exclusive message's last packet is.
    private var packet = (tick: UInt64(0), order: 0, offset: 0)

    /// A reader of the bytes from `start` to `limit`; ticks count from `tick`.
    init(_ bytes: [UInt8], track: Int, start: Int, limit: Int, tick: UInt64) {
        self.bytes = bytes
        self.track = track
        self.limit = limit
        self.tick = tick
        at = start
    }

    /// Reads events into `contents` and faults into `faults`. Afterwards ``at`` is where the next chunk may begin.
    mutating func read(_ contents: inout SMFContents, _ faults: inout SMFFaults) -> Ending {
        let ending = readEvents(&contents, &faults)
        finishExclusive(&contents, &faults)
        packets.end()
        tellLost(packet.offset, &faults)
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
                    "a time of \(time.length) bytes, where 4 are the most"
                        + (isReadable ? "" : "; the rest of the track is left out"))
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

    // MARK: channel messages

    /// False where the track ends within the message.
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
                "the data byte \(hex(second)) is not below 0x80; it is taken for 0x7f")
        }
        add(
            SMFContents.Message(
                tick: tick, track: track, order: 0, outlet: 0, status: status, first: first,
                second: min(0x7f, second)), &contents)
        return true
    }

    /// Data that no status byte came before: most such messages have two bytes.
    private mutating func skipData(_ faults: inout SMFFaults) -> Bool {
        faults.add(
            .noStatus, track: track, at: at, "data (\(hex(bytes[at]))) without a status byte is skipped")
        at += 1
        if at < limit, bytes[at] < 0x80 { at += 1 }
        return true
    }

    /// The next data byte. Real-time bytes before it are skipped.
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

    private mutating func add(_ message: SMFContents.Message, _ contents: inout SMFContents) {
        var message = message
        let index = outletIndex ?? contents.index(of: outlet, at: outletOffset)
        outletIndex = index
        message.outlet = index
        message.order = 2 * contents.messages.count + 1
        contents.messages.append(message)
    }

    // MARK: system exclusive and escapes

    /// False where the track ends within the event.
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
                "a system exclusive message of \(length) bytes, beyond the end of the track, ends at its 0xf7"
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
                    _ = packets.take(byte)
                    continue
                }
                faults.add(
                    .exclusive, track: track, at: index,
                    "the status byte \(hex(byte)) within a system exclusive message is skipped")
                continue
            }
            guard let message = packets.take(byte) else { continue }
            add(
                SMFContents.Message(
                    tick: tick, track: track, order: 0, outlet: 0, status: 0, bytes: message), &contents)
        }
        packet = (tick, 2 * contents.messages.count, start)
        tellLost(start, &faults)
        return true
    }

    /// The bytes up to an F7 that ends a system exclusive message; nil where none does.
    private func countToEnd() -> Int? {
        let last = (at..<limit).first { bytes[$0] >= 0x80 }
        return last.flatMap { bytes[$0] == 0xf7 ? $0 + 1 - at : nil }
    }

    private mutating func tellLost(_ offset: Int, _ faults: inout SMFFaults) {
        let lost = packets.takeLost()
        guard lost > 0 else { return }
        faults.add(
            .escape, track: track, at: offset,
            "\(lost) bytes in F7 events are no complete message and are skipped")
    }

    /// A message whose F7 never came is complete with its last packet.
    private mutating func finishExclusive(_ contents: inout SMFContents, _ faults: inout SMFFaults) {
        guard packets.isExclusiveOpen else { return }
        faults.add(
            .exclusive, track: track, at: packet.offset,
            "a system exclusive message without 0xf7 at its end")
        add(
            SMFContents.Message(
                tick: packet.tick, track: track, order: 0, outlet: 0, status: 0,
                bytes: packets.endExclusive()), &contents)
        contents.messages[contents.messages.count - 1].order = packet.order
    }

    // MARK: meta events

    /// Nil where the track goes on after it.
    private mutating func meta(
        _ start: Int, _ contents: inout SMFContents, _ faults: inout SMFFaults
    ) -> Ending? {
        guard at < limit else { return .incomplete(start) }
        let type = bytes[at]
        at += 1
        guard let length = bodyLength(start, &faults), length <= limit - at else {
            // An end of track whose length is missing or wrong is still the end.
            guard type == 0x2f else { return .incomplete(start) }
            faults.add(.meta, track: track, at: start, "the end-of-track event has no length of 0")
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
                    "a port of \(body.count) bytes, where 1 is right, is ignored")
                break
            }
            outlet.port = body[body.startIndex]
            (outletIndex, outletOffset) = (nil, start)
        case 0x51: tempo(start, body, &contents, &faults)
        case 0x2f:
            if !body.isEmpty {
                faults.add(
                    .meta, track: track, at: start,
                    "an end-of-track event of \(body.count) bytes, where 0 are right")
            }
            return .endOfTrack
        default: break
        }
        return nil
    }

    private mutating func tempo(
        _ start: Int, _ body: ArraySlice<UInt8>, _ contents: inout SMFContents, _ faults: inout SMFFaults
    ) {
        if body.count != 3 {
            faults.add(
                .tempo, track: track, at: start,
                "a tempo of \(body.count) bytes, where 3 are right"
                    + (body.count < 3 ? "; it is ignored" : "; the first 3 count"))
            guard body.count > 3 else { return }
        }
        let value = body.prefix(3).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard value > 0 else {
            return faults.add(
                .tempo, track: track, at: start, "a tempo of 0 microseconds a quarter note is ignored")
        }
        contents.tempos.append(TickClock.Tempo(tick: tick, microseconds: value))
    }

    // MARK: bytes

    /// The number of bytes that follow in the event at `start`. Nil where the track ends within that number.
    private mutating func bodyLength(_ start: Int, _ faults: inout SMFFaults) -> Int? {
        guard let length = variable() else { return nil }
        if length.isTooLong {
            faults.add(
                .meta, track: track, at: start, "a length of \(length.length) bytes, where 4 are the most")
        }
        return Int(min(length.value, UInt64(Int.max)))
    }

    /// A number of variable length. Nil where the track ends within it.
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
