/// The movement of a control that one message reports.
public enum Movement: Sendable, Equatable {
    /// To a normalized value, 0…1, from the previous one; `from` is nil where the previous value is unknown.
    case to(Float, from: Float?)
    /// Up or down by steps of the parameter (RPN increment and decrement).
    case step(Int32)
}
