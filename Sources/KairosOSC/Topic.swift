/// A kind of message that a client can subscribe to.
enum Topic: String, CaseIterable, Sendable {
    /// Parameters whose value changed.
    case values
    /// Load, xruns, voices, slots in use, ten times per second.
    case meters
    /// The entry, when it changes.
    case state
    /// The lines that are printed at the terminal.
    case errors
}
