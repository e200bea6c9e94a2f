/// Phase increment per frame of a 32-bit phase accumulator, for a frequency of `cyclesPerFrame`, 0…½. [audio]
///
/// Exact to the resolution of the float: the conversion adds a magic number twice, once for the upper and
/// once for the lower 16 bits.
@inline(__always) @inlinable public func phaseIncrement(_ cyclesPerFrame: Lanes) -> SIMD16<UInt32> {
    let magic = Lanes(repeating: 12_582_912)
    let magicBits = unsafeBitCast(magic, to: SIMD16<Int32>.self)
    let upper = cyclesPerFrame * Lanes(repeating: 65_536)
    let rounded = upper + magic
    let lower = (upper - (rounded - magic)) * Lanes(repeating: 65_536) + magic
    let high = (unsafeBitCast(rounded, to: SIMD16<Int32>.self) &- magicBits) &<< SIMD16<Int32>(repeating: 16)
    let low = unsafeBitCast(lower, to: SIMD16<Int32>.self) &- magicBits
    return unsafeBitCast(high &+ low, to: SIMD16<UInt32>.self)
}

/// Frequency in cycles per frame of a pitch in semitones (MIDI note 69 is 440 Hz), at most ½. [audio]
@inline(__always) @inlinable public func cyclesPerFrame(pitch: Lanes, sampleRate: Float) -> Lanes {
    // Relative to note 69, so that 440 Hz is exact and rounding errors grow with the distance from it.
    let octaves = (pitch - Lanes(repeating: 69)) * Lanes(repeating: 1 / 12)
    return (exp2(octaves) * Lanes(repeating: 440 / sampleRate)).smaller(Lanes(repeating: 0.5))
}

/// 32-bit phase of `turns`, −2²² < `turns` < 2²²; whole turns are dropped. [audio]
@inline(__always) @inlinable public func phaseOffset(turns: Lanes) -> SIMD16<UInt32> {
    let magic = Lanes(repeating: 12_582_912)
    return phaseIncrement(turns - ((turns + magic) - magic))
}
