import Foundation
import KairosControl

/// A Standard MIDI File of format 0 or 1 (MIDI 1.0, "Standard MIDI Files", RP-001).
public struct StandardMIDIFile: Sendable, Equatable {
    /// In order of time; stamps are nanoseconds from the start of the file, source 0.
    public var events: [Event]
    /// From the start to the end of the longest track, in nanoseconds.
    public var length: UInt64
    /// The first track's name, or empty.
    public var name: String
    /// Where the file's beats are, as a clock would tell them: 24 to the quarter. None in a file that counts
    /// film frames.
    public var clock: [Event]

    /// A song.
    public init(events: [Event] = [], length: UInt64 = 0, name: String = "", clock: [Event] = []) {
        self.events = events
        self.clock = clock
        self.length = length
        self.name = name
    }

    /// The events and the clock in one order.
    public var clocked: [Event] {
        var result: [Event] = []
        result.reserveCapacity(events.count + clock.count)
        var tick = 0
        for event in events {
            while tick < clock.count, clock[tick].stamp <= event.stamp {
                result.append(clock[tick])
                tick += 1
            }
            result.append(event)
        }
        return result + clock[tick...]
    }

    /// Reads a file. Throws ``Diagnostics`` that name the byte.
    public static func read(path: String) throws(Diagnostics) -> StandardMIDIFile {
        try parse([UInt8](try TextFile.bytes(path, limit: 64 << 20, kind: "a MIDI file")), file: path)
    }

    /// Parses a file's bytes; `file` is what diagnostics call it.
    public static func parse(_ bytes: [UInt8], file: String) throws(Diagnostics) -> StandardMIDIFile {
        var reader = SMFReader(bytes: bytes, file: file)
        return try reader.read()
    }
}

/// One message of a track, before ticks become time.
private struct Timed {
    var tick: UInt64
    var track: Int
    var order: Int
    var status: UInt8
    var first: UInt8
    var second: UInt8
    /// Where the bytes of a system exclusive message are, without F0.
    var exclusive: Range<Int>?
}

private struct SMFReader {
    let bytes: [UInt8]
    let file: String
    var at = 0
    var messages: [Timed] = []
    /// Microseconds per quarter note from a tick on.
    var tempos: [(tick: UInt64, microseconds: UInt64)] = []
    var lastTick: UInt64 = 0
    var name = ""

    init(bytes: [UInt8], file: String) {
        self.bytes = bytes
        self.file = file
    }

    func fault(_ message: String, at place: Int? = nil) -> Diagnostics {
        Diagnostics(file, "byte \(place ?? at): \(message)")
    }

    mutating func byte(_ what: String, before end: Int) throws(Diagnostics) -> UInt8 {
        guard at < min(end, bytes.count) else {
            throw fault("the file ends where \(what) was expected; it is cut off or damaged")
        }
        at += 1
        return bytes[at - 1]
    }

    mutating func word(_ count: Int, _ what: String) throws(Diagnostics) -> Int {
        var value = 0
        for _ in 0..<count { value = value << 8 | Int(try byte(what, before: bytes.count)) }
        return value
    }

    mutating func tag() throws(Diagnostics) -> String {
        var text = ""
        for _ in 0..<4 {
            text.unicodeScalars.append(Unicode.Scalar(try byte("a chunk", before: bytes.count)))
        }
        return text
    }

    /// A number of variable length: up to four bytes of seven bits.
    mutating func variable(_ what: String, before end: Int) throws(Diagnostics) -> Int {
        let start = at
        var value = 0
        for _ in 0..<4 {
            let next = try byte(what, before: end)
            value = value << 7 | Int(next & 0x7f)
            if next < 0x80 { return value }
        }
        throw fault("\(what) is longer than four bytes", at: start)
    }

