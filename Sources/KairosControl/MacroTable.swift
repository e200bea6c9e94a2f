import KairosDSP

/// The macros of one program, flat: what keeps its place over a change of program.
///
/// > Made on the control thread, read on the audio thread, freed with its program.
public struct MacroTable: @unchecked Sendable {
    /// One macro.
    public struct Row: Sendable {
        /// Its parameter in the program.
        public var param: Int32
        /// From a position to the parameter's value.
        public var law: ParamLaw
        /// Whether the way runs backwards.
        public var reversed: Bool
        /// Its number among the names that stay, or −1.
        public var name: Int8

        /// A macro.
        public init(param: Int32, law: ParamLaw, reversed: Bool, name: Int8) {
            self.param = param
            self.law = law
            self.reversed = reversed
            self.name = name
        }

        /// Where the macro is when its parameter has this value.
        public func position(of value: Float) -> Float {
            let position = law.position(of: value)
            return reversed ? 1 - position : position
        }

        /// The parameter's value when the macro is there.
        public func value(at position: Float) -> Float { law.value(at: reversed ? 1 - position : position) }
    }

    /// How many macros there are.
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

    /// A macro.
    public subscript(_ index: Int) -> Row { rows[index] }
}
