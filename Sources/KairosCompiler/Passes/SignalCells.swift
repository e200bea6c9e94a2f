import KairosDSP

/// Cells of a schedule that is being built, by the signals that they hold. A cell is allocated when it is first
/// asked for.
struct SignalCells {
    /// An outlet with its side: 0 mono or bus, 1 left, 2 right.
    struct OutletSide: Hashable {
        var node: Int
        var outlet: Int
        var side: Int
    }

    /// Storage of each cell; nil for a signal, which gets a buffer once all steps are known.
    private(set) var storage: [Schedule.Storage?] = []
    /// Cells of bus signals that are copied to the voices' lanes. `side` of the key is the copied lane.
    private(set) var spreads: [OutletSide: Int32] = [:]
    private let order: ModuleOrder
    private var outlets: [OutletSide: Int32] = [:]
    private var sums: [Graph.Source: Int32] = [:]
    private var newest: [Graph.Source: Int32] = [:]
    private var constants: [Float: Int32] = [:]

    /// The table with one cell: that of outlets that nothing reads.
    init(_ order: ModuleOrder) {
        self.order = order
        let unread = add(nil)
        assert(unread == StepContext.unread)
    }

    /// Adds a cell and returns its index. `storage` is nil for a signal.
    mutating func add(_ storage: Schedule.Storage?) -> Int32 { Self.add(storage, to: &self.storage) }

    private static func add(_ cell: Schedule.Storage?, to storage: inout [Schedule.Storage?]) -> Int32 {
        storage.append(cell)
        return Int32(storage.count - 1)
    }

    /// The cell of `key` in `table`; added if there is none.
    private static func cell<Key: Hashable>(
        _ key: Key, in table: inout [Key: Int32], _ storage: inout [Schedule.Storage?],
        adding cell: Schedule.Storage? = nil
    ) -> Int32 {
        if let index = table[key] { return index }
        let index = add(cell, to: &storage)
        table[key] = index
        return index
    }

    /// The cell that holds `value`.
    mutating func constant(_ value: Float) -> Int32 {
        Self.cell(value, in: &constants, &storage, adding: .constant(value))
    }

    /// The cell of an outlet.
    mutating func outlet(_ key: OutletSide) -> Int32 { Self.cell(key, in: &outlets, &storage) }

    /// The cell with the sum of a per-voice outlet over all voices.
    mutating func sum(_ source: Graph.Source) -> Int32 { Self.cell(source, in: &sums, &storage) }

    /// The cell with the newest note's value of a per-voice outlet.
    mutating func newestNote(_ source: Graph.Source) -> Int32 { Self.cell(source, in: &newest, &storage) }

    /// The cell that a reader in the voices (`voice`) or on the bus reads for `source`. Where the domains
    /// differ, it holds a converted copy: spread to the voices, summed to the bus, or, for a parameter on the
    /// bus (`asParam`), the newest note's value.
    mutating func input(_ source: Graph.Source, voice: Bool, side: Int, asParam: Bool) -> Int32 {
        let isStereo = order.stereo[source.node]
        switch (order.perVoice[source.node], voice) {
        case (true, true):
            return outlet(
                OutletSide(node: source.node, outlet: source.outlet, side: isStereo ? max(side, 1) : 0))
        case (false, false): return outlet(OutletSide(node: source.node, outlet: source.outlet, side: 0))
        case (false, true):
            let key = OutletSide(
                node: source.node, outlet: source.outlet, side: isStereo && side == 2 ? 1 : 0)
            return Self.cell(key, in: &spreads, &storage)
        case (true, false): return asParam ? newestNote(source) : sum(source)
        }
    }
}