    mutating func read() throws(Diagnostics) -> StandardMIDIFile {
        if bytes.isEmpty {
            throw Diagnostics(file, "the file is empty; a Standard MIDI File begins with 'MThd'")
        }
        guard bytes.count >= 14, try tag() == "MThd" else {
            throw Diagnostics(file, "this is no Standard MIDI File: it does not begin with 'MThd'")
        }
        let headerLength = try word(4, "the header's length")
        guard headerLength >= 6, at + headerLength <= bytes.count else {
            throw fault("a header of \(headerLength) bytes; 6 were expected", at: 4)
        }
        let header = at
        let format = try word(2, "the format"), trackCount = try word(2, "the number of tracks")
        let division = try word(2, "the division")
        guard format < 2 else {
            throw fault(
                "format \(format): independent patterns cannot be played as a song; save it as format 0 or 1",
                at: 8)
        }
        if format == 0, trackCount != 1 {
            throw fault("format 0 has one track, and this says \(trackCount)", at: 10)
        }
        if trackCount == 0 { throw fault("there is no track", at: 10) }
        if division == 0 { throw fault("a division of 0 ticks", at: 12) }
        at = header + headerLength
        var track = 0
        while track < trackCount {
            guard at < bytes.count else {
                throw fault("\(trackCount) tracks were promised, and \(track) are there")
            }
            let start = at
            let kind = try tag(), length = try word(4, "a chunk's length")
            guard length <= bytes.count - at else {
                throw fault(
                    "a chunk of \(length) bytes, and \(bytes.count - at) are left; the file is cut off or damaged",
                    at: start)
            }
            let end = at + length
            // Chunks of other kinds are to be skipped, says the standard.
            if kind == "MTrk" {
                try readTrack(track, end)
                track += 1
            }
            at = end
        }
        return finished(division)
    }

    private mutating func readTrack(_ track: Int, _ end: Int) throws(Diagnostics) {
        var tick: UInt64 = 0
        var status: UInt8 = 0
        while at < end {
            tick += UInt64(try variable("a time", before: end))
            lastTick = max(lastTick, tick)
            let start = at
            let first = try byte("a message", before: end)
            if first == 0xff {
                let type = try byte("a meta message", before: end)
                let length = try variable("a length", before: end)
                guard length <= end - at else {
                    throw fault(
                        "a meta message of \(length) bytes, and \(end - at) are left in its track", at: start)
                }
                if type == 0x51, length == 3 {
                    let value = UInt64(bytes[at]) << 16 | UInt64(bytes[at + 1]) << 8 | UInt64(bytes[at + 2])
                    if value > 0 { tempos.append((tick, value)) }
                } else if type == 0x03, track == 0, name.isEmpty {
                    name = String(decoding: bytes[at..<at + length], as: UTF8.self)
                }
                at += length
                status = 0
                if type == 0x2f { return }
            } else if first == 0xf0 || first == 0xf7 {
                let length = try variable("a length", before: end)
                guard length <= end - at else {
                    throw fault(
                        "a system message of \(length) bytes, and \(end - at) are left in its track",
                        at: start)
                }
                if first == 0xf0 {
                    messages.append(
                        Timed(
                            tick: tick, track: track, order: messages.count, status: first, first: 0,
                            second: 0,
                            exclusive: at..<at + length))
                }
                at += length
                status = 0
            } else if first > 0xf0 {
                throw fault("\(hex(first)) is no message of a file", at: start)
            } else {
                var data = first
                if first >= 0x80 {
                    status = first
                    data = try byte("a message's data", before: end)
                } else if status == 0 {
                    throw fault("\(hex(first)) is data without a message", at: start)
                }
                let kind = status & 0xf0
                let second = kind == 0xc0 || kind == 0xd0 ? 0 : try byte("a message's data", before: end)
                guard data < 0x80, second < 0x80 else {
                    throw fault("data of \(hex(max(data, second))); the most is 7f", at: start)
                }
                messages.append(
                    Timed(
                        tick: tick, track: track, order: messages.count, status: status, first: data,
                        second: second))
            }
        }
        throw fault(
            "track \(track + 1) ends without an end-of-track message; the file is cut off or damaged", at: end
        )
    }

