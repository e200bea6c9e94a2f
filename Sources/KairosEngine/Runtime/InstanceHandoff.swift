/// A patch instance on its way between the loader and the audio thread. It carries one reference to the
/// instance.
struct InstanceHandoff: BitwiseCopyable, @unchecked Sendable {
    /// An unbalanced reference to the `PatchInstance`.
    let instance: UnsafeMutableRawPointer
    /// Its core.
    let core: UnsafeMutablePointer<InstanceCore>
    /// Its sound.
    let sound: SoundID
    /// The version of the sound.
    let version: Int32

    /// Gives the reference up.
    func release() { Unmanaged<PatchInstance>.fromOpaque(instance).release() }
}
