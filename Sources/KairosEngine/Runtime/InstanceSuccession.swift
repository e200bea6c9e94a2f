/// How an instance succeeds another one (a live edit).
struct InstanceSuccession: BitwiseCopyable {
    /// Where the instance before plays.
    let place: InstancePlace
    /// The instance before. The new one is sent back where another plays there by now.
    let id: Int
    /// The state that is transferred; nil where the instance before rings on by itself.
    let transfer: StateTransfer?
    /// True where a transition has ended and its final instance takes over: nothing is heard of it.
    let settles: Bool
}
