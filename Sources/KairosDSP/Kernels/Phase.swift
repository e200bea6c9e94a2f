/// What a 32-bit phase grows by each frame, for a frequency of `cyclesPerFrame`, 0 … ½.
///
/// As exact as the float is: the whole conversion is two additions of a magic number, 16 bits each.
///
/// > Audio thread.
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

/// Cycles a frame of a pitch in semitones (MIDI key 69 is 440 Hz), at most half a cycle.
///
/// > Audio thread.
@inline(__always) @inlinable public func cyclesPerFrame(pitch: Lanes, sampleRate: Float) -> Lanes {
    // From 69 up and down, so that A is exact and the rest as near as a float can be.
    let octaves = (pitch - Lanes(repeating: 69)) * Lanes(repeating: 1 / 12)
    return (exp2(octaves) * Lanes(repeating: 440 / sampleRate)).smaller(Lanes(repeating: 0.5))
}

/// Turns as a 32-bit phase, for −2²² < `turns` < 2²²; whole turns fall away.
///
/// > Audio thread.
@inline(__always) @inlinable public func phaseOffset(turns: Lanes) -> SIMD16<UInt32> {
    let magic = Lanes(repeating: 12_582_912)
    return phaseIncrement(turns - ((turns + magic) - magic))
}
