import CRealtime
import KairosControl

/// Sizes of the messages that cross threads or wait in queues, in bytes. They are limited because the audio thread
/// copies the messages.
///
/// Swift 6 has no static assertion. The compiler knows each size and removes each call below, with and without
/// optimization; if a size is too large, its call stays and the program does not link.
enum MessageSizes {
    /// Asserts the sizes when the program is built. It does nothing when the program runs.
    @inline(__always) static func assertLimits() {
        if MemoryLayout<Event>.stride > 32 { crt_message_is_too_large() }
        if MemoryLayout<ControlChange>.stride > 32 { crt_message_is_too_large() }
        if MemoryLayout<Report>.stride > 72 { crt_message_is_too_large() }
        if MemoryLayout<LoaderMessage>.stride > 48 { crt_message_is_too_large() }
        if MemoryLayout<InstanceHandoff>.stride > 32 { crt_message_is_too_large() }
    }
}
