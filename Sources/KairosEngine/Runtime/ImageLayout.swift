/// Layout of the image of an instance's state (see ``InstanceImage``).
struct ImageLayout: BitwiseCopyable {
    /// Size in bytes from the beginning of the region to the end of the last state that is not a module's.
    let engineBytes: Int
    /// Size in bytes of all modules with their buffers.
    let moduleBytes: Int
    /// Hash of the layout: only an image with the same hash can be loaded.
    let fingerprint: UInt64
}
