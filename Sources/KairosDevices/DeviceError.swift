import CALSA

/// A device that cannot be had, in words for the player.
public struct DeviceError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was tried and why it failed.
    public let description: String

    /// An error that says `description`.
    public init(_ description: String) { self.description = description }
}

/// What an ALSA error number means.
func reason(_ status: Int32) -> String { String(cString: snd_strerror(status)) }
