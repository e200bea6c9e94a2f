/// Declaration of one parameter: type, range, default, unit, scale and smoothing.
///
/// Clamping, parsing, printing, MIDI scaling, smoothing, modulation, the module reference and the ranges that
/// tests sweep all derive from it.
public struct ParamSpec: Sendable, Equatable {
    /// Type of the value.
    public enum Kind: Sendable, Equatable {
        /// Any number in the range.
        case float
        /// A whole number.
        case int
        /// A switch: 0 off, 1 on.
        case bool
        /// One of these words; the value is the index of the word.
        case choice([String])
    }

    /// Description for players, one sentence.
    public let about: String
    /// Type of the value.
    public let kind: Kind
    /// Value when a patch does not set the parameter.
    public let defaultValue: Float
    /// Unit of the value.
    public let unit: ParamUnit
    /// Range, scale and centre: the part that the audio thread needs.
    public let law: ParamLaw
    /// Shape of the movement to a newly set value.
    public let smoothing: Smoothing
    /// Smoothing time in seconds.
    public let smoothingTime: Float
    /// True if the value is read on the first frame of a sub-block only: the parameter cannot be modulated
    /// and is not smoothed.
    public let latched: Bool
    /// True if the module reads the parameter at control ticks and note starts only, so that a modulation
    /// need not be computed in between.
    public private(set) var isReadAtControlTicks = false

    /// Minimum and maximum.
    public var range: ClosedRange<Float> { law.low...law.high }

    /// A spec with `time` in seconds. `latched` switches smoothing off; so does any `kind` other than
    /// `float`.
    public init(
        _ about: String, kind: Kind = .float, range: ClosedRange<Float>, default defaultValue: Float,
        unit: ParamUnit = .none, curve: ParamLaw.Curve = .linear, centre: Float? = nil,
        smoothing: Smoothing = .linear, time: Float = 0.02, latched: Bool = false
    ) {
        self.about = about
        self.kind = kind
        self.defaultValue = defaultValue
        self.unit = unit
        self.latched = latched || kind != .float
        self.smoothing = self.latched ? .none : smoothing
        smoothingTime = time
        let steps: Int32 = kind == .float ? 0 : Int32(range.upperBound - range.lowerBound) + 1
        law = ParamLaw(
            low: range.lowerBound, high: range.upperBound, curve: curve, centre: centre, steps: steps)
    }

    /// The same spec for a module that reads the parameter at control ticks and note starts only.
    public func readAtControlTicks() -> ParamSpec {
        var spec = self
        spec.isReadAtControlTicks = true
        return spec
    }

    /// The same spec with another description, range and default: a parameter that a compound module exposes.
    ///
    /// `range` must lie within the original range; only numbers can be narrowed.
    public func exposed(
        _ about: String, range: ClosedRange<Float>, default value: Float, isReadAtControlTicks: Bool
    ) -> ParamSpec {
        var spec = ParamSpec(
            about, kind: kind, range: range, default: value, unit: unit, curve: law.curve,
            centre: law.centre.flatMap { range.lowerBound < $0 && $0 < range.upperBound ? $0 : nil },
            smoothing: smoothing, time: smoothingTime, latched: latched)
        spec.isReadAtControlTicks = isReadAtControlTicks
        return spec
    }

    /// Fault of the declaration as a predicate ("its range is empty"); nil if there is none. The registry
    /// checks it when a module is added.
    public var fault: String? {
        if !(range.lowerBound < range.upperBound) { return "its range is empty" }
        if !range.contains(defaultValue) { return "its default \(defaultValue) is outside \(range)" }
        if law.curve == .exponential && range.lowerBound <= 0 {
            return "an exponential curve needs a range above 0"
        }
        if smoothing == .logarithmic && range.lowerBound <= 0 {
            return "logarithmic smoothing needs a range above 0"
        }
        if let centre = law.centre, !(centre > range.lowerBound && centre < range.upperBound) {
            return "its centre \(centre) is not inside \(range)"
        }
        if case .choice(let words) = kind, words.count != Int(law.steps) || Set(words).count != words.count {
            return "its choices are not unique or do not match its range"
        }
        if about.isEmpty { return "its description is empty" }
        return nil
    }
}

/// Shape of a parameter's movement to a newly set value. It settles exactly on the value, and is immediate
/// when a patch is loaded.
public enum Smoothing: String, Sendable, CaseIterable {
    /// Immediate, at the next control tick.
    case none
    /// Linear.
    case linear
    /// Exponential approach: the distance falls by 60 dB within the smoothing time.
    case exponential
    /// Linear in the logarithm: equal ratios in equal times.
    case logarithmic
}

/// Range, scale and centre of a parameter as plain numbers. [any]
@frozen public struct ParamLaw: Sendable, Equatable {
    /// Scale: mapping of the normalized value to the range.
    public enum Curve: Sendable, Equatable {
        /// Linear.
        case linear
        /// Equal ratios (logarithmic scale); modulation depth is in semitones. The minimum must be above 0.
        case exponential
        /// Third power of the normalized value: finer resolution near the minimum.
        case cubic
    }

    /// Minimum.
    public let low: Float
    /// Maximum.
    public let high: Float
    /// Scale.
    public let curve: Curve
    /// Value at normalized value 0.5, with a linear scale on either side; nil if the scale has no centre.
    public let centre: Float?
    /// Number of discrete values; 0 if the parameter is continuous.
    public let steps: Int32

    /// A law with this range and scale. `steps` is the number of values of an integer, switch or choice.
    public init(low: Float, high: Float, curve: Curve = .linear, centre: Float? = nil, steps: Int32 = 0) {
        self.low = low
        self.high = high
        self.curve = curve
        self.centre = centre
        self.steps = steps
    }

    /// `value` clamped to the range and, if discrete, rounded to a whole number; NaN becomes the minimum.
    public func clamp(_ value: Float) -> Float {
        let inside = value >= low ? (value <= high ? value : high) : low
        return steps > 0 ? inside.rounded() : inside
    }

    /// Value for a normalized value, 0…1: 0 is exactly the minimum, 1 exactly the maximum. NaN is the
    /// minimum.
    public func value(normalized: Float) -> Float {
        guard normalized > 0 else { return low }
        guard normalized < 1 else { return high }
        if steps > 0 { return low + min((normalized * Float(steps)).rounded(.down), Float(steps - 1)) }
        if let centre {
            if normalized == 0.5 { return centre }
            return normalized < 0.5
                ? low + (centre - low) * (normalized * 2) : centre + (high - centre) * (normalized * 2 - 1)
        }
        switch curve {
        case .linear: return clamp(low + (high - low) * normalized)
        case .exponential: return clamp(low * exp2Precise(log2Precise(high / low) * normalized))
        case .cubic: return clamp(low + (high - low) * (normalized * normalized * normalized))
        }
    }

    /// Normalized value, 0…1, of a value in the parameter's unit.
    public func normalized(_ value: Float) -> Float {
        let value = clamp(value)
        guard value > low else { return 0 }
        guard value < high else { return 1 }
        if steps > 0 { return (value - low + 0.5) / Float(steps) }
        if let centre {
            return value < centre
                ? (value - low) / (centre - low) * 0.5 : 0.5 + (value - centre) / (high - centre) * 0.5
        }
        switch curve {
        case .linear: return (value - low) / (high - low)
        case .exponential: return log2Precise(value / low) / log2Precise(high / low)
        case .cubic: return cubeRootPrecise((value - low) / (high - low))
        }
    }
}
