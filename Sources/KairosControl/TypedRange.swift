/// A range as typed in a file: two values with their units. Where the first is the greater, the range is
/// reversed.
public struct TypedRange<Text: Sendable & Equatable>: Sendable, Equatable {
    /// The value at the control's lower end.
    public var first: Text
    /// The value at its upper end.
    public var last: Text

    /// A range from `first` to `last`.
    public init(_ first: Text, _ last: Text) {
        self.first = first
        self.last = last
    }
}
