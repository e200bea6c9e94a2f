import KairosDSP

/// Draws of the fuzz tests: the same numbers in every run.
struct FuzzDraw {
    private var state: UInt32

    /// `state`: which numbers.
    init(state: UInt32) { self.state = state }

    /// 0 ..< `bound`; 0 where there is nothing to choose from.
    mutating func callAsFunction(_ bound: Int) -> Int {
        state = scrambled(state &+ 0x9e37_79b9)
        return Int(state) % max(1, bound)
    }

    mutating func one<Element>(_ all: [Element]) -> Element { all[self(all.count)] }
}
