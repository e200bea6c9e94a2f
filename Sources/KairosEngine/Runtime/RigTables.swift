import KairosCompiler
import KairosControl
import KairosDSP

/// What can be played as the audio thread knows it: flat tables that those of another rig replace as a
/// whole.
///
/// > Made and freed on the control side or the loader thread; between, the audio thread has it alone.
struct RigTables: @unchecked Sendable {
    struct Keyboard {
        var mapping: UInt8
        var rule: KeyboardRule
    }

    struct Number {
        /// Bank × 128 + program.
        var number: UInt32
        var entry: Int32
    }

    /// Which of all rigs it is, from 0.
    let generation: Int
    let keyboards: UnsafeMutablePointer<Keyboard>
    let keyboardCount: Int
    let surface: ControlSurface
    let memories: UnsafeMutablePointer<ControlMemory>
    /// One for each control of the surface.
    var coarseHalves: CoarseHalves
    /// Controls that select a second layer.
    let shifts: UnsafeMutablePointer<Int32>
    let shiftCount: Int
    /// The entries that can be chosen, then those that are gone and may play yet.
    let entries: UnsafeMutablePointer<EntryTables>
    /// How many can be chosen.
    let entryCount: Int
    /// Of all layers of all entries.
    let rules: UnsafeMutablePointer<LayerRule>
    let layerSounds: UnsafeMutablePointer<Int32>
    let actions: ControlTable
    /// When each layer of each entry first became active on each part; −1 before. Free phases count from
    /// there, so that they do not care whether the entry rang or rested in between.
    let epochs: UnsafeMutablePointer<Int>
    let numbers: UnsafeMutablePointer<Number>
    let numberCount: Int
    /// Slots kept free, so that a change finds its own on its frame.
    let reserve: Int
    let masterSound: Int32
    /// Beats in a bar.
    let meter: Int
    let controlStates: ControlStates
    /// The way from the tables before; nil for the first.
    let passage: RigIndexMaps?

    /// The tables of `rig`. `origins` are the rows of actions that its own rows go on from.
    init(
        _ rig: Rig, sampleRate: Double, states: ControlStates, generation: Int = 0,
        passage: RigIndexMaps? = nil, origins: [Int32] = []
    ) {
        func copy<T>(_ values: [T]) -> UnsafeMutablePointer<T> {
            let memory = UnsafeMutablePointer<T>.allocate(capacity: max(1, values.count))
            memory.initialize(from: values, count: values.count)
            return memory
        }
        self.generation = generation
        self.passage = passage
        controlStates = states
        let rules = rig.mappings.prefix(Mapping.limit).enumerated().map {
            Keyboard(mapping: UInt8($0), rule: $1.keyboard)
        }.filter { $0.rule != KeyboardRule() }
        keyboardCount = rules.count
        keyboards = copy(rules)
        surface = ControlSurface(rig.mappings)
        memories = copy(Array(repeating: ControlMemory(), count: surface.count))
        coarseHalves = CoarseHalves(controls: surface.count)
        let held = ControlSurface.indices(rig.mappings).map(\.shift).filter { $0 >= 0 }
        shiftCount = held.count
        shifts = copy(held.map(Int32.init))
        entryCount = rig.entries.count
        var flat: [EntryTables] = [], layers: [Rig.Layer] = []
        func add(_ entry: Rig.Entry, next: Int, previous: Int) {
            var new = EntryTables(entry, first: layers.count, sampleRate: sampleRate)
            new.next = Int32(next)
            new.previous = Int32(previous)
            flat.append(new)
            layers += entry.layers.prefix(Part.layerLimit)
        }
        for (index, entry) in rig.entries.enumerated() {
            add(entry, next: index + 1, previous: index - 1)
        }
        for gone in rig.gone { add(gone.entry, next: gone.next, previous: gone.previous) }
        entries = copy(flat)
        self.rules = copy(layers.map(\.rule))
        layerSounds = copy(layers.map { Int32($0.sound) })
        reserve = 2 + max(2, flat.map(\.count).max() ?? 0)
        actions = ControlTable(rig.actions, origins: origins)
        masterSound = Int32(rig.master ?? -1)
        meter = max(1, rig.meter)
        epochs = copy(Array(repeating: -1, count: flat.count * EngineCore.partCount * Part.layerLimit))
        let numbered = rig.entries.enumerated().compactMap { index, entry in
            entry.number.map { Number(number: UInt32($0), entry: Int32(index)) }
        }.sorted { $0.number < $1.number }
        numberCount = numbered.count
        numbers = copy(numbered)
    }

