/// A message from the loader to the audio thread. Messages are handled in their order.
enum LoaderMessage: BitwiseCopyable, @unchecked Sendable {
    /// A new instance for the standby pool.
    case instance(InstanceHandoff)
    /// A new instance that succeeds one that plays.
    case successor(InstanceHandoff, InstanceSuccession)
    /// The tables of another rig. The audio thread owns them from here on.
    case rig(UnsafeMutablePointer<RigTables>)
    /// A request to send one ready instance of a sound back.
    case withdraw(SoundID)
}
