public import KairosDSP

/// Range over which a control moves a parameter, and its scale: numbers in the parameter's unit, or a part of the list
/// of note values. [any]
public enum ControlLaw: BitwiseCopyable, Sendable, Equatable {
    /// Numbers.
    case numbers(ParamLaw)
    /// Note values: a law with steps, over their indices in the list.
    case notes(ParamLaw)

    /// The note values from `first` to `last` in the list, in equal parts of the control's travel.
    public static func notes(_ first: NoteValue, _ last: NoteValue) -> ControlLaw {
        let low = min(first, last), high = max(first, last)
        return .notes(
            ParamLaw(
                low: Float(low.index), high: Float(high.index), steps: Int32(high.index - low.index) + 1))
    }

    /// True for a range of note values.
    public var hasNotes: Bool {
        if case .notes = self { return true }
        return false
    }

    /// Number of discrete values; 0 if the range is continuous.
    public var steps: Int32 { law.steps }

    private var law: ParamLaw {
        switch self {
        case .numbers(let law), .notes(let law): law
        }
    }

    /// The value for a normalized value, 0…1: 0 and 1 are exactly the ends of the range.
    public func value(normalized: Float) -> ParamValue { typed(law.value(normalized: normalized)) }

    /// The normalized value, 0…1, of a value of the kind that the range has; 0 for one of the other kind.
    public func normalized(_ value: ParamValue) -> Float { plain(value).map { law.normalized($0) } ?? 0 }

    /// The value so many steps after `value`, within the range. Only for a range of discrete values.
    func stepped(_ value: ParamValue, by steps: Float) -> ParamValue {
        typed(law.clamp((plain(value) ?? law.low) + steps))
    }

    /// The distance of two values: in the parameter's unit, or in entries of the list.
    func distance(_ a: ParamValue, _ b: ParamValue) -> Float {
        guard let a = plain(a), let b = plain(b) else { return .infinity }
        return abs(a - b)
    }

    /// The number, or the index in the list; nil for a value of the other kind.
    private func plain(_ value: ParamValue) -> Float? {
        hasNotes ? value.note.map { Float($0.index) } : value.number
    }

    private func typed(_ value: Float) -> ParamValue {
        hasNotes ? .note(NoteValue(index: Int(value))) : .number(value)
    }
}
