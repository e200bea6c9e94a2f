import CALSA

/// The error of a device that cannot be opened, with a message for the user.
public struct DeviceError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The message: what failed and why.
    public let description: String

    /// An error with the message `description`.
    public init(_ description: String) { self.description = description }
}

/// The text of an ALSA error number.
func reason(_ status: Int32) -> String { String(cString: snd_strerror(status)) }
