import KairosDSP

/// Signals that set the frequency of an oscillator during one sub-block.
struct PitchInput {
    /// Pitch in semitones.
    let pitch: Signal
    /// Pitch offset in semitones.
    let detune: Signal
    /// Frequency of note 69 in Hz.
    let frequency: Signal

    /// True if no signal changes during the sub-block.
    var isSteady: Bool {
        @inline(__always) get { pitch.isSteady && detune.isSteady && frequency.isSteady }
    }

    /// Pitch plus offset at frame `n`, in semitones.
    @inline(__always) func semitones(_ n: Int) -> Lanes { pitch[n] + detune[n] }
}
