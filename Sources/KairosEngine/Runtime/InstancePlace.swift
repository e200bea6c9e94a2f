/// Place of a playing patch instance: a slot, or the master effects.
package enum InstancePlace: Hashable, BitwiseCopyable, Sendable {
    /// One of the slots, by its index.
    case slot(UInt8)
    /// The master effects.
    case masterEffects

    /// The number of places: the slots, then the master effects.
    package static let count = SlotTable.count + 1

    /// The index among all places.
    package var index: Int {
        switch self {
        case .slot(let slot): Int(slot)
        case .masterEffects: SlotTable.count
        }
    }

    /// The place with an index, 0..<``count``.
    package init(index: Int) { self = index == SlotTable.count ? .masterEffects : .slot(UInt8(index)) }

    /// The slot, or nil for the master effects.
    package var slotIndex: Int? {
        switch self {
        case .slot(let slot): Int(slot)
        case .masterEffects: nil
        }
    }
}
