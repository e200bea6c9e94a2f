extension UInt64 {
    /// The sum, or the greatest value if the sum does not fit.
    func addingSaturated(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    /// The product, or the greatest value if the product does not fit.
    func multipliedSaturated(by other: UInt64) -> UInt64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }

    /// self × `factor` ÷ `divisor` (not 0), rounded once to the nearest whole number, or the greatest value
    /// if the result does not fit.
    func scaledSaturated(by factor: UInt64, over divisor: UInt64) -> UInt64 {
        let product = multipliedFullWidth(by: factor)
        guard product.high < divisor else { return .max }
        let (quotient, remainder) = divisor.dividingFullWidth(product)
        return remainder >= divisor - remainder ? quotient.addingSaturated(1) : quotient
    }
}
