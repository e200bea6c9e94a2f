import KairosDSP

/// What the controls of one entry do, as flat rows the audio thread can walk.
///
/// > Made on the control thread, read on the audio thread, freed with its program.
public struct ControlTable: @unchecked Sendable {
    /// What a row listens to.
    public enum Input: UInt8, Sendable {
        case control, fineControl, pressure, bend, note
    }

    /// What a row does.
    public enum Effect: Sendable, Equatable {
        /// Sets a parameter by its index in the program.
        case param(Int32)
        /// Moves an unwired gate by its index in the program.
        case gate(Int32)
        /// Does something that is no parameter, with a number where it needs one.
        case action(Event.Kind, UInt32)
    }

    /// One control: what moves what, and how far.
    public struct Row: Sendable, Equatable {
        /// What it listens to.
        public var input: Input
        /// The controller or key.
        public var number: UInt8
        /// The other half of a pair of 14 bits, or 255.
        public var partner: UInt8
        /// The channel, 0…15, or 255 for any.
        public var channel: UInt8
        /// Which mapping it comes from: the engine knows which sources a mapping is for.
        public var mapping: UInt8
        /// What it does.
        public var effect: Effect
        /// From a position to the target's value.
        public var law: ParamLaw
        /// How the way is bent.
        public var bend: Mapping.Bend
        /// Whether the way runs backwards.
        public var inverted: Bool

        /// A row.
        public init(
            _ input: Input, number: UInt8, partner: UInt8 = 255, channel: UInt8 = 255, mapping: UInt8 = 0,
            effect: Effect,
            law: ParamLaw = ParamLaw(low: 0, high: 1), bend: Mapping.Bend = .straight, inverted: Bool = false
        ) {
            self.input = input
            self.number = number
            self.partner = partner
            self.channel = channel
            self.mapping = mapping
            self.effect = effect
            self.law = law
            self.bend = bend
            self.inverted = inverted
        }

        /// Whether what moved on a channel is what it listens to.
        public func listens(to input: Input, _ number: UInt8, _ channel: UInt8) -> Bool {
            (self.input == input || (self.input == .fineControl && input == .control))
                && self.number == number && (self.channel == 255 || self.channel == channel)
        }

        /// The target's value for a position, 0…1: 0 and 1 are exactly the ends.
        public func value(at position: Float) -> Float {
            let bent: Float
            switch bend {
            case .straight: bent = position
            case .slow: bent = position * position
            case .fast: bent = position.squareRoot()
            case .switch: bent = position >= 0.5 ? 1 : 0
            }
            return law.value(at: inverted ? 1 - bent : bent)
        }
    }

    /// How many rows there are.
    public let count: Int
    private let rows: UnsafeMutablePointer<Row>

    /// A table of `rows`.
    public init(_ rows: [Row]) {
        count = rows.count
        self.rows = .allocate(capacity: max(1, rows.count))
        self.rows.initialize(from: rows, count: rows.count)
    }

    /// Gives the memory back.
    public func free() { rows.deallocate() }

    /// A row.
    public subscript(_ index: Int) -> Row { rows[index] }
}

/// The knobs of one program, flat: what keeps its place over a change of program.
///
/// > Made on the control thread, read on the audio thread, freed with its program.
public struct KnobTable: @unchecked Sendable {
    /// One knob.
    public struct Row: Sendable {
        /// Its parameter in the program.
        public var param: Int32
        /// From a position to the parameter's value.
        public var law: ParamLaw
        /// Whether the way runs backwards.
        public var reversed: Bool
        /// Its number among the names that stay, or −1.
        public var name: Int8

        /// A knob.
        public init(param: Int32, law: ParamLaw, reversed: Bool, name: Int8) {
            self.param = param
            self.law = law
            self.reversed = reversed
            self.name = name
        }

        /// Where the knob is when its parameter has this value.
        public func position(of value: Float) -> Float {
            let position = law.position(of: value)
            return reversed ? 1 - position : position
        }

        /// The parameter's value when the knob is there.
        public func value(at position: Float) -> Float { law.value(at: reversed ? 1 - position : position) }
    }

    /// How many knobs there are.
    public let count: Int
    private let rows: UnsafeMutablePointer<Row>

    /// A table of `rows`.
    public init(_ rows: [Row]) {
        count = rows.count
        self.rows = .allocate(capacity: max(1, rows.count))
        self.rows.initialize(from: rows, count: rows.count)
    }

    /// Gives the memory back.
    public func free() { rows.deallocate() }

    /// A knob.
    public subscript(_ index: Int) -> Row { rows[index] }
}
