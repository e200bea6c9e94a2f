/// Reference to a patch instance in a message between the loader and the audio thread. It counts as one strong
/// reference.
///
/// Unchecked because of the references. What they refer to has one user at a time: the audio thread, from the moment
/// that it pops the record from the loader's ring until it pushes it to the ring back. Meanwhile the loader reads
/// only constants of the instance, and writes only its tables for the coming rig (see ``InstanceTables``).
struct InstanceHandoff: BitwiseCopyable, @unchecked Sendable {
    /// Unbalanced reference to the instance.
    let instance: Unmanaged<PatchInstance>
    /// The part that the audio thread uses.
    let core: Reference<InstanceCore>
    /// Sound that it plays.
    let sound: SoundID
    /// Version of the sound.
    let version: Int32
    /// State that it takes over from the instance that it succeeds; nil if it succeeds none.
    let transfer: Reference<StateTransfer>?

    /// Releases the reference. [loader]
    func release() { instance.release() }
}
