/// A message from the loader to the audio thread. Messages are handled in their order.
enum LoaderMessage: ~Copyable, Sendable {
    /// A new instance for the standby pool.
    case instance(InstanceHandoff)
    /// A new instance that succeeds the instance `id`, if that one plays at `place`. `settles` is true if a transition
    /// has ended.
    case successor(InstanceHandoff, id: Int, place: InstancePlace, settles: Bool)
    /// The tables of another rig. The audio thread owns them from here on, and sends back those that they replace.
    case rig(Box<RigTables>)
    /// A request to send one ready instance of a sound back.
    case withdraw(SoundID)
}
