// The frequent parameters, so that the same word means the same everywhere.
extension ParamSpec {
    /// The transport's own tempo, in beats a minute.
    public static let tempo = ParamSpec(
        "The transport's own tempo, in beats a minute.", range: 20...400, default: 120)

    /// An oscillator's frequency, 0.01 Hz … 20 kHz.
    public static func frequency(_ about: String, default value: Float = 440) -> ParamSpec {
        ParamSpec(
            about, range: 0.01...20_000, default: value, unit: .hertz, curve: .exponential,
            smoothing: .logarithmic)
    }

    /// A filter's cutoff, 5 Hz … 20 kHz: low enough to follow the keys from key 0 on.
    public static func cutoff(_ about: String, default value: Float = 1200) -> ParamSpec {
        ParamSpec(
            about, range: 5...20_000, default: value, unit: .hertz, curve: .exponential,
            smoothing: .logarithmic)
    }

    /// A filter's resonance, 0 … 100 %.
    public static func resonance(_ about: String, default value: Float = 0.1) -> ParamSpec {
        .ratio(about, default: value)
    }

    /// An amplitude factor, silence … +12 dB.
    public static func gain(_ about: String, default value: Float = 1) -> ParamSpec {
        ParamSpec(about, range: 0...3.981_071_7, default: value, unit: .gain, curve: .cubic)
    }

    /// A part of a whole, 0 … 100 %.
    public static func ratio(_ about: String, default value: Float = 0) -> ParamSpec {
        ParamSpec(about, range: 0...1, default: value, unit: .ratio)
    }

    /// A time of an envelope, 0 … 20 s, read when a piece begins.
    public static func time(_ about: String, default value: Float) -> ParamSpec {
        ParamSpec(about, range: 0...20, default: value, unit: .seconds, curve: .cubic, latched: true)
    }

    /// The sustain of an envelope, 0 … 100 %.
    public static func sustain(_ about: String, default value: Float = 0.7) -> ParamSpec {
        .ratio(about, default: value)
    }

    /// A place between left (−100 %) and right (100 %).
    public static func pan(_ about: String) -> ParamSpec {
        ParamSpec(about, range: -1...1, default: 0, unit: .ratio, centre: 0)
    }

    /// How much of an effect is heard, 0 … 100 %.
    public static func mix(_ about: String, default value: Float = 0.5) -> ParamSpec {
        .ratio(about, default: value)
    }

    /// A shift of pitch, −48 … 48 semitones, looked at on the grid.
    public static func detune(_ about: String) -> ParamSpec {
        ParamSpec(about, range: -48...48, default: 0, unit: .semitones, centre: 0).readOnGrid()
    }

    /// One of several words.
    public static func choice(_ about: String, _ words: [String], default word: Int = 0) -> ParamSpec {
        ParamSpec(
            about, kind: .choice(words), range: 0...Float(words.count - 1), default: Float(word),
            latched: true)
    }

    /// A switch.
    public static func toggle(_ about: String, default on: Bool = false) -> ParamSpec {
        ParamSpec(about, kind: .bool, range: 0...1, default: on ? 1 : 0, latched: true)
    }
}
