/// Soft clipper before the outputs: no sample exceeds 0 dBFS.
///
/// It has no state. Up to −1 dBFS the output is the input, bit for bit. Above, it approaches 0 dBFS by
/// c + (1 − c)·u/(1 + u) with c = −1 dBFS and u = (|x| − c)/(1 − c), whose slope at c is 1.
public enum SoftClipper {
    /// Amplitude up to which the output is the input: −1 dBFS.
    public static let threshold: Float = 0.891_250_9

    /// A sample between −1 and 1; 0 if `x` is not finite. [any]
    @inlinable public static func limit(_ x: Float) -> Float {
        let size = abs(x)
        if size <= 0.891_250_9 { return x }
        guard size.isFinite else { return 0 }
        let room: Float = 1 - 0.891_250_9
        let over = min((size - 0.891_250_9) / room, 1e9)
        let limited = 0.891_250_9 + room * (over / (1 + over))
        return x < 0 ? -limited : limited
    }
}
