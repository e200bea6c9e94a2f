/// Value of a parameter: a number in the parameter's unit, or a note value that follows the tempo. [any]
@frozen public enum ParamValue: BitwiseCopyable, Sendable, Hashable {
    /// A number in the unit of the parameter's ``ParamSpec``.
    case number(Float)
    /// A note value. Only for parameters that can follow the tempo (``ParamSpec/canFollowTempo``).
    case note(NoteValue)

    /// The number; nil for a note value.
    @inlinable public var number: Float? {
        if case .number(let value) = self { return value }
        return nil
    }

    /// The note value; nil for a number.
    @inlinable public var note: NoteValue? {
        if case .note(let value) = self { return value }
        return nil
    }
}

extension ParamValue: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
    /// A number.
    @inlinable public init(floatLiteral value: Float) { self = .number(value) }
    /// A number.
    @inlinable public init(integerLiteral value: Int) { self = .number(Float(value)) }
}
