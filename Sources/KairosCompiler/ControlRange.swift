import KairosControl
import KairosDSP

/// The range over which a control moves a parameter, and its direction.
struct ControlRange {
    /// Maps a normalized value 0…1 to the parameter's value.
    let law: ParamLaw
    /// True if the control's minimum is the greater value.
    let reversed: Bool

    init(law: ParamLaw, reversed: Bool) {
        self.law = law
        self.reversed = reversed
    }

    /// Creates a range from two typed values; from the parameter's whole range if `range` is nil.
    ///
    /// - Throws: `ParamError` if a value is invalid or both are equal.
    init(_ spec: ParamSpec, _ range: TypedRange<String>?) throws(ParamError) {
        let low =
            try range.map { text throws(ParamError) in try spec.parse(text.first) } ?? spec.range.lowerBound
        let high =
            try range.map { text throws(ParamError) in try spec.parse(text.last) } ?? spec.range.upperBound
        if low == spec.range.lowerBound, high == spec.range.upperBound {
            self.init(law: spec.law, reversed: false)
            return
        }
        guard low != high else {
            throw ParamError("both ends of the range are equal; give two different values")
        }
        let least = min(low, high), greatest = max(low, high)
        let steps = spec.law.steps > 0 ? Int32(greatest - least) + 1 : 0
        self.init(
            law: ParamLaw(low: least, high: greatest, curve: spec.law.curve, steps: steps),
            reversed: low > high)
    }
}
