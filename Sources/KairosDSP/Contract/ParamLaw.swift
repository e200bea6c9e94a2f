/// Range, scale and centre of a parameter as plain numbers. [any]
@frozen public struct ParamLaw: BitwiseCopyable, Sendable, Equatable {
    /// Scale: mapping of the normalized value to the range.
    public enum Curve: BitwiseCopyable, Sendable, Equatable {
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
