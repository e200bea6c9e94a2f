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

    /// The words that may follow a number, each with what it multiplies by. The first prints.
    public var suffixes: [(word: String, factor: Double)] {
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
}
