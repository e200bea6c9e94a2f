/// One use of a place by a patch instance. A message to a former use has no effect.
struct InstanceAddress: Hashable, BitwiseCopyable, Sendable {
    /// The place where it plays.
    var place: InstancePlace
    /// The number of the use, counted over all places of its kind.
    var generation: UInt32
}
