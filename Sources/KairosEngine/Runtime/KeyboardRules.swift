import KairosControl
import KairosDSP

/// The rules of the keyboards of a rig's mappings. [audio], but for `init`
struct KeyboardRules: ~Copyable {
    // Not private: for a private element of an array that another file destroys, Swift 6.3 makes invalid code in
    // debug builds.
    struct Row: BitwiseCopyable {
        let mapping: UInt8
        let rule: KeyboardRule
    }

    private let rows: FixedArray<Row>
    /// The sources that each mapping applies to. Unmanaged, as in ``MappedControls``.
    private let states: Unmanaged<ControlStates>

    /// The rules of `mappings` that are not the default.
    init(_ mappings: [Mapping], _ states: ControlStates) {
        rows = FixedArray(
            copying: mappings.prefix(Mapping.limit).enumerated().map {
                Row(mapping: UInt8($0), rule: $1.keyboard)
            }.filter { $0.rule != KeyboardRule() })
        self.states = .passUnretained(states)
    }

    /// The rule of a source: that of the first mapping that applies to it and has one.
    func rule(of source: UInt16) -> KeyboardRule {
        for index in 0..<rows.count where serves(rows[index].mapping, source) {
            return rows[index].rule
        }
        return KeyboardRule()
    }

    private func serves(_ mapping: UInt8, _ source: UInt16) -> Bool {
        states._withUnsafeGuaranteedRef { $0.serves(mapping, source) }
    }
}
