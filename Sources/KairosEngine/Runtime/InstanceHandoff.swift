/// A patch instance on its way between the loader and the audio thread. It carries one reference to the
/// instance.
///
/// Unchecked because of the pointers. What they point to has one user at a time: the audio thread, from the moment
/// that it pops the record from the loader's ring until it pushes it to the ring back. Meanwhile the loader reads
/// only constants of the instance, and writes only its tables for the coming rig (see ``InstanceTables``).
struct InstanceHandoff: BitwiseCopyable, @unchecked Sendable {
    /// An unbalanced reference to the `PatchInstance`.
    let instance: UnsafeMutableRawPointer
    /// Its core.
    let core: UnsafeMutablePointer<InstanceCore>
    /// Its sound.
    let sound: SoundID
    /// The version of the sound.
    let version: Int32
    /// The state that it takes over from the instance that it succeeds; nil where there is none.
    var transfer: UnsafePointer<StateTransfer>?

    /// Gives the reference up.
    func release() { Unmanaged<PatchInstance>.fromOpaque(instance).release() }
}
