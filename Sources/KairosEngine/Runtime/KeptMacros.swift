import KairosControl
import KairosDSP

/// Macros whose values outlive a change to another entry: all macros of a part, or those with certain names.
///
/// [audio], but for `init` and `deinit`.
struct KeptMacros: ~Copyable {
    /// The greatest number of macros of one instance.
    private static let macroLimit = 8
    /// The number of names of kept macros.
    private static let nameLimit = 16

    /// During a change to an entry that keeps all values: for each layer before it and each macro, its normalized
    /// value, or nil. Otherwise meaningless.
    private var values = FixedArray<Float?>(count: Part.layerLimit * Self.macroLimit, repeating: nil)
    /// For each part and name, the normalized value at which the macro was left last; nil before.
    private var named = FixedArray<Float?>(count: Part.count * Self.nameLimit, repeating: nil)

    init() {}

    /// Copies the values of all macros of a part before a change to an entry that keeps them.
    mutating func copy(of part: Int, _ slots: borrowing SlotTable) {
        values.fill(nil)
        for layer in 0..<slots.layerCount(of: part) {
            guard let index = slots.slot(part: part, layer: layer), let core = slots[index].core else {
                continue
            }
            for n in 0..<core.pointee.tables.pointee.macros.count {
                values[layer * Self.macroLimit + n] = Self.value(n, of: core)
            }
        }
    }

    /// Stores the values at which a change leaves the named macros of an instance.
    mutating func store(_ part: Int, _ core: Reference<InstanceCore>) {
        for n in 0..<core.pointee.tables.pointee.macros.count {
            guard let name = core.pointee.tables.pointee.macros[n].name else { continue }
            named[part * Self.nameLimit + Int(name)] = Self.value(n, of: core)
        }
    }

    /// Sets the macros of a slot that the new entry keeps: a named one to the value at which it was left last, any
    /// other to its value before the change. `snaps` is true where the instance has not sounded.
    mutating func apply(
        to index: Int, _ entry: EntryTables, _ part: Int, _ layer: Int, snaps: Bool,
        _ playback: inout Playback, _ channels: inout MIDIChannels
    ) {
        guard entry.keepsValues || entry.keptMacros != 0, let core = playback.slots[index].core else {
            return
        }
        for n in 0..<core.pointee.tables.pointee.macros.count {
            let macro = core.pointee.tables.pointee.macros[n]
            var value = entry.keepsValues ? values[layer * Self.macroLimit + n] : nil
            if let name = macro.name, entry.keptMacros >> UInt16(name) & 1 == 1,
                let left = named[part * Self.nameLimit + Int(name)]
            {
                value = left
            }
            guard let value else { continue }
            playback.set(macro.param, of: index, to: macro.value(at: value), snaps: snaps, &channels)
        }
    }

    /// The normalized value of a macro of an instance.
    private static func value(_ macro: Int, of core: Reference<InstanceCore>) -> Float {
        let macro = core.pointee.tables.pointee.macros[macro]
        return macro.normalized(of: core.pointee.params.intent(Int(macro.param), as: macro.law))
    }

    // MARK: settings, another rig

    /// Copies the named values of the first part.
    func copy(to settings: inout FlatSettings) {
        for name in 0..<Self.nameLimit { settings.keptMacros[name] = named[name] }
    }

    /// Restores the named values of the first part.
    mutating func restore(_ settings: borrowing FlatSettings) {
        for name in 0..<Self.nameLimit { named[name] = settings.keptMacros[name] }
    }

    /// Gives the named values of a part the new indices of their names.
    mutating func renumber(_ part: Int, _ maps: borrowing RigIndexMaps) {
        let first = part * Self.nameLimit
        var old = InlineArray<16, Float?>(repeating: nil)
        for name in 0..<Self.nameLimit {
            old[name] = named[first + name]
            named[first + name] = nil
        }
        for name in 0..<Self.nameLimit {
            if let value = old[name], let new = maps.name(name) { named[first + new] = value }
        }
    }
}
