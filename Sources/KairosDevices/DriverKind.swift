/// A kind of audio driver.
public enum DriverKind: Sendable, Equatable {
    /// A running JACK server, or PipeWire in its place.
    case jack
    /// An ALSA device, by its name.
    case alsa(String)
}
