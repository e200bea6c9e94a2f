import Synchronization

/// A field that makes Swift pass its type by address.
///
/// Swift 6.3 copies a noncopyable struct whenever a function borrows it, as a parameter or as `self`, unless it can
/// prove that nothing writes to the original meanwhile: for `Playback` 512 bytes per call. A struct with an atomic
/// field cannot be copied so; it is passed by its address. The owners on the audio thread have this field; types that
/// contain one of them need no own.
struct FixedAddress: ~Copyable {
    private let unused = Atomic<UInt8>(0)
}
