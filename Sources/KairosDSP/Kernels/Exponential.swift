/// 2 to the power of `x`, clamped to −126…126. Relative error below 2·10⁻⁷ (measured by KernelTests). [audio]
///
/// Splits off the integer part; a minimax polynomial of degree 6 gives the fractional part, −½…½ (method:
/// Hart et al., "Computer Approximations", 1968).
@inline(__always) @inlinable public func exp2(_ x: Lanes) -> Lanes {
    // 1.5·2²³: after the addition the low bits of the sum hold the nearest integer; no conversion is needed.
    let magic = Lanes(repeating: 12_582_912)
    let shifted = x.clamped(-126, 126) + magic
    let whole = shifted - magic
    let f = x.clamped(-126, 126) - whole
    var p = Lanes(repeating: 1.535_336_188_319_500e-4)
    p = Lanes(repeating: 1.339_887_440_266_574e-3).addingProduct(p, f)
    p = Lanes(repeating: 9.618_437_357_674_640e-3).addingProduct(p, f)
    p = Lanes(repeating: 5.550_332_471_162_809e-2).addingProduct(p, f)
    p = Lanes(repeating: 2.402_264_791_363_012e-1).addingProduct(p, f)
    p = Lanes(repeating: 6.931_472_028_550_421e-1).addingProduct(p, f)
    p = Lanes.one.addingProduct(p, f)
    // Adds the integer part to the exponent field.
    let exponent = unsafeBitCast(shifted, to: SIMD16<Int32>.self) &<< SIMD16<Int32>(repeating: 23)
    return unsafeBitCast(unsafeBitCast(p, to: SIMD16<Int32>.self) &+ exponent, to: Lanes.self)
}
