import KairosControl
import KairosDSP
import KairosEngine

/// The values that subscribers were sent last.
struct SubscriberState: Sendable {
    /// The maximum number of values that are remembered.
    static let limit = 65_536

    /// Values by layer, sound and parameter.
    var values: [String: ParamValue] = [:]
    /// Number and name of the entry.
    var entry: [OSCValue] = []
    /// The time at which the meters were sent, in nanoseconds of CLOCK_MONOTONIC.
    var metersTime: UInt64 = 0
}
