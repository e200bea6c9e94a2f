/// Why the server cannot listen.
public struct OSCServerError: Error, CustomStringConvertible {
    /// The reason, for the user.
    public let description: String
}
