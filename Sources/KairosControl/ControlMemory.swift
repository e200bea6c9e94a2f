/// The state of a control between its messages. [audio]
public struct ControlMemory: BitwiseCopyable, Sendable {
    /// Combines its coarse and fine messages.
    public var pair = PairDecoder()
    /// Its last normalized value, 0…1; nil before its first message.
    public var normalized: Float?

    /// The state before the first message.
    public init() {}
}
