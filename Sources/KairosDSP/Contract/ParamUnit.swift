/// Unit of a parameter's value, with the suffixes that texts use for it.
public enum ParamUnit: String, Sendable, CaseIterable {
    /// No unit.
    case none
    /// Frequency in hertz: Hz, kHz.
    case hertz
    /// Time in seconds: s, ms, us.
    case seconds
    /// Pitch interval in semitones: st (semitones), ct (cents), oct (octaves).
    case semitones
    /// Amplitude factor: dB, %, or without a suffix.
    case gain
    /// Ratio: %, or without a suffix.
    case ratio
    /// Phase in degrees of a cycle.
    case degrees
    /// Level in decibels; the value itself is in dB.
    case decibels
    /// Binary logarithm of a factor, for the depth of a time: oct (doublings), or the factor itself with x.
    case octaves

    /// Suffix of a number, and its factor to the base unit; factor 0 stands for a logarithm: decibels of an
    /// amplitude, or the factor that octaves are.
    public typealias Suffix = (word: String, factor: Double)

    /// Suffixes that may follow a number, each with its factor to the base unit. Listings print the first
    /// one.
    public var suffixes: [Suffix] {
        switch self {
        case .none: []
        case .hertz: [("Hz", 1), ("kHz", 1000)]
        case .seconds: [("s", 1), ("ms", 0.001), ("us", 0.000_001), ("µs", 0.000_001)]
        case .semitones: [("st", 1), ("ct", 0.01), ("oct", 12)]
        case .gain: [("dB", 0), ("%", 0.01)]
        case .ratio: [("%", 0.01)]
        case .degrees: [("deg", 1), ("°", 1)]
        case .decibels: [("dB", 1)]
        case .octaves: [("oct", 1), ("x", 0), ("×", 0)]
        }
    }

    /// Name of the unit in listings; empty if it has none.
    public var symbol: String { suffixes.first?.word ?? "" }

    /// True if a number other than 0 is ambiguous without a suffix, as in 5 (s or ms?) and 7 (st or ct?).
    public var needsSuffix: Bool { self == .seconds || self == .semitones || self == .octaves }

    /// The recommended suffixes as a list, for messages.
    var words: String {
        suffixes.map(\.word).filter { !Self.secondSpellings.contains($0) }.joined(separator: ", ")
    }

    /// Suffixes that are accepted but not recommended: a synonym exists.
    static let secondSpellings = ["us", "µs", "°", "×"]

    /// A typical value, in the base unit.
    var typical: Float {
        switch self {
        case .hertz: 1000
        case .seconds: 0.1
        case .degrees: 90
        case .decibels: 6
        case .ratio: 0.5
        case .semitones: 2
        case .none, .gain, .octaves: 1
        }
    }

    /// The suffix that a misspelt one stands for (`khz`, `sec`, `cents`, `percent`); nil if unknown.
    func correctSuffix(for word: String) -> Suffix? {
        let lower = word.lowercased()
        if let same = suffixes.first(where: { $0.word.lowercased() == lower }) { return same }
        let right = Self.misspelt.first { $0.wrong.contains(lower) && has($0.right) }?.right
        return right.flatMap { right in suffixes.first { $0.word == right } }
    }

    private func has(_ suffix: String) -> Bool { suffixes.contains { $0.word == suffix } }

    /// Spellings used elsewhere, in lower case, by the suffix they stand for.
    private static let misspelt: [(right: String, wrong: [String])] = [
        ("Hz", ["hertz", "herz", "cps"]), ("kHz", ["k", "kilohertz", "khertz", "kherz"]),
        ("s", ["sec", "secs", "sec.", "second", "seconds"]),
        (
            "ms",
            ["msec", "msecs", "msec.", "m s", "milli", "millis", "millisec", "millisecond", "milliseconds"]
        ),
        ("us", ["\u{3bc}s", "usec", "usecs", "microsecond", "microseconds"]),
        ("st", ["semi", "semis", "semitone", "semitones", "halftone", "halftones", "half-steps", "hs"]),
        ("ct", ["c", "¢", "cent", "cents", "cts"]), ("oct", ["octave", "octaves", "octs"]),
        ("dB", ["d b", "dbs", "dbfs", "decibel", "decibels"]),
        ("%", ["percent", "per cent", "pct", "prozent", "percents"]),
        ("deg", ["degree", "degrees", "degs", "\u{ba}"]),
    ]
}
