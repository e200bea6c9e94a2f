import KairosDSP

// Frequent parameters of note stages, which are all latched.
extension ParamSpec {
    /// A ratio, 0…100 %.
    static func fixedRatio(_ about: String, range: ClosedRange<Float> = 0...1, default value: Float)
        -> ParamSpec
    {
        ParamSpec(about, range: range, default: value, unit: .ratio, latched: true)
    }

    /// A time, 0…`longest` seconds.
    static func fixedTime(_ about: String, longest: Float, default value: Float) -> ParamSpec {
        ParamSpec(about, range: 0...longest, default: value, unit: .seconds, latched: true)
    }

    /// The place of every second step.
    static var swing: ParamSpec {
        .fixedRatio(
            "Place of every second step within two steps; 50 % is even.", range: 0.5...0.75, default: 0.5)
    }

    /// The length of a step.
    static func noteLength(_ about: String, default word: String) -> ParamSpec {
        .choice(about, NoteLength.words, default: NoteLength.index(of: word))
    }
}
