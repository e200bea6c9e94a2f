public import KairosDSP

/// The effects of the controls on one patch instance, as a flat table. Made on the control thread, used on
/// the audio thread, freed with its patch instance.
public struct ControlTable: ~Copyable, Sendable {
    /// The effect of a row.
    public enum Effect: Sendable, Equatable, BitwiseCopyable {
        /// Sets a parameter, by its index in the patch instance.
        case param(Int32)
        /// Opens and closes an unconnected gate, by its index in the patch instance.
        case gate(Int32)
        /// Sets the transport's own tempo.
        case tempo
        /// Does nothing, and overrides what the MIDI standard or another mapping would do.
        case nothing
        /// Performs an action of the instrument.
        case action(Action)
    }

    /// An action of the instrument as a whole.
    public enum Action: Sendable, Equatable, BitwiseCopyable {
        case nextEntry, previousEntry, panic, tapTempo, startStop
        /// Selects the entry with this index.
        case selectEntry(UInt32)
    }

    /// When a row is active: always, only while its mapping's shift is up, or only while it is held.
    public enum Layer: UInt8, Sendable, BitwiseCopyable { case any, plain, shifted }

    /// One control of a mapping, with its target and the conversion between their values.
    public struct Row: Sendable, Equatable, BitwiseCopyable {
        /// The index of its control in the ``ControlSurface``.
        public var control: Int32
        /// Its effect.
        public var effect: Effect
        /// Converts between the normalized value, 0…1, and the target's value.
        public var law: ControlLaw
        /// The curve that is applied to the normalized value.
        public var curve = Mapping.Curve.straight
        /// True where the range is reversed.
        public var inverted = false
        /// Its effect while the control and its parameter disagree.
        public var takeover = Mapping.Takeover.jump
        /// The number format of an endless encoder.
        public var encoding = Mapping.Encoding.twos
        /// The normalized distance of one encoder step; 0 for 1/128, or for one step of a stepped parameter.
        public var step: Float = 0
        /// The number of equal steps that the range is quantized to; 0 for continuous.
        public var steps: Int32 = 0
        /// The behaviour of a button; nil where the control is not a button.
        public var button: Mapping.Button?
        /// When the row is active.
        public var layer = Layer.any
        /// The index of its mapping's shift button in the ``ControlSurface``; nil for none.
        public var shift: Int32?

        /// A row with a linear curve, no inversion and the takeover `jump`.
        public init(
            control: Int, effect: Effect, law: ControlLaw = .numbers(ParamLaw(low: 0, high: 1))
        ) {
            self.control = Int32(control)
            self.effect = effect
            self.law = law
        }

        /// The target's value for the control's normalized value, 0…1. 0 and 1 give exactly the ends of the
        /// range.
        public func value(at normalized: Float) -> ParamValue {
            var curved: Float
            switch curve {
            case .straight: curved = normalized
            case .slow: curved = normalized * normalized
            case .fast: curved = normalized.squareRoot()
            case .switch: curved = normalized >= 0.5 ? 1 : 0
            }
            if steps > 1 {
                let parts = Float(steps)
                curved = min((curved * parts).rounded(.down), parts - 1) / (parts - 1)
            }
            return law.value(normalized: inverted ? 1 - curved : curved)
        }

        /// The control's normalized value, 0…1, for a value of the target: the inverse of ``value(at:)``.
        public func normalized(of value: ParamValue) -> Float {
            let linear = law.normalized(value)
            let curved = inverted ? 1 - linear : linear
            switch curve {
            case .straight: return curved
            case .slow: return curved.squareRoot()
            case .fast: return curved * curved
            case .switch: return curved >= 0.5 ? 1 : 0
            }
        }
    }

    @usableFromInline let rows: FixedArray<Row>
    /// The value that each row last set; nil for none. A pickup control follows without a jump while its
    /// target still has this value.
    private var lastSet: FixedArray<ParamValue?>
    /// For each row, the index of the row it continues in the table that this one replaces, or nil; empty where
    /// there is none.
    private let origins: FixedArray<Int32?>

    /// A table of `rows`. `origins` has, for each row, the index of the row it continues in the table that
    /// this one replaces, or nil; it may be empty. [loader]
    public init(_ rows: [Row], origins: [Int32?] = []) {
        self.rows = FixedArray(copying: rows)
        self.origins = FixedArray(copying: origins.prefix(rows.count))
        lastSet = FixedArray(count: rows.count, repeating: nil)
    }

    /// The number of rows.
    @inlinable public var count: Int { rows.count }

    /// The row at an index, 0..<``count``.
    @inlinable public subscript(_ index: Int) -> Row { rows[index] }

    /// Clears the last set values of all rows, so that every pickup control must be picked up again. [audio]
    public mutating func rearm() { lastSet.fill(nil) }

    /// Copies the last set values from `old` where the row at the same index has the same control and range.
    /// [audio]
    public mutating func succeed(_ old: borrowing ControlTable) {
        for index in 0..<min(count, old.count)
        where rows[index].control == old.rows[index].control && rows[index].law == old.rows[index].law {
            lastSet[index] = old.lastSet[index]
        }
    }

    /// Copies the last set values from the rows of `old` that this table's rows continue. [audio]
    public mutating func inherit(_ old: borrowing ControlTable) {
        for index in origins.indices {
            if let origin = origins[index] { lastSet[index] = old.lastSet[Int(origin)] }
        }
    }

    /// True where a row of this table continues `row` of the replaced table. [audio]
    public func continues(_ row: Int) -> Bool {
        for index in origins.indices where origins[index] == Int32(row) { return true }
        return false
    }

    /// The number that a row last set; 0 where it has set none. [audio]
    public func last(_ index: Int) -> Float { lastSet[index]?.number ?? 0 }

    /// The result of a movement.
    public enum Outcome: Sendable, Equatable {
        /// The target is set to this value.
        case set(ParamValue)
        /// The control has no effect until it passes the parameter's normalized value, 0…1.
        case waits(Float)
        /// The parameter is already at that end of the range.
        case atEnd
        /// No effect: a latching button that was released, or a control whose previous value is unknown.
        case nothing
    }

    /// Applies a movement to a row whose target has the value `current`, of the kind that its law has, and stores the value that it sets.
    /// [audio]
    public mutating func evaluate(_ index: Int, _ movement: Movement, current: ParamValue) -> Outcome {
        let outcome = rows[index].evaluate(movement, current: current, lastSet: lastSet[index])
        if case .set(let value) = outcome { lastSet[index] = value }
        return outcome
    }
}

extension ControlTable {
    /// True where a row belongs to a control, by its index in the ``ControlSurface``. [audio]
    public func has(_ control: Int) -> Bool {
        for index in 0..<count where self[index].control == Int32(control) { return true }
        return false
    }
}
