/// 2 to the power of `x`, for −126 < x < 126. Relative error below 2·10⁻⁷ (measured by KernelTests).
///
/// Splits off the whole part and takes a minimax polynomial of the sixth degree for the rest,
/// −½…½ (Hart et al., "Computer Approximations", 1968, the method).
///
/// > Audio thread.
@inline(__always) @inlinable public func exp2(_ x: Lanes) -> Lanes {
    // 1.5·2²³: the sum's low bits are the nearest whole number, without a conversion.
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
    // The whole part goes into the exponent.
    let exponent = unsafeBitCast(shifted, to: SIMD16<Int32>.self) &<< SIMD16<Int32>(repeating: 23)
    return unsafeBitCast(unsafeBitCast(p, to: SIMD16<Int32>.self) &+ exponent, to: Lanes.self)
}
