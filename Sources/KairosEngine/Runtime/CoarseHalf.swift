import KairosControl

/// The coarse half of a 14-bit controller whose fine half has not come.
struct CoarseHalf: BitwiseCopyable, Sendable {
    /// The message that brought it.
    let event: Event
    /// The channel that the message acts on.
    let address: ChannelAddress
    /// The frame, a control tick, at which it becomes the whole value.
    let due: Int
}
