public import KairosDSP

/// Parameters of an oscillator with a fixed waveform.
public enum OscillatorParam: Int, ParamKey {
    case frequency, detune, phase, scatter
    /// Declaration of the parameter.
    public var spec: ParamSpec {
        switch self {
        case .frequency: .oscillatorFrequency
        case .detune: .oscillatorDetune
        case .phase: .startPhase
        case .scatter: .scatter
        }
    }
}

// Parameters that oscillators share, so that they have the same names and texts.
extension ParamSpec {
    /// Frequency of note 69 in Hz; the frequency of an oscillator without a pitch.
    static var oscillatorFrequency: ParamSpec {
        .frequency("Frequency of note 69 (A4); without a pitch, the oscillator's frequency.")
            .readAtControlTicks()
    }

    /// Pitch offset of an oscillator in semitones.
    static var oscillatorDetune: ParamSpec { .detune("Detune in semitones, relative to the pitch.") }

    /// Start phase of a note, 0…360 degrees.
    static var startPhase: ParamSpec {
        ParamSpec(
            "Start phase of each note.", range: 0...360, default: 0, unit: .degrees, latched: true)
    }

    /// Phase randomization per note, 0…100 % of a cycle.
    static var scatter: ParamSpec {
        ParamSpec(
            "Phase randomization: random part of each note's start phase; 100 % is a full cycle.",
            range: 0...1, default: 0, unit: .ratio,
            latched: true)
    }
}
