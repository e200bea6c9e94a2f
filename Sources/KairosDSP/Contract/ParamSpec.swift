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
    /// Value when a patch does not set the parameter; the number at 120 beats per minute if ``initialValue`` is a note
    /// value.
    public let defaultValue: Float
    /// Unit of the value.
    public let unit: ParamUnit
    /// Range, scale and centre: the part that the audio thread needs.
    public let law: ParamLaw
    /// Shape of the movement to a newly set value.
    public let smoothing: Smoothing
    /// Smoothing time in seconds.
    public let smoothingTime: Float
    /// True if the value is read on the first frame of a sub-block only. The parameter is not smoothed, and
    /// modulated only if ``isReadAtNoteOn``.
    public let latched: Bool
    /// True if each voice has its own value: the modulation is read when a note triggers the voice, and holds
    /// until the next one.
    public private(set) var isReadAtNoteOn = false
    /// True if the module reads the parameter at control ticks and note starts only, so that a modulation
    /// need not be computed in between.
    public private(set) var isReadAtControlTicks = false

    /// True if the parameter also takes a note value, which follows the tempo.
    public private(set) var canFollowTempo = false
    /// Note value when a patch does not set the parameter; nil if that is a number.
    private var defaultNote: NoteValue?

    /// Value when a patch does not set the parameter.
    public var initialValue: ParamValue { defaultNote.map(ParamValue.note) ?? .number(defaultValue) }

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

    /// The same spec for a module that reads a value for each lane (``ModuleIO/atNoteOn(_:)``), so that it can
    /// be modulated at note-on. Only a latched parameter can be read so.
    public func readAtNoteOn() -> ParamSpec {
        var spec = self
        spec.isReadAtNoteOn = latched
        return spec
    }

    /// The same spec for a time in seconds or a rate in hertz that also takes a note value (`1/8`, `1/4.`, `1/16t`,
    /// `2 bars`). The engine converts it by the transport's tempo: the module reads seconds or hertz as ever, glides to
    /// another tempo by the spec's smoothing, and finds the beats in ``ModuleIO/beatCycle(_:)``.
    public func followsTempo() -> ParamSpec {
        var spec = self
        spec.canFollowTempo = true
        return spec
    }

    /// Conversion of note values; nil if the parameter does not take any.
    public var noteLaw: NoteLaw? {
        guard canFollowTempo else { return nil }
        return NoteLaw(unit == .hertz ? .rate : .time, low: law.low, high: law.high)
    }

    /// The same spec with another description, range and default: a parameter that a compound module exposes.
    ///
    /// `range` must lie within the original range; only numbers can be narrowed. It takes note values if
    /// `canFollowTempo`, which the original must do too.
    public func exposed(
        _ about: String, range: ClosedRange<Float>, default value: ParamValue, isReadAtControlTicks: Bool,
        isReadAtNoteOn: Bool = false, canFollowTempo: Bool = false
    ) -> ParamSpec {
        let number = value.number ?? noteLaw.flatMap { law in value.note.map { law.resolve($0).number } }
        var spec = ParamSpec(
            about, kind: kind, range: range,
            default: min(range.upperBound, max(range.lowerBound, number ?? defaultValue)), unit: unit,
            curve: law.curve,
            centre: law.centre.flatMap { range.lowerBound < $0 && $0 < range.upperBound ? $0 : nil },
            smoothing: smoothing, time: smoothingTime, latched: latched)
        spec.isReadAtControlTicks = isReadAtControlTicks
        spec.isReadAtNoteOn = isReadAtNoteOn && latched
        spec.canFollowTempo = canFollowTempo
        spec.defaultNote = canFollowTempo ? value.note : nil
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
        if canFollowTempo, kind != .float || (unit != .hertz && unit != .seconds) {
            return "only a number in seconds or hertz can follow the tempo"
        }
        if about.isEmpty { return "its description is empty" }
        return nil
    }
}
