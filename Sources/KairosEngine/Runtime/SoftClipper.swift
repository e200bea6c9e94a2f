/// The last thing before the outputs: nothing goes over 0 dBFS.
///
/// Memoryless. The identity, bit for bit, up to −1 dBFS; above, a curve that leaves it without a corner and
/// comes near 0 dBFS without reaching it.
public enum SoftClipper {
    /// −1 dBFS.
    public static let threshold: Float = 0.891_250_9

    /// One sample, limited. What is not a number becomes 0.
    ///
    /// > Audio thread.
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
