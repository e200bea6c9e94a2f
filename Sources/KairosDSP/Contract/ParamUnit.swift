/// What a parameter's value is measured in, and what people write for it.
public enum ParamUnit: String, Sendable, CaseIterable {
    /// A bare number.
    case none
    /// Hz, kHz.
    case hertz
    /// s, ms, us.
    case seconds
    /// st (semitones), ct (cents), oct.
    case semitones
    /// An amplitude: dB, %, or a bare factor.
    case gain
    /// %, or a bare ratio.
    case ratio
    /// Degrees of a cycle.
    case degrees
    /// dB, the value itself.
    case decibels

    /// A word that may follow a number, and what it multiplies by; 0 for decibels of an amplitude.
    public typealias Suffix = (word: String, factor: Double)

    /// The words that may follow a number, each with what it multiplies by. The first prints.
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
        }
    }

    /// What a listing calls it.
    public var symbol: String { suffixes.first?.word ?? "" }

    /// Whether a number other than 0 is ambiguous without a suffix, as 5 (s or ms) and 7 (st or ct).
    public var needsSuffix: Bool { self == .seconds || self == .semitones }

    /// The suffixes as a list for messages.
    var words: String {
        suffixes.map(\.word).filter { !Self.secondSpellings.contains($0) }.joined(separator: ", ")
    }

    /// Suffixes that say the same as another, and are accepted without being recommended.
    static let secondSpellings = ["us", "µs", "°"]

    /// A usual value, in the base unit.
    var typical: Float {
        switch self {
        case .hertz: 1000
        case .seconds: 0.1
        case .degrees: 90
        case .decibels: 6
        case .ratio: 0.5
        case .semitones: 2
        case .none, .gain: 1
        }
    }

    /// The suffix that a misspelt one means, or nil: `khz`, `sec`, `cents`, `percent`.
    func meant(by word: String) -> Suffix? {
        let lower = word.lowercased()
        if let same = suffixes.first(where: { $0.word.lowercased() == lower }) { return same }
        let right = Self.misspelt.first { $0.wrong.contains(lower) && has($0.right) }?.right
        return right.flatMap { right in suffixes.first { $0.word == right } }
    }

    private func has(_ suffix: String) -> Bool { suffixes.contains { $0.word == suffix } }

    /// Lower-case spellings in use elsewhere, by the suffix they stand for.
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
