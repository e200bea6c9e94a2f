public import CLanes

/// sin(2π·x) for −¼ ≤ x ≤ ¼, x in turns. [audio]
///
/// Absolute error below 2·10⁻⁷ (measured by KernelTests).
@inline(__always) @inlinable public func quarterSine(_ x: Lanes) -> Lanes {
    // Taylor series to x¹¹: at a quarter turn the first neglected term is 6·10⁻⁸.
    let xx = x * x
    var p = Lanes(repeating: -15.094_642_576_822_984)
    p = Lanes(repeating: 42.058_693_944_897_65).addingProduct(p, xx)
    p = Lanes(repeating: -76.705_859_753_061_39).addingProduct(p, xx)
    p = Lanes(repeating: 81.605_249_276_075_05).addingProduct(p, xx)
    p = Lanes(repeating: -41.341_702_240_399_76).addingProduct(p, xx)
    p = Lanes(repeating: 6.283_185_307_179_586).addingProduct(p, xx)
    return p * x
}

/// sin(2π·x) for −½ ≤ x ≤ ½, x in turns. [audio]
///
/// Absolute error below 2·10⁻⁷ (measured by KernelTests).
@inline(__always) @inlinable public func sine(turns x: Lanes) -> Lanes {
    // Beyond a quarter turn, sin(2π·x) = sin(2π·(½ − x)).
    let half = Lanes(repeating: 0.5)
    let size = x.magnitude
    let folded = size.smaller(half - size)
    let sign = unsafeBitCast(x, to: SIMD16<UInt32>.self) & SIMD16<UInt32>(repeating: 0x8000_0000)
    let signed = unsafeBitCast(unsafeBitCast(folded, to: SIMD16<UInt32>.self) ^ sign, to: Lanes.self)
    return quarterSine(signed)
}

/// sin(π·x) for 0 ≤ x ≤ ½, x in half turns: for a filter, the cutoff frequency over the sample rate. [audio]
///
/// Divided by ``cosine(halfTurns:)`` it is tan(π·x), the prewarped cutoff of a bilinear transform, with a
/// relative error below 10⁻⁵ up to x = 0.49 (measured by KernelTests).
@inline(__always) @inlinable public func sine(halfTurns x: Lanes) -> Lanes {
    quarterSine(x * Lanes(repeating: 0.5))
}

/// cos(π·x) for 0 ≤ x ≤ ½, x in half turns. [audio]
@inline(__always) @inlinable public func cosine(halfTurns x: Lanes) -> Lanes {
    quarterSine(Lanes(repeating: 0.25) - x * Lanes(repeating: 0.5))
}

/// sin(2π·phase / 2³²) of a 32-bit phase, whose full cycle is 2³². [audio]
@inline(__always) @inlinable public func sine(phase: SIMD16<UInt32>) -> Lanes {
    sine(turns: signedTurns(phase))
}

/// A 32-bit phase in turns, −½…½; phase 0 is 0. [audio]
@inline(__always) @inlinable public func signedTurns(_ phase: SIMD16<UInt32>) -> Lanes {
    signedSteps(phase) * Lanes(repeating: 0x1p-32)
}

/// A 32-bit phase in phase steps (2⁻³² turn each), −2³¹…2³¹; phase 0 is 0. [audio]
@inline(__always) @inlinable public func signedSteps(_ phase: SIMD16<UInt32>) -> Lanes {
    clanes_convert(unsafeBitCast(phase, to: SIMD16<Int32>.self))
}

/// A 32-bit phase in turns, 0…1 (1 excluded), to 23 bits. [audio]
@inline(__always) @inlinable public func unitTurns(_ phase: SIMD16<UInt32>) -> Lanes {
    let bits = (phase &>> SIMD16<UInt32>(repeating: 9)) | SIMD16<UInt32>(repeating: 0x3f80_0000)
    return unsafeBitCast(bits, to: Lanes.self) - Lanes.one
}
