/// Conversions of a normalized value, 0…1, that is stored in 32 bits. [any]
///
/// 0, the centre and full scale are exact from every resolution: MIDI's 0, 64, 127 and 0, 8192, 16 383
/// (min-centre-max scaling, MIDI Association M2-115-U, "MIDI 2.0 Bit Scaling and Resolution", 2023).
public enum NormalizedValue {
    /// The exact centre, 0.5.
    public static let centre: UInt32 = 0x8000_0000

    /// Converts a value of `bits` bits; a greater value is clamped.
    public static func scaled(_ value: UInt32, bits: UInt32) -> UInt32 {
        let middle = UInt32(1) << (bits - 1)
        let top = middle * 2 - 1
        let value = min(value, top)
        if value <= middle { return value << (32 - bits) }
        return centre + UInt32(UInt64(value - middle) * UInt64(centre - 1) / UInt64(top - middle))
    }

    /// Converts a MIDI data byte, 0…127.
    public static func scaled(_ value: UInt8) -> UInt32 { scaled(UInt32(value), bits: 7) }

    /// Converts back to 7 bits.
    public static func sevenBits(_ normalized: UInt32) -> UInt8 {
        UInt8(truncatingIfNeeded: normalized >> 25)
    }

    /// Converts to 0…1 by two linear halves, so that 0, 0.5 and 1 are exact.
    public static func fraction(_ normalized: UInt32) -> Float {
        if normalized <= centre { return Float(normalized) / 4_294_967_296 }
        return 0.5 + 0.5 * (Float(normalized - centre) / Float(centre - 1))
    }
}