    private func hex(_ byte: UInt8) -> String { "0x" + String(byte, radix: 16) }

    /// Ticks to nanoseconds, exactly: one rounding each, no sum of rounded parts.
    private mutating func finished(_ division: Int) -> StandardMIDIFile {
        messages.sort { ($0.tick, $0.track, $0.order) < ($1.tick, $1.track, $1.order) }
        var clock = TickClock(division: division, tempos: tempos)
        // One stream, as an instrument would get it: a bank select in one track holds for another's program.
        var decoder = MIDIDecoder()
        var events: [Event] = []
        for message in messages {
            let stamp = clock.nanoseconds(at: message.tick)
            func add(_ event: Event) {
                events.append(event)
                events[events.count - 1].stamp = stamp
            }
            if let range = message.exclusive {
                decoder.takeExclusive(0xf0, add)
                for byte in bytes[range] { decoder.takeExclusive(byte, add) }
            } else {
                decoder.take(message.status, message.first, message.second, add)
            }
        }
        return StandardMIDIFile(
            events: events, length: clock.nanoseconds(at: lastTick), name: name, clock: beats(division))
    }

    private func beats(_ division: Int) -> [Event] {
        guard division & 0x8000 == 0 else { return [] }
        var clock = TickClock(division: division, tempos: tempos)
        // A file that lasts for days has no beats at its end.
        let count = min(
            lastTick.multipliedReportingOverflow(by: 24).partialValue / UInt64(division), 1_000_000)
        return [Event(.start)]
            + (0...count).map {
                Event(.clock, stamp: clock.nanoseconds(at: $0 * UInt64(division) / 24))
            }
    }
}

/// Where a file's ticks are in time. Asked in order.
private struct TickClock {
    private let tempos: [(tick: UInt64, microseconds: UInt64)]
    private let ticksPerQuarter: UInt64
    private let smpte: (ticks: UInt64, nanoseconds: UInt64)?
    private var next = 0
    private var tick: UInt64 = 0
    /// Microseconds × ticks per quarter at `tick`: whole numbers, so that nothing drifts.
    private var scaled: UInt64 = 0
    private var tempo: UInt64 = 500_000

    init(division: Int, tempos: [(tick: UInt64, microseconds: UInt64)]) {
        self.tempos = tempos.sorted { $0.tick < $1.tick }
        if division & 0x8000 != 0 {
            // −frames a second and ticks a frame; −29 is 30 frames with every thousandth left out.
            let frames = UInt64(256 - (division >> 8))
            let ticks = max(1, UInt64(division & 0xff))
            smpte =
                frames == 29 ? (ticks * 30_000, 1_001_000_000_000) : (ticks * max(1, frames), 1_000_000_000)
            ticksPerQuarter = 1
        } else {
            smpte = nil
            ticksPerQuarter = UInt64(division)
        }
    }

    mutating func nanoseconds(at target: UInt64) -> UInt64 {
        if let smpte { return scaledRounded(target, by: smpte.nanoseconds, over: smpte.ticks) }
        while next < tempos.count, tempos[next].tick <= target {
            scaled &+= (tempos[next].tick - tick) &* tempo
            tick = tempos[next].tick
            tempo = tempos[next].microseconds
            next += 1
        }
        let total = scaled &+ (target - tick) &* tempo
        return scaledRounded(total, by: 1000, over: ticksPerQuarter)
    }
}

/// a × b ÷ c to the nearest whole number, without overflow on the way; the most a stamp can hold at worst.
private func scaledRounded(_ a: UInt64, by b: UInt64, over c: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    guard product.high < c else { return .max }
    let (quotient, remainder) = c.dividingFullWidth(product)
    return remainder >= c - remainder ? quotient &+ 1 : quotient
}
