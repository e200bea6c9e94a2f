/// The destination of a driver's audio.
public enum AudioOutputs: Sendable, Equatable {
    /// The driver's own destination: a card, or nowhere.
    case fixed
    /// The connected ports of other programs; empty if nothing is connected.
    case ports([String])
}
