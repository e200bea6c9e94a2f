import KairosCompiler
import KairosDSP

/// The entries of a rig as flat tables. The loader makes it with the rig's tables; the audio thread owns it from then
/// on.
struct EntryList: ~Copyable {
    /// One layer of an entry.
    struct Layer: BitwiseCopyable {
        let sound: SoundID
        let rule: LayerRule
    }

    // Not private: for a private element of an array that another file destroys, Swift 6.3 makes invalid code in
    // debug builds.
    struct Number: BitwiseCopyable {
        /// Bank × 128 + program.
        let number: UInt32
        let entry: EntryID
    }

    /// The entries of the list, then those that have left it and may still play.
    private let entries: FixedArray<EntryTables>
    /// The number of entries of the list.
    let count: Int
    private let layers: FixedArray<Layer>
    /// For each entry, part and layer, the frame at which it first became active; nil before. Free phases count
    /// from there, so that they do not depend on whether the entry rang in between.
    private var epochs: FixedArray<Int?>
    /// The entries that have a number, in the order of their numbers.
    private let numbers: FixedArray<Number>
    /// The number of slots that are kept free, so that a change finds its slots at its own frame.
    let reserve: Int
    private let fixedAddress = FixedAddress()

    /// A list of the entries of `rig`. [loader]
    init(_ rig: Rig, sampleRate: Double) {
        var tables: [EntryTables] = [], layers: [Layer] = []
        func add(_ entry: Rig.Entry, next: Int, previous: Int) {
            tables.append(
                EntryTables(
                    entry, first: layers.count, next: next, previous: previous, sampleRate: sampleRate))
            layers += entry.layers.prefix(Part.layerLimit).map {
                Layer(sound: SoundID($0.sound), rule: $0.rule)
            }
        }
        for (index, entry) in rig.entries.enumerated() { add(entry, next: index + 1, previous: index - 1) }
        for gone in rig.gone { add(gone.entry, next: gone.next, previous: gone.previous) }
        count = rig.entries.count
        reserve = 2 + max(2, tables.map(\.count).max() ?? 0)
        epochs = FixedArray(count: tables.count * Part.count * Part.layerLimit, repeating: nil)
        numbers = FixedArray(
            copying: rig.entries.enumerated().compactMap { index, entry in
                entry.number.map { Number(number: UInt32($0), entry: EntryID(index)) }
            }.sorted { $0.number < $1.number })
        entries = FixedArray(copying: tables)
        self.layers = FixedArray(copying: layers)
    }

    /// An entry.
    subscript(_ entry: EntryID) -> EntryTables { entries[entry.index] }

    /// A layer of an entry.
    func layer(_ index: Int, of entry: EntryID) -> Layer { layers[entries[entry.index].first + index] }

    /// The entry at an index of the list, or nil.
    func entry(at index: Int) -> EntryID? { index >= 0 && index < count ? EntryID(index) : nil }

    /// The entry with a number (bank × 128 + program), or nil.
    func entry(number: UInt32) -> EntryID? {
        var low = 0, high = numbers.count
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < numbers.count && numbers[low].number == number ? numbers[low].entry : nil
    }

    /// True where an entry cannot be played.
    func hasFailed(_ entry: EntryID, _ pool: borrowing StandbyPool) -> Bool {
        if self[entry].hasFailed { return true }
        for index in 0..<self[entry].count where pool.hasFailed(layer(index, of: entry).sound) { return true }
        return false
    }

    /// True where the pool has an instance for every layer of an entry that does not ring.
    func isReady(
        _ entry: EntryID, _ ringing: SlotTable.RingingLayers, _ pool: borrowing StandbyPool
    ) -> Bool {
        for layer in 0..<self[entry].count where ringing[layer] == nil {
            let sound = self.layer(layer, of: entry).sound
            var count = 0
            for other in 0...layer where ringing[other] == nil && self.layer(other, of: entry).sound == sound
            {
                count += 1
            }
            if pool.count(of: sound) < count { return false }
        }
        return true
    }

    /// The frame from which the free phases of a layer count: `now`, where it becomes active for the first time.
    mutating func epoch(of entry: EntryID, part: Int, layer: Int, now: Int) -> Int {
        let index = Self.epochIndex(entry.index, part, layer)
        if let epoch = epochs[index] { return epoch }
        epochs[index] = now
        return now
    }

    private static func epochIndex(_ entry: Int, _ part: Int, _ layer: Int) -> Int {
        (entry * Part.count + part) * Part.layerLimit + layer
    }

    /// Continues the epochs of the previous list: `maps` has the index of each of its entries here. [audio]
    mutating func succeed(_ old: borrowing EntryList, _ maps: borrowing RigIndexMaps, parts: Int) {
        for before in 0..<old.entries.count {
            guard let now = maps.entry(EntryID(before)) else { continue }
            for part in 0..<parts {
                for layer in 0..<self[now].count {
                    epochs[Self.epochIndex(now.index, part, layer)] =
                        old.epochs[Self.epochIndex(before, part, layer)]
                }
            }
        }
    }
}
