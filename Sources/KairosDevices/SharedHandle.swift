/// The handle of an object of a C library that any thread may use at any time: a JACK client or port.
///
/// Unchecked because of the pointer. It may be used for libjack's objects only, whose functions may be called by
/// several threads at once. The owner of the client closes it after all other users have ended.
struct SharedHandle: @unchecked Sendable {
    /// The library's handle.
    let pointer: OpaquePointer
}
