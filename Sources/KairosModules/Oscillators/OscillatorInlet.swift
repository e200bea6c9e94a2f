public import KairosDSP

/// Inlets of an oscillator without modulation inputs.
public enum OscillatorInlet: Int, InletKey {
    case pitch
    /// Declaration of the inlet.
    public var info: InletInfo { .pitch }
}

extension InletInfo {
    /// Pitch in semitones. Unconnected it is note 69, so that the `frequency` parameter is the frequency.
    static var pitch: InletInfo {
        .audio("Pitch in semitones (MIDI note number with fraction), 0 … 127; 69 if unconnected.", idle: 69)
    }
}
