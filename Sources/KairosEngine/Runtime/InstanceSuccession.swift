/// The succession of an instance to another one (a live edit).
struct InstanceSuccession: BitwiseCopyable {
    /// The place of the instance before.
    let place: InstancePlace
    /// The instance before. The new one is sent back where another plays there by now.
    let id: Int
    /// The state that is transferred; nil where the instance before rings on by itself.
    let transfer: StateTransfer?
    /// True where a transition has ended and its final instance follows it: this is not reported.
    let settles: Bool
}
