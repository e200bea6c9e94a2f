import KairosDSP

/// Pseudo-random numbers of the fuzz tests, the same in every run.
struct FuzzDraw {
    private var state: UInt32

    /// `state` is the seed.
    init(state: UInt32) { self.state = state }

    /// A number in 0 ..< `bound`; 0 if `bound` is 0.
    mutating func callAsFunction(_ bound: Int) -> Int {
        state = scrambled(state &+ 0x9e37_79b9)
        return Int(state) % max(1, bound)
    }

    /// An element of a list, which must not be empty.
    mutating func one<Element>(_ all: [Element]) -> Element { all[self(all.count)] }
}
