// Frequently used parameters, so that the same name means the same in every module.
extension ParamSpec {
    /// Tempo of the transport, 20…400 beats per minute.
    public static let tempo = ParamSpec(
        "Internal tempo of the transport, in beats per minute.", range: 20...400, default: 120)

    /// Frequency of an oscillator, 0.01 Hz … 20 kHz.
    public static func frequency(_ about: String, default value: Float = 440) -> ParamSpec {
        ParamSpec(
            about, range: 0.01...20_000, default: value, unit: .hertz, curve: .exponential,
            smoothing: .logarithmic)
    }

    /// Cutoff frequency of a filter, 5 Hz … 20 kHz: low enough for key tracking from note 0.
    public static func cutoff(_ about: String, default value: Float = 1200) -> ParamSpec {
        ParamSpec(
            about, range: 5...20_000, default: value, unit: .hertz, curve: .exponential,
            smoothing: .logarithmic)
    }

    /// Resonance of a filter, 0…100 %.
    public static func resonance(_ about: String, default value: Float = 0.1) -> ParamSpec {
        .ratio(about, default: value)
    }

    /// Gain: amplitude factor, −∞ … +12 dB.
    public static func gain(_ about: String, default value: Float = 1) -> ParamSpec {
        ParamSpec(about, range: 0...3.981_071_7, default: value, unit: .gain, curve: .cubic)
    }

    /// Ratio, 0…100 %.
    public static func ratio(_ about: String, default value: Float = 0) -> ParamSpec {
        ParamSpec(about, range: 0...1, default: value, unit: .ratio)
    }

    /// Time of an envelope stage, 0…20 s, read at note-on.
    public static func time(_ about: String, default value: Float) -> ParamSpec {
        ParamSpec(about, range: 0...20, default: value, unit: .seconds, curve: .cubic, latched: true)
            .readAtNoteOn()
    }

    /// Curve of an envelope stage, −100…100 %, read at note-on: 0 % is a straight line, 100 % falls or rises by
    /// 60 dB towards its target within the stage's time, and −100 % is the same curve backwards.
    public static func stageCurve(_ about: String, default value: Float = 0) -> ParamSpec {
        ParamSpec(about, range: -1...1, default: value, unit: .ratio, centre: 0, latched: true).readAtNoteOn()
    }

    /// Sustain level of an envelope, 0…100 %.
    public static func sustain(_ about: String, default value: Float = 0.7) -> ParamSpec {
        .ratio(about, default: value)
    }

    /// Stereo position, −100 % (left) … 100 % (right).
    public static func pan(_ about: String) -> ParamSpec {
        ParamSpec(about, range: -1...1, default: 0, unit: .ratio, centre: 0)
    }

    /// Dry/wet mix of an effect, 0…100 %.
    public static func mix(_ about: String, default value: Float = 0.5) -> ParamSpec {
        .ratio(about, default: value)
    }

    /// Pitch offset, −48…48 semitones, read at control ticks.
    public static func detune(_ about: String) -> ParamSpec {
        ParamSpec(about, range: -48...48, default: 0, unit: .semitones, centre: 0).readAtControlTicks()
    }

    /// Choice of one of several words.
    public static func choice(_ about: String, _ words: [String], default word: Int = 0) -> ParamSpec {
        ParamSpec(
            about, kind: .choice(words), range: 0...Float(words.count - 1), default: Float(word),
            latched: true)
    }

    /// Switch, off or on.
    public static func toggle(_ about: String, default on: Bool = false) -> ParamSpec {
        ParamSpec(about, kind: .bool, range: 0...1, default: on ? 1 : 0, latched: true)
    }
}
