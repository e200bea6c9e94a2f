public import CLanes

/// sin(2π·x) for −¼ ≤ x ≤ ¼. Error below 2·10⁻⁷ (measured by KernelTests).
///
/// > Audio thread.
@inline(__always) @inlinable public func quarterSine(_ x: Lanes) -> Lanes {
    // Taylor's series to x¹¹: at ¼ turn its first neglected term is 6·10⁻⁸.
    let xx = x * x
    var p = Lanes(repeating: -15.094_642_576_822_984)
    p = Lanes(repeating: 42.058_693_944_897_65).addingProduct(p, xx)
    p = Lanes(repeating: -76.705_859_753_061_39).addingProduct(p, xx)
    p = Lanes(repeating: 81.605_249_276_075_05).addingProduct(p, xx)
    p = Lanes(repeating: -41.341_702_240_399_76).addingProduct(p, xx)
    p = Lanes(repeating: 6.283_185_307_179_586).addingProduct(p, xx)
    return p * x
}

/// sin(2π·x) for −½ ≤ x ≤ ½, x in turns. Error below 2·10⁻⁷ (measured by KernelTests).
///
/// > Audio thread.
@inline(__always) @inlinable public func sine(turns x: Lanes) -> Lanes {
    // Beyond a quarter turn the sine is that of the rest to half a turn.
    let half = Lanes(repeating: 0.5)
    let size = x.magnitude
    let folded = size.smaller(half - size)
    let sign = unsafeBitCast(x, to: SIMD16<UInt32>.self) & SIMD16<UInt32>(repeating: 0x8000_0000)
    let signed = unsafeBitCast(unsafeBitCast(folded, to: SIMD16<UInt32>.self) ^ sign, to: Lanes.self)
    return quarterSine(signed)
}

/// sin(π·x) for 0 ≤ x ≤ ½, x in turns of a half circle: a frequency over the sample rate. Over its
/// ``cosine(halfTurns:)`` it is the tangent to a relative 10⁻⁵ up to 0.49 (measured by KernelTests).
///
/// > Audio thread.
@inline(__always) @inlinable public func sine(halfTurns x: Lanes) -> Lanes {
    quarterSine(x * Lanes(repeating: 0.5))
}

/// cos(π·x) for 0 ≤ x ≤ ½, x in turns of a half circle.
///
/// > Audio thread.
@inline(__always) @inlinable public func cosine(halfTurns x: Lanes) -> Lanes {
    quarterSine(Lanes(repeating: 0.25) - x * Lanes(repeating: 0.5))
}

/// sin(2π·phase) of a 32-bit phase, whose full circle is 2³².
///
/// > Audio thread.
@inline(__always) @inlinable public func sine(phase: SIMD16<UInt32>) -> Lanes {
    sine(turns: signedTurns(phase))
}

/// A 32-bit phase as turns in −½…½, phase 0 being 0.
///
/// > Audio thread.
@inline(__always) @inlinable public func signedTurns(_ phase: SIMD16<UInt32>) -> Lanes {
    signedSteps(phase) * Lanes(repeating: 0x1p-32)
}

/// A 32-bit phase in its own steps, −2³¹…2³¹, phase 0 being 0.
///
/// > Audio thread.
@inline(__always) @inlinable public func signedSteps(_ phase: SIMD16<UInt32>) -> Lanes {
    clanes_convert(unsafeBitCast(phase, to: SIMD16<Int32>.self))
}

/// A 32-bit phase as turns in 0…1 (1 excluded), to 23 bits.
///
/// > Audio thread.
@inline(__always) @inlinable public func unitTurns(_ phase: SIMD16<UInt32>) -> Lanes {
    let bits = (phase &>> SIMD16<UInt32>(repeating: 9)) | SIMD16<UInt32>(repeating: 0x3f80_0000)
    return unsafeBitCast(bits, to: Lanes.self) - Lanes.one
}
