import KairosDSP

/// States of up to twelve allpass filters in series. [audio]
struct AllpassChain: BitwiseCopyable {
    private typealias States = (
        Lanes, Lanes, Lanes, Lanes, Lanes, Lanes, Lanes, Lanes, Lanes, Lanes, Lanes, Lanes
    )

    private var states: States = (
        .zero, .zero, .zero, .zero, .zero, .zero, .zero, .zero, .zero, .zero, .zero, .zero
    )
    /// Number of filters in use.
    private var count = 12

    /// Clears the states of `lanes`.
    mutating func clear(_ lanes: LaneMask) {
        withStates { states in
            for stage in 0..<12 { states[stage].set(lanes, to: 0) }
        }
    }

    /// Uses `count` filters, 4 … 12; those that come in begin without a past.
    @inline(__always) mutating func use(_ count: Int) {
        let before = self.count
        if count == before { return }
        self.count = count
        if count > before {
            withStates { states in
                for stage in before..<count { states[stage] = .zero }
            }
        }
    }

    /// Passes the states to `body`.
    @inline(__always) mutating func withStates(_ body: (_ states: UnsafeMutablePointer<Lanes>) -> Void) {
        withUnsafeMutableBytes(of: &states) { bytes in
            if let base = bytes.baseAddress { body(base.assumingMemoryBound(to: Lanes.self)) }
        }
    }
}
