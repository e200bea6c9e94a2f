public import KairosDSP

/// The macros of one patch instance, as a flat table: used to keep macro values across a program change. Made
/// on the control thread, read on the audio thread, freed with its patch instance.
public struct MacroTable: @unchecked Sendable {
    /// One macro.
    public struct Row: Sendable {
        /// The index of its parameter in the patch instance.
        public var param: Int32
        /// Converts between the normalized value, 0…1, and the parameter's value.
        public var law: ParamLaw
        /// True where the range is reversed.
        public var reversed: Bool
        /// Its index among the names of kept macros; −1 where it is not kept.
        public var name: Int8

        /// A row for one macro.
        public init(param: Int32, law: ParamLaw, reversed: Bool, name: Int8) {
            self.param = param
            self.law = law
            self.reversed = reversed
            self.name = name
        }

        /// The macro's normalized value, 0…1, for a value of its parameter.
        public func normalized(of value: Float) -> Float {
            let normalized = law.normalized(value)
            return reversed ? 1 - normalized : normalized
        }

        /// The parameter's value for the macro's normalized value, 0…1.
        public func value(at normalized: Float) -> Float {
            law.value(normalized: reversed ? 1 - normalized : normalized)
        }
    }

    /// The number of macros.
    public let count: Int
    private let rows: UnsafeMutablePointer<Row>

    /// A table of `rows`.
    public init(_ rows: [Row]) {
        count = rows.count
        self.rows = .allocate(capacity: max(1, rows.count))
        self.rows.initialize(from: rows, count: rows.count)
    }

    /// Frees the memory.
    public func free() { rows.deallocate() }

    /// The macro at an index, 0..<``count``.
    public subscript(_ index: Int) -> Row { rows[index] }
}
