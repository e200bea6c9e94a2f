import KairosDSP

/// What the controls of one entry do, as flat rows the audio thread can walk.
///
/// > Made on the control thread, read and written on the audio thread, freed with its program.
public struct ControlTable: @unchecked Sendable {
    /// What a row does.
    public enum Effect: Sendable, Equatable {
        /// Sets a parameter by its index in the program.
        case param(Int32)
        /// Moves an unconnected gate by its index in the program.
        case gate(Int32)
        /// Sets the transport's own tempo.
        case tempo
        /// Does nothing, whatever the standard or another mapping would make of it.
        case nothing
        /// Does something that is no parameter, with a number where it needs one.
        case action(Event.Kind, UInt32)
    }

    /// Whether a row listens while its mapping's shift is held.
    public enum Layer: UInt8, Sendable { case any, plain, shifted }

    /// One line of a mapping: what moves what, and how far.
    public struct Row: Sendable, Equatable {
        /// Its control's place on the ``ControlSurface``.
        public var control: Int32
        /// What it does.
        public var effect: Effect
        /// From a position to the target's value.
        public var law: ParamLaw
        /// How the way is bent.
        public var bend = Mapping.Bend.straight
        /// Whether the way runs backwards.
        public var inverted = false
        /// How a knob takes over a parameter that stands elsewhere.
        public var takeover = Mapping.Takeover.jump
        /// How an endless encoder says how far it was turned.
        public var encoding = Mapping.Encoding.twos
        /// How far one step of an encoder goes, as a part of the way; 0 for 1/128, or one choice.
        public var step: Float = 0
        /// Into how many equal parts the way is divided; 0 for any place.
        public var steps: Int32 = 0
        /// What a button does.
        public var button: Mapping.Button?
        /// Whether it listens while the mapping's shift is held.
        public var layer = Layer.any
        /// The place of its mapping's shift on the ``ControlSurface``, or −1.
        public var shift: Int32 = -1

        /// A row.
        public init(control: Int, effect: Effect, law: ParamLaw = ParamLaw(low: 0, high: 1)) {
            self.control = Int32(control)
            self.effect = effect
            self.law = law
        }

        /// The target's value for a position, 0…1: 0 and 1 are exactly the ends.
        public func value(at position: Float) -> Float {
            var bent: Float
            switch bend {
            case .straight: bent = position
            case .slow: bent = position * position
            case .fast: bent = position.squareRoot()
            case .switch: bent = position >= 0.5 ? 1 : 0
            }
            if steps > 1 {
                let parts = Float(steps)
                bent = min((bent * parts).rounded(.down), parts - 1) / (parts - 1)
            }
            return law.value(at: inverted ? 1 - bent : bent)
        }

        /// Where the control would stand for a value, 0…1.
        public func position(of value: Float) -> Float {
            let place = law.position(of: value)
            let bent = inverted ? 1 - place : place
            switch bend {
            case .straight: return bent
            case .slow: return bent.squareRoot()
            case .fast: return bent * bent
            case .switch: return bent >= 0.5 ? 1 : 0
            }
        }
    }

    /// How many rows there are.
    public let count: Int
    private let rows: UnsafeMutablePointer<Row>
    /// The value that each row last set: while its target has it, the control has it in hand.
    private let inHand: UnsafeMutablePointer<Float>
    /// The row of the table before that each row goes on from, or −1; nil where none does.
    private let origins: UnsafeMutablePointer<Int32>?

    /// A table of `rows`. `origins` says which row of the table that it replaces each goes on from, or −1; it may be
    /// empty.
    public init(_ rows: [Row], origins: [Int32] = []) {
        count = rows.count
        self.origins = origins.isEmpty ? nil : .allocate(capacity: origins.count)
        self.origins?.initialize(from: origins, count: min(rows.count, origins.count))
        self.rows = .allocate(capacity: max(1, rows.count))
        self.rows.initialize(from: rows, count: rows.count)
        inHand = .allocate(capacity: max(1, rows.count))
        inHand.initialize(repeating: .nan, count: max(1, rows.count))
    }

    /// Gives the memory back.
    public func free() {
        rows.deallocate()
        inHand.deallocate()
        origins?.deallocate()
    }

    /// A row.
    public subscript(_ index: Int) -> Row { rows[index] }

    /// No control has anything in hand: pickup begins anew.
    ///
    /// > Audio thread.
    public func rearm() { for index in 0..<count { inHand[index] = .nan } }

    /// What a control had in hand it still has, where the same row stands in both tables.
    ///
    /// > Audio thread.
    public func follow(_ old: ControlTable) {
        for index in 0..<min(count, old.count)
        where rows[index].control == old.rows[index].control && rows[index].law == old.rows[index].law {
            inHand[index] = old.inHand[index]
        }
    }

    /// What each row goes on from it still has in hand.
    ///
    /// > Audio thread.
    public func takeOver(_ old: ControlTable) {
        guard let origins else { return }
        for index in 0..<count where origins[index] >= 0 { inHand[index] = old.inHand[Int(origins[index])] }
    }

    /// Whether a row goes on from that one of the table before.
    ///
    /// > Audio thread.
    public func goesOn(from row: Int) -> Bool {
        guard let origins else { return false }
        for index in 0..<count where origins[index] == Int32(row) { return true }
        return false
    }

    /// The value that a row last set, or 0.
    ///
    /// > Audio thread.
    public func last(_ index: Int) -> Float { inHand[index].isNaN ? 0 : inHand[index] }

    /// What becomes of a movement.
    public enum Verdict: Sendable, Equatable {
        /// The target goes there.
        case set(Float)
        /// The control waits until it passes where the parameter stands: that place, 0…1.
        case waits(Float)
        /// The parameter is at that end of the way already.
        case atEnd
        /// A button that came up and latches, or a knob whose place was not known.
        case nothing
    }

    /// What a row makes of a movement when its target stands at `present`, and remembers what it has in hand.
    ///
    /// > Audio thread.
    public func judge(_ index: Int, _ movement: Movement, present: Float) -> Verdict {
        let verdict = rows[index].judge(movement, present: present, inHand: inHand[index])
        if case .set(let value) = verdict { inHand[index] = value }
        return verdict
    }
}
