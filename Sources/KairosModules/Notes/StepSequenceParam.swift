public import KairosDSP

/// Parameters of ``StepSequence``: three of its own, and six of each step (`pitch1`, `pitch2` … `ratchet64`).
public struct StepSequenceParam: ParamKey {
    /// The greatest number of steps.
    public static var stepLimit: Int { 64 }

    /// Kind of a parameter that each step has. The names of the cases begin the symbols.
    enum Row: Int, CaseIterable {
        case pitch, velocity, gate, tie, probability, ratchet

        /// Declaration of the parameter.
        var spec: ParamSpec {
            switch self {
            case .pitch:
                ParamSpec(
                    "Interval of the step from the key, in semitones.", kind: .int, range: -48...48,
                    default: 0)
            case .velocity: .fixedRatio("Velocity of the step, in relation to that of the key.", default: 1)
            case .gate:
                .fixedRatio("Length of the note, in relation to the step; 0 for a rest.", default: 0.5)
            case .tie: .toggle("Whether the note of the step before goes on instead of a new one.")
            case .probability: .fixedRatio("Probability that the step is played.", default: 1)
            case .ratchet: ParamSpec("Number of notes in the step.", kind: .int, range: 1...8, default: 1)
            }
        }
    }

    /// Index in the list of parameters.
    public let rawValue: Int

    /// Length of a step.
    static var rate: StepSequenceParam { StepSequenceParam(rawValue: 0) }
    /// Number of steps.
    static var length: StepSequenceParam { StepSequenceParam(rawValue: 1) }
    /// Delay of every second step.
    static var swing: StepSequenceParam { StepSequenceParam(rawValue: 2) }

    /// A parameter of a step, 0..<``stepLimit``.
    @inline(__always) static func of(_ row: Row, step: Int) -> StepSequenceParam {
        StepSequenceParam(rawValue: 3 + row.rawValue * stepLimit + step)
    }

    /// All parameters. [loader]
    public static var allCases: [StepSequenceParam] {
        (0..<3 + Row.allCases.count * stepLimit).map { StepSequenceParam(rawValue: $0) }
    }

    /// Declaration of the parameter.
    public var spec: ParamSpec {
        switch rawValue {
        case 0: .noteLength("Length of a step.", default: "1/16")
        case 1: ParamSpec("Number of steps.", kind: .int, range: 1...Float(Self.stepLimit), default: 16)
        case 2: .swing
        default: row.spec
        }
    }

    private var row: Row { Row(rawValue: (rawValue - 3) / Self.stepLimit) ?? .pitch }
}

extension StepSequenceParam: CustomStringConvertible {
    /// The symbol of the parameter. [loader]
    public var description: String {
        switch rawValue {
        case 0: "rate"
        case 1: "length"
        case 2: "swing"
        default: "\(row)\((rawValue - 3) % Self.stepLimit + 1)"
        }
    }
}
