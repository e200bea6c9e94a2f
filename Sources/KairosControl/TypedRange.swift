/// The two ends of a range as they are typed, in the unit of what they are for. The first may be the greater: the range
/// then runs backwards.
public struct TypedRange<Text: Sendable & Equatable>: Sendable, Equatable {
    /// The value at the control's lower end.
    public var first: Text
    /// The value at its upper end.
    public var last: Text

    /// A range.
    public init(_ first: Text, _ last: Text) {
        self.first = first
        self.last = last
    }
}
