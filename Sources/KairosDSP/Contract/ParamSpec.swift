/// Everything there is to say about one parameter, said once.
///
/// From it come clamping, what people type and read, the travel of a knob, smoothing, the reach of a
/// modulation, the module reference and the ranges that tests sweep.
public struct ParamSpec: Sendable, Equatable {
    /// What kind of value it is.
    public enum Kind: Sendable, Equatable {
        /// Any value in the range.
        case float
        /// Whole numbers.
        case int
        /// 0 is off, 1 is on.
        case bool
        /// One of these words; the value is its index.
        case choice([String])
    }

    /// One line for a musician.
    public let about: String
    /// What kind of value it is.
    public let kind: Kind
    /// The value when a patch says nothing.
    public let defaultValue: Float
    /// What the value is measured in.
    public let unit: ParamUnit
    /// Range, curve and centre: all that the audio thread needs.
    public let law: ParamLaw
    /// How it moves when it is set.
    public let smoothing: Smoothing
    /// Seconds from being set to being there.
    public let smoothingTime: Float
    /// Read at the start of a piece only; takes no connection and does not glide.
    public let latched: Bool
    /// Whether the module reads it at points of the grid and where notes start only, so that a modulation need
    /// not be worked out between.
    public private(set) var onGrid = false

    /// The least and the greatest value.
    public var range: ClosedRange<Float> { law.low...law.high }

    /// A spec. Times in seconds; `latched` forces smoothing off.
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

    /// The same for a module that reads it at points of the grid and where notes start only.
    public func readOnGrid() -> ParamSpec {
        var spec = self
        spec.onGrid = true
        return spec
    }

    /// The same under another name and within other bounds: what a module that is made of modules shows of it.
    ///
    /// `range` lies within its own; only numbers can be narrowed.
    public func shown(
        _ about: String, range: ClosedRange<Float>, default value: Float, onGrid: Bool
    ) -> ParamSpec {
        var spec = ParamSpec(
            about, kind: kind, range: range, default: value, unit: unit, curve: law.curve,
            centre: law.centre.flatMap { range.lowerBound < $0 && $0 < range.upperBound ? $0 : nil },
            smoothing: smoothing, time: smoothingTime, latched: latched)
        spec.onGrid = onGrid
        return spec
    }

    /// What is wrong with the declaration, or nil. The catalogue asks when a module is added.
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
            return "its choices do not fit its range"
        }
        if about.isEmpty { return "it does not say what it is for" }
        return nil
    }
}

/// How a parameter moves to a value it is set to. It settles exactly there, and snaps when a patch is loaded.
public enum Smoothing: String, Sendable, CaseIterable {
    /// At once, on the next point of the grid.
    case none
    /// In a straight line.
    case linear
    /// Fast first, then slower: the distance falls by 60 dB within the time.
    case exponential
    /// In a straight line of its logarithm: equal ratios in equal times.
    case logarithmic
}

/// Range, curve and centre of a parameter as plain numbers.
///
/// > Any thread.
@frozen public struct ParamLaw: Sendable, Equatable {
    /// How a knob's travel spreads over the range.
    public enum Curve: Sendable, Equatable {
        /// Evenly.
        case linear
        /// Equal ratios; modulation is in octaves. The range is above 0.
        case exponential
        /// Finer at the low end: the position's third power.
        case cubic
    }

    /// The least value.
    public let low: Float
    /// The greatest value.
    public let high: Float
    /// How a knob's travel spreads over the range.
    public let curve: Curve
    /// The value exactly half-way, where there is one: two straight halves.
    public let centre: Float?
    /// How many values there are; 0 for any number.
    public let steps: Int32

    /// A law. Whole-number kinds say how many values they have.
    public init(low: Float, high: Float, curve: Curve = .linear, centre: Float? = nil, steps: Int32 = 0) {
        self.low = low
        self.high = high
        self.curve = curve
        self.centre = centre
        self.steps = steps
    }

    /// The nearest value that is allowed; NaN becomes the least.
    public func clamp(_ value: Float) -> Float {
        let inside = value >= low ? (value <= high ? value : high) : low
        return steps > 0 ? inside.rounded() : inside
    }

    /// The value at a knob's position, 0…1. 0 is exactly the least, 1 exactly the greatest.
    public func value(at position: Float) -> Float {
        guard position > 0 else { return low }
        guard position < 1 else { return high }
        if steps > 0 { return low + min((position * Float(steps)).rounded(.down), Float(steps - 1)) }
        if let centre {
            if position == 0.5 { return centre }
            return position < 0.5
                ? low + (centre - low) * (position * 2) : centre + (high - centre) * (position * 2 - 1)
        }
        switch curve {
        case .linear: return clamp(low + (high - low) * position)
        case .exponential: return clamp(low * exp2Precise(log2Precise(high / low) * position))
        case .cubic: return clamp(low + (high - low) * (position * position * position))
        }
    }

    /// The knob's position for a value, 0…1.
    public func position(of value: Float) -> Float {
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
