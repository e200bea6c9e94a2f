import KairosControl
import KairosDSP

/// The range over which a control moves a parameter, and its direction.
struct ControlRange {
    /// Maps a normalized value 0…1 to the parameter's value.
    let law: ControlLaw
    /// True if the control's minimum is the greater value.
    let reversed: Bool

    init(law: ControlLaw, reversed: Bool) {
        self.law = law
        self.reversed = reversed
    }

    /// Creates a range from two typed values. If `range` is nil, it is the parameter's whole range: all note values if
    /// the patch sets the parameter to one (`preset`), so that the greater value is at the top; otherwise all numbers.
    ///
    /// - Throws: `ParamError` if a value is invalid, both are equal, or one is a note value and the other is not.
    init(
        _ spec: ParamSpec, _ range: TypedRange<String>?, preset: ParamValue? = nil
    ) throws(ParamError) {
        guard let range else {
            self.init(whole: spec, asNotes: preset?.note != nil)
            return
        }
        let first = try spec.parseValue(range.first), last = try spec.parseValue(range.last)
        guard first != last else {
            throw ParamError("both ends of the range are equal; give two different values")
        }
        switch (first, last) {
        case (.note(let first), .note(let last)):
            self.init(law: .notes(first, last), reversed: first > last)
        case (.number(let first), .number(let last)): self.init(spec, from: first, to: last)
        default:
            throw ParamError(
                "one end of the range is a note value and the other is not; give two note values, or two numbers with a unit"
            )
        }
    }

    private init(whole spec: ParamSpec, asNotes: Bool) {
        if asNotes {
            let all = ControlLaw.notes(NoteValue(index: 0), NoteValue(index: NoteValue.count - 1))
            self.init(law: all, reversed: spec.noteLaw?.kind == .rate)
        } else {
            self.init(law: .numbers(spec.law), reversed: false)
        }
    }

    private init(_ spec: ParamSpec, from low: Float, to high: Float) {
        if low == spec.range.lowerBound, high == spec.range.upperBound {
            self.init(law: .numbers(spec.law), reversed: false)
            return
        }
        let least = min(low, high), greatest = max(low, high)
        let steps = spec.law.steps > 0 ? Int32(greatest - least) + 1 : 0
        self.init(
            law: .numbers(ParamLaw(low: least, high: greatest, curve: spec.law.curve, steps: steps)),
            reversed: low > high)
    }
}
