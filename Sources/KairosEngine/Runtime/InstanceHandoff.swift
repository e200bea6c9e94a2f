/// Reference to a patch instance in a message between the loader and the audio thread. It counts as one strong reference.
struct InstanceHandoff: BitwiseCopyable, @unchecked Sendable {
    /// Unbalanced reference to the `PatchInstance`.
    let instance: UnsafeMutableRawPointer
    /// The part that the audio thread uses.
    let core: UnsafeMutablePointer<InstanceCore>
    /// Sound that it plays.
    let sound: SoundID
    /// Version of the sound.
    let version: Int32

    /// Releases the reference. [loader]
    func release() { Unmanaged<PatchInstance>.fromOpaque(instance).release() }
}
