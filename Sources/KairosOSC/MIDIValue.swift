import KairosControl

/// A velocity, controller or pressure value as it is sent over OSC.
///
/// | OSC type | value | meaning |
/// |---|---|---|
/// | `i`, `h` | 0 … 127 | a 7-bit MIDI value |
/// | `f`, `d` | 0 … 1 | normalized: 1.0 is full scale |
/// | `f`, `d` | more than 1, up to 127 | a 7-bit MIDI value; fractions are interpolated |
/// | `T`, `F` | | full scale, 0 |
struct MIDIValue: Equatable, Sendable {
    /// The normalized value over 32 bits: 0 … `UInt32.max`.
    let normalized: UInt32
    /// True if it is one of the 128 values of 7-bit MIDI.
    let isSevenBit: Bool

    /// A 7-bit MIDI value, 0…127. [any]
    init(sevenBits: UInt8) {
        normalized = NormalizedValue.scaled(sevenBits)
        isSevenBit = true
    }

    /// Converts a value by the table above. Throws `bad-arguments`, with `name` for the argument and
    /// `address` for the command. [any]
    init(_ value: OSCValue, name: String, in address: String) throws(OSCError) {
        func error(_ text: String) -> OSCError { OSCError(.badArguments, text, name: address) }
        switch value {
        case .bool(let isOn):
            normalized = isOn ? .max : 0
            isSevenBit = true
        case .int, .long:
            guard let number = value.number, let byte = UInt8(exactly: number), byte <= 127 else {
                throw error("\(name) is 0 … 127, or a float 0 … 1, and this is '\(value.text)'")
            }
            normalized = NormalizedValue.scaled(byte)
            isSevenBit = true
        case .float, .double:
            guard let number = value.number, number >= 0, number <= 127 else {
                throw error(
                    "a float for \(name) is 0 … 1 (normalized), or more than 1 and up to 127 (MIDI), and this is \(value.text)"
                )
            }
            if number <= 1 {
                normalized = Self.normalized(number)
                isSevenBit = false
            } else if let byte = UInt8(exactly: number) {
                normalized = NormalizedValue.scaled(byte)
                isSevenBit = true
            } else {
                // The scaling of 7-bit values: linear from 0 to 64, and from 64 to 127.
                normalized = Self.normalized(number <= 64 ? number / 128 : 0.5 + (number - 64) / 126)
                isSevenBit = false
            }
        case .string, .impulse, .null, .other:
            throw error("\(name) is 0 … 127, or a float 0 … 1, and this is \(value.quoted)")
        }
    }

    /// Scales a fraction, 0…1, to 32 bits.
    private static func normalized(_ fraction: Double) -> UInt32 {
        fraction >= 1 ? .max : UInt32(fraction * 4_294_967_296)
    }
}
