/// Pseudo-random numbers, the same in every run (xorshift64, Marsaglia 2003).
public struct Draw: Sendable {
    private var state: UInt64

    /// `state` selects the sequence and must not be 0.
    public init(state: UInt64) { self.state = state }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    /// The next number in 0 ..< `limit`.
    public mutating func next(_ limit: UInt32) -> UInt32 {
        UInt32(truncatingIfNeeded: next() >> 32) % limit
    }
}
