import KairosControl
import KairosPatch

/// An enumeration whose raw values are words of a file format, each with a description for the schema and the
/// reference.
protocol DescribedWord: CaseIterable, RawRepresentable<String> {
    /// Description of the word: one clause, without a full stop.
    var about: String { get }
}

extension Mapping.Curve: DescribedWord {
    var about: String {
        switch self {
        case .straight: "linear"
        case .slow: "finer resolution at the minimum"
        case .fast: "finer resolution at the maximum"
        case .switch: "the minimum below the centre of the control, the maximum from there on"
        }
    }
}

extension Mapping.Takeover: DescribedWord {
    var about: String {
        switch self {
        case .jump: "the parameter jumps to the control's value"
        case .pickup: "the control has no effect until it passes the parameter's value"
        case .scale: "the control's remaining range is scaled to the parameter's remaining range"
        case .relative: "an endless encoder: each message moves the parameter by a number of steps"
        }
    }
}

extension Mapping.Encoding: DescribedWord {
    var about: String {
        switch self {
        case .twos: "1 … 63 up, 127 … 65 down"
        case .offset: "65 … 127 up, 63 … 0 down"
        case .sign: "1 … 63 up, 65 … 127 down"
        }
    }
}

extension Mapping.Button: DescribedWord {
    var about: String {
        switch self {
        case .momentary: "the maximum of the range while it is held, otherwise the minimum"
        case .latch: "each press switches between the minimum and the maximum"
        }
    }
}

extension KeyboardRule.Polarity: DescribedWord {
    var about: String {
        switch self {
        case .normal: "0 is up"
        case .inverted: "127 is up"
        case .auto: "detected from the first message, which is taken as the pedal going down"
        }
    }
}

extension SetList.Switching: DescribedWord {
    var about: String {
        switch self {
        case .now: "at the program change"
        case .afterRelease: "when no key and no pedal holds a note any more"
        case .beat: "on the next beat; at once if the transport is stopped"
        case .bar: "on the next bar; at once if the transport is stopped"
        }
    }
}

extension Patch.Spread: DescribedWord {
    var about: String {
        switch self {
        case .voice: "for each voice"
        case .once: "once, in stereo, on the sum of the voices"
        }
    }
}

extension Role: DescribedWord {
    var about: String { "CC \(controller)" }
}
