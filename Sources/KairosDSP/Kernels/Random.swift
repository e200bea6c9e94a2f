/// 32-bit integer hash of each seed; the same seed gives the same bits on every machine. [any]
///
/// Multipliers and shifts: lowbias32 of Chris Wellons, "Prospecting for Hash Functions", 2018.
@inline(__always) @inlinable public func scrambled(_ seed: SIMD16<UInt32>) -> SIMD16<UInt32> {
    var x = seed
    x ^= x &>> SIMD16<UInt32>(repeating: 16)
    x = x &* SIMD16<UInt32>(repeating: 0x7feb_352d)
    x ^= x &>> SIMD16<UInt32>(repeating: 15)
    x = x &* SIMD16<UInt32>(repeating: 0x846c_a68b)
    x ^= x &>> SIMD16<UInt32>(repeating: 16)
    return x
}

/// ``scrambled(_:)-swift.func`` of one seed. [any]
@inline(__always) @inlinable public func scrambled(_ seed: UInt32) -> UInt32 {
    scrambled(SIMD16(repeating: seed))[0]
}

/// Uniformly distributed random bits as a value in −1…1. [any]
@inline(__always) @inlinable public func bipolar(_ bits: SIMD16<UInt32>) -> Lanes {
    bipolar(bits, peak: Lanes.one)
}

/// Uniformly distributed random bits as a value in −`peak`…`peak`. [any]
@inline(__always) @inlinable public func bipolar(_ bits: SIMD16<UInt32>, peak: Lanes) -> Lanes {
    unitTurns(bits) * (peak + peak) - peak
}