    /// Gives the memory back, all but the states of the controls.
    func free() {
        keyboards.deallocate()
        surface.free()
        memories.deallocate()
        coarseHalves.free()
        shifts.deallocate()
        entries.deallocate()
        rules.deallocate()
        layerSounds.deallocate()
        actions.free()
        epochs.deallocate()
        numbers.deallocate()
        passage?.free()
    }
}

/// The way from the numbers of one rig to those of the next.
struct RigIndexMaps: @unchecked Sendable {
    /// What each entry is now, or −1 for nothing.
    let entries: UnsafeMutablePointer<Int32>
    /// The entry that takes over where this one plays, because its layers are others now; −1 for none.
    let successors: UnsafeMutablePointer<Int32>
    let entryCount: Int
    /// What each control of the surface is now, or −1.
    let controls: UnsafeMutablePointer<Int32>
    let controlCount: Int
    /// What each of the sixteen names that stay is now, or −1.
    let names: UnsafeMutablePointer<Int8>

    init(entries: [Int], successors: [Int], controls: [Int32], names: [Int8]) {
        func copy<T>(_ values: [T]) -> UnsafeMutablePointer<T> {
            let memory = UnsafeMutablePointer<T>.allocate(capacity: max(1, values.count))
            memory.initialize(from: values, count: values.count)
            return memory
        }
        self.entries = copy(entries.map(Int32.init))
        self.successors = copy(successors.map(Int32.init))
        entryCount = entries.count
        self.controls = copy(controls)
        controlCount = controls.count
        self.names = copy(names)
    }

    func free() {
        entries.deallocate()
        successors.deallocate()
        controls.deallocate()
        names.deallocate()
    }
}

// The tables by their names, as the rest of the audio thread knows them.
extension EngineCore {
    var keyboards: UnsafeMutablePointer<RigTables.Keyboard> { rig.pointee.keyboards }
    var keyboardCount: Int { rig.pointee.keyboardCount }
    var surface: ControlSurface { rig.pointee.surface }
    var memories: UnsafeMutablePointer<ControlMemory> { rig.pointee.memories }
    var coarseHalves: CoarseHalves { rig.pointee.coarseHalves }
    var shifts: UnsafeMutablePointer<Int32> { rig.pointee.shifts }
    var shiftCount: Int { rig.pointee.shiftCount }
    var entries: UnsafeMutablePointer<EntryTables> { rig.pointee.entries }
    var entryCount: Int { rig.pointee.entryCount }
    var rules: UnsafeMutablePointer<LayerRule> { rig.pointee.rules }
    var layerSounds: UnsafeMutablePointer<Int32> { rig.pointee.layerSounds }
    var actions: ControlTable { rig.pointee.actions }
    var controlStates: ControlStates { rig.pointee.controlStates }
    var epochs: UnsafeMutablePointer<Int> { rig.pointee.epochs }
    var reserve: Int { rig.pointee.reserve }
    var masterSound: Int32 { rig.pointee.masterSound }

    /// The entry with this bank and program, or −1.
    func entry(number: UInt32) -> Int32 {
        let numbers = rig.pointee.numbers, count = rig.pointee.numberCount
        var low = 0, high = count
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < count && numbers[low].number == number ? numbers[low].entry : -1
    }
}
