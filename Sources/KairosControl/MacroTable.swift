public import KairosDSP

/// The macros of one patch instance, as a flat table: used to keep macro values across a program change. Made
/// on the control thread, read on the audio thread, freed with its patch instance.
public struct MacroTable: ~Copyable, Sendable {
    /// One macro.
    public struct Row: Sendable, BitwiseCopyable {
        /// The index of its parameter in the patch instance.
        public var param: Int32
        /// Converts between the normalized value, 0…1, and the parameter's value.
        public var law: ControlLaw
        /// True where the range is reversed.
        public var reversed: Bool
        /// Its index among the names of kept macros; nil where it is not kept.
        public var name: Int8?

        /// A row for one macro.
        public init(param: Int32, law: ControlLaw, reversed: Bool, name: Int8?) {
            self.param = param
            self.law = law
            self.reversed = reversed
            self.name = name
        }

        /// The macro's normalized value, 0…1, for a value of its parameter.
        public func normalized(of value: ParamValue) -> Float {
            let normalized = law.normalized(value)
            return reversed ? 1 - normalized : normalized
        }

        /// The parameter's value for the macro's normalized value, 0…1.
        public func value(at normalized: Float) -> ParamValue {
            law.value(normalized: reversed ? 1 - normalized : normalized)
        }
    }

    @usableFromInline let rows: FixedArray<Row>

    /// A table of `rows`. [loader]
    public init(_ rows: [Row]) { self.rows = FixedArray(copying: rows) }

    /// The number of macros.
    @inlinable public var count: Int { rows.count }

    /// The macro at an index, 0..<``count``.
    @inlinable public subscript(_ index: Int) -> Row { rows[index] }
}
