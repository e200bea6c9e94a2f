/// Error of a text that is not a valid value of a parameter.
public struct ParamError: Error, Equatable, CustomStringConvertible {
    /// Message: the faulty text, and what was expected or how to correct it.
    public let description: String

    /// An error with the message `description`.
    public init(_ description: String) { self.description = description }
}
