/// Decodes the system exclusive messages that apply to any instrument: the universal ones, and the Roland and
/// Yamaha resets that General MIDI songs begin with. Used by ``MIDIDecoder``. [input]
///
/// Sources: Universal System Exclusive (MIDI 1.0 Detailed Specification 4.2, table VIIa; CA-025 for master
/// settings), MIDI Tuning Standard (CA-020, CA-021), Roland GS and Yamaha XG. It allocates in `init` only.
public struct SystemExclusive: Sendable {
    /// The bytes between F0 and F7. The longest known message is a bulk dump of 128 keys, 408 bytes; a
    /// message over 512 bytes is ignored.
    private var bytes: [UInt8]
    private var isTooLong = false
    /// True where the last message was an identity request; the answer is ``identity``.
    private(set) var wantsIdentity = false

    init() {
        bytes = []
        bytes.reserveCapacity(512)
    }

    /// The reply to an identity request, with the non-commercial manufacturer ID 0x7d and version 0.1.
    public static let identity: [UInt8] = [
        0xf0, 0x7e, 0x7f, 0x06, 0x02, 0x7d, 0x4b, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0xf7,
    ]

    /// Begins a message.
    mutating func begin() {
        bytes.removeAll(keepingCapacity: true)
        isTooLong = false
    }

    /// Appends a byte between F0 and F7.
    mutating func append(_ byte: UInt8) {
        if bytes.count < 512 { bytes.append(byte & 0x7f) } else { isTooLong = true }
    }

    /// Decodes the complete message; passes its events to `emit` in order.
    mutating func end(_ emit: (Event) -> Void) {
        wantsIdentity = false
        if isVendorReset { emit(Event(.reset)) }
        guard !isTooLong, bytes.count >= 4, bytes[0] == 0x7e || bytes[0] == 0x7f else { return }
        let isRealTime = bytes[0] == 0x7f
        switch (isRealTime, bytes[2], bytes[3]) {
        case (false, 0x06, 0x01): wantsIdentity = true
        case (false, 0x09, 0x01), (false, 0x09, 0x03): emit(Event(.reset))
        case (true, 0x04, 0x01...0x04):
            guard bytes.count == 6, let setting = Event.Master(rawValue: bytes[3] - 1) else { return }
            let value = UInt32(bytes[5]) << 7 | UInt32(bytes[4])
            emit(Event(.master(setting, value: NormalizedValue.scaled(value, bits: 14))))
        case (_, 0x08, _): tune(isRealTime, emit)
        default: break
        }
        begin()
    }

    /// True for GS reset and system mode set (Roland), XG on and all parameters reset (Yamaha), with any
    /// device number.
    private var isVendorReset: Bool {
        guard bytes.count >= 7 else { return false }
        switch (bytes[0], bytes[2]) {
        case (0x41, 0x42):
            // Address and data 40 00 7F 00, or 00 00 7F and the mode; then a checksum.
            guard bytes.count == 9, bytes[3] == 0x12, bytes[5] == 0, bytes[6] == 0x7f,
                (bytes[4] == 0x40 && bytes[7] == 0) || (bytes[4] == 0 && bytes[7] < 2)
            else { return false }
            return bytes[4...8].reduce(0) { $0 + Int($1) } % 128 == 0
        case (0x43, 0x4c):
            return bytes.count == 7 && bytes[1] & 0x70 == 0x10 && bytes[3] == 0 && bytes[4] == 0
                && bytes[5] >= 0x7e && bytes[6] == 0
        default: return false
        }
    }

    private func tune(_ isRealTime: Bool, _ emit: (Event) -> Void) {
        switch (isRealTime, bytes[3]) {
        case (false, 0x01): dump(program: 4, data: 21, checksum: 405, emit)
        case (false, 0x04): dump(program: 5, data: 22, checksum: 406, emit)
        case (false, 0x05): octaveDump(bytesEach: 1, emit)
        case (false, 0x06): octaveDump(bytesEach: 2, emit)
        case (true, 0x02): notes(program: 4, first: 6, isRealTime, emit)
        case (_, 0x07): notes(program: 5, first: 7, isRealTime, emit)
        case (_, 0x08): octave(bytesEach: 1, isRealTime, emit)
        case (_, 0x09): octave(bytesEach: 2, isRealTime, emit)
        default: break
        }
    }

