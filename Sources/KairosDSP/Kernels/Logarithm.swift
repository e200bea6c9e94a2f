public import CLanes

/// Binary logarithm of `x`, a positive normal number; 0 gives −127. Absolute error below 5·10⁻⁶, and below
/// 7·10⁻⁷ from 2⁻⁸ to 2⁸ (measured by KernelTests). [audio]
///
/// Splits `x` into a power of two and a factor of √½ … √2, whose logarithm is a minimax polynomial (method:
/// Hart et al., "Computer Approximations", 1968).
@inline(__always) @inlinable public func log2(_ x: Lanes) -> Lanes {
    let bits = unsafeBitCast(x, to: SIMD16<Int32>.self), shift = SIMD16<Int32>(repeating: 23)
    // The bits of √½: the difference has the exponent in its upper nine bits, rounded so that the factor lies
    // around 1.
    let exponent = (bits &- SIMD16<Int32>(repeating: 0x3f35_04f3)) &>> shift
    let f = unsafeBitCast(bits &- (exponent &<< shift), to: Lanes.self) - .one
    var p = Lanes(repeating: 0.125_412_36)
    p = Lanes(repeating: -0.210_303_32).addingProduct(p, f)
    p = Lanes(repeating: 0.217_379_4).addingProduct(p, f)
    p = Lanes(repeating: -0.238_519_45).addingProduct(p, f)
    p = Lanes(repeating: 0.287_656_66).addingProduct(p, f)
    p = Lanes(repeating: -0.360_721_2).addingProduct(p, f)
    p = Lanes(repeating: 0.480_922_52).addingProduct(p, f)
    p = Lanes(repeating: -0.721_347_15).addingProduct(p, f)
    p = Lanes(repeating: 1.442_694_9).addingProduct(p, f)
    return clanes_convert(exponent).addingProduct(p, f)
}
