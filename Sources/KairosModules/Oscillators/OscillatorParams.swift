import KairosDSP

// What all oscillators have in common, so that it reads the same everywhere.

extension InletInfo {
    /// A pitch in semitones; unconnected it is A4, so that the frequency is what the parameter says.
    static var pitch: InletInfo { .audio("The pitch, as a MIDI key with fractions.", idle: 69) }
}

extension ParamSpec {
    /// What A4 sounds like, and an oscillator that no pitch is connected to.
    static var oscillatorFrequency: ParamSpec {
        .frequency("The frequency without a pitch; with one, that of key 69.").readOnGrid()
    }

    /// Where a note's first cycle begins, in degrees.
    static var startPhase: ParamSpec {
        ParamSpec(
            "Where in its cycle a note begins.", range: 0...360, default: 0, unit: .degrees, latched: true)
    }

    /// How much the start of the cycle differs from note to note, 0 … 100 %.
    static var scatter: ParamSpec {
        ParamSpec(
            "How much each note begins elsewhere in its cycle.", range: 0...1, default: 0, unit: .ratio,
            latched: true)
    }
}