    /// A bulk tuning dump: a name of 16 letters, then 128 keys of three bytes each. Sounding notes are not
    /// retuned.
    private func dump(program: Int, data: Int, checksum: Int, _ emit: (Event) -> Void) {
        guard bytes.count == checksum + 1, isChecksumValid(at: checksum) else { return }
        for key in UInt8(0)..<128 {
            tune(key, program: bytes[program], at: data + 3 * Int(key), isRealTime: false, emit)
        }
    }

    /// True where the checksum is the exclusive or of all bytes before it, with or without 7E: both are
    /// common.
    private func isChecksumValid(at checksum: Int) -> Bool {
        let sum = bytes[0..<checksum].reduce(0) { $0 ^ $1 }
        return bytes[checksum] == sum & 0x7f || bytes[checksum] == (sum ^ bytes[0]) & 0x7f
    }

    private func notes(program: Int, first: Int, _ isRealTime: Bool, _ emit: (Event) -> Void) {
        guard bytes.count >= first, bytes.count == first + 4 * Int(bytes[first - 1]) else { return }
        for note in 0..<Int(bytes[first - 1]) {
            let at = first + 4 * note
            tune(bytes[at], program: bytes[program], at: at + 1, isRealTime: isRealTime, emit)
        }
    }

    /// Three bytes from `at` on are a pitch: 7 bits of semitones and 14 bits of 1/16 384 semitone.
    private func tune(
        _ key: UInt8, program: UInt8, at: Int, isRealTime: Bool, _ emit: (Event) -> Void
    ) {
        let value = UInt32(bytes[at]) << 14 | UInt32(bytes[at + 1]) << 7 | UInt32(bytes[at + 2])
        // 7F 7F 7F: no change.
        guard value != 0x1f_ffff else { return }
        emit(Event(.tuneKey(key, program: program, pitch: Float(value) / 16_384, isRealTime: isRealTime)))
    }

    /// Twelve offsets from equal temperament, in steps of 1 cent (one byte each) or 100/8192 cent (two bytes
    /// each).
    private func octave(bytesEach: Int, _ isRealTime: Bool, _ emit: (Event) -> Void) {
        guard bytes.count == 7 + 12 * bytesEach else { return }
        let channels = UInt16(bytes[4] & 3) << 14 | UInt16(bytes[5]) << 7 | UInt16(bytes[6])
        for pitchClass in 0..<12 {
            let offset = Self.rounded(offset(at: 7 + pitchClass * bytesEach, bytesEach))
            emit(
                Event(
                    .tuneOctave(
                        UInt8(pitchClass), offset: offset, channels: channels, isRealTime: isRealTime)))
        }
    }

    /// A scale/octave tuning dump: a name of 16 letters, then twelve offsets that apply to every octave.
    private func octaveDump(bytesEach: Int, _ emit: (Event) -> Void) {
        let checksum = 22 + 12 * bytesEach
        guard bytes.count == checksum + 1, isChecksumValid(at: checksum) else { return }
        for key in 0..<128 {
            let pitch = Double(key) + offset(at: 22 + key % 12 * bytesEach, bytesEach)
            emit(
                Event(
                    .tuneKey(
                        UInt8(key), program: bytes[5], pitch: Self.rounded(max(0, pitch)), isRealTime: false))
            )
        }
    }

    /// Rounded to the resolution of the MIDI Tuning Standard, 1/16 384 semitone.
    private static func rounded(_ semitones: Double) -> Float {
        Float((semitones * 16_384).rounded() / 16_384)
    }

    /// The offset from equal temperament in semitones.
    private func offset(at index: Int, _ bytesEach: Int) -> Double {
        if bytesEach == 1 { return (Double(bytes[index]) - 64) * 0.01 }
        return (Double(UInt32(bytes[index]) << 7 | UInt32(bytes[index + 1])) - 8192) / 8192
    }
}
