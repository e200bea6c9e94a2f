/// Shape of a parameter's movement to a newly set value. It settles exactly on the value, and is immediate
/// when a patch is loaded.
public enum Smoothing: String, BitwiseCopyable, Sendable, CaseIterable {
    /// Immediate, at the next control tick.
    case none
    /// Linear.
    case linear
    /// Exponential approach: the distance falls by 60 dB within the smoothing time.
    case exponential
    /// Linear in the logarithm: equal ratios in equal times.
    case logarithmic
}
