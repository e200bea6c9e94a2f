import KairosDSP

/// How far the reach of a jump or corner goes, at an oscillator's increment.
struct BandLimit {
    /// Turns a reach, and its inverse.
    let turns: Lanes
    let perTurn: Lanes
    /// Whether, in some lane, the reach of one jump a turn meets the next one's.
    let crowdsJumps: Bool
    /// Whether, in some lane, the reach of one corner of two a turn meets the next one's.
    let crowdsCorners: Bool

    @inline(always) init(_ cycle: OscillatorPhase) {
        // Not below 10⁻⁹, so that 0 turns are 0 reaches.
        turns = (cycle.cycles * Lanes(repeating: bandLimitReach)).larger(Lanes(repeating: 1e-9))
        perTurn = .one / turns
        crowdsJumps = (turns .> Lanes(repeating: 0.5)).any
        crowdsCorners = (turns .> Lanes(repeating: 0.25)).any
    }
}
