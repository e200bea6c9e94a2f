import KairosControl
import KairosDSP

/// What can be played as the audio thread knows it: flat tables that those of another repertoire replace as a
/// whole.
///
/// > Made and freed on the control side or the loader thread; between, the audio thread has it alone.
struct FlatRepertoire: @unchecked Sendable {
    struct Keyboard {
        var mapping: UInt8
        var rule: KeyboardRule
    }

    struct Number {
        /// Bank × 128 + program.
        var number: UInt32
        var entry: Int32
    }

    /// Which of all repertoires it is, from 0.
    let generation: Int
    let keyboards: UnsafeMutablePointer<Keyboard>
    let keyboardCount: Int
    let surface: Surface
    let memories: UnsafeMutablePointer<ControlMemory>
    /// One for each control of the surface.
    var coarseHalves: CoarseHalves
    /// Controls that select a second layer.
    let shifts: UnsafeMutablePointer<Int32>
    let shiftCount: Int
    /// The entries that can be chosen, then those that are gone and may play yet.
    let entries: UnsafeMutablePointer<FlatEntry>
    /// How many can be chosen.
    let entryCount: Int
    /// Of all parts of all entries.
    let rules: UnsafeMutablePointer<PartRule>
    let partSounds: UnsafeMutablePointer<Int32>
    let actions: ControlTable
    /// When each part of each entry first became active on each stage; −1 before. Free phases count from
    /// there, so that they do not care whether the entry rang or rested in between.
    let epochs: UnsafeMutablePointer<Int>
    let numbers: UnsafeMutablePointer<Number>
    let numberCount: Int
    /// Slots kept free, so that a change finds its own on its frame.
    let reserve: Int
    let rackSound: Int32
    /// Beats in a bar.
    let meter: Int
    let controlStates: ControlStates
    /// The way from the tables before; nil for the first.
    let passage: Passage?

    /// The tables of `repertoire`. `origins` are the rows of actions that its own rows go on from.
    init(
        _ repertoire: Repertoire, sampleRate: Double, states: ControlStates, generation: Int = 0,
        passage: Passage? = nil, origins: [Int32] = []
    ) {
        func copy<T>(_ values: [T]) -> UnsafeMutablePointer<T> {
            let memory = UnsafeMutablePointer<T>.allocate(capacity: max(1, values.count))
            memory.initialize(from: values, count: values.count)
            return memory
        }
        self.generation = generation
        self.passage = passage
        controlStates = states
        let rules = repertoire.mappings.prefix(Mapping.limit).enumerated().map {
            Keyboard(mapping: UInt8($0), rule: $1.keyboard)
        }.filter { $0.rule != KeyboardRule() }
        keyboardCount = rules.count
        keyboards = copy(rules)
        surface = Surface(repertoire.mappings)
        memories = copy(Array(repeating: ControlMemory(), count: surface.count))
        coarseHalves = CoarseHalves(controls: surface.count)
        let held = Surface.places(repertoire.mappings).map(\.shift).filter { $0 >= 0 }
        shiftCount = held.count
        shifts = copy(held.map(Int32.init))
        entryCount = repertoire.entries.count
        var flat: [FlatEntry] = [], parts: [Repertoire.Part] = []
        func add(_ entry: Repertoire.Entry, next: Int, previous: Int) {
            var new = FlatEntry(entry, first: parts.count, sampleRate: sampleRate)
            new.next = Int32(next)
            new.previous = Int32(previous)
            flat.append(new)
            parts += entry.parts.prefix(Stage.partLimit)
        }
        for (index, entry) in repertoire.entries.enumerated() {
            add(entry, next: index + 1, previous: index - 1)
        }
        for gone in repertoire.gone { add(gone.entry, next: gone.next, previous: gone.previous) }
        entries = copy(flat)
        self.rules = copy(parts.map(\.rule))
        partSounds = copy(parts.map { Int32($0.sound) })
        reserve = 2 + max(2, flat.map(\.count).max() ?? 0)
        actions = ControlTable(repertoire.actions, origins: origins)
        rackSound = Int32(repertoire.rack ?? -1)
        meter = max(1, repertoire.meter)
        epochs = copy(Array(repeating: -1, count: flat.count * EngineCore.stageCount * Stage.partLimit))
        let numbered = repertoire.entries.enumerated().compactMap { index, entry in
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
        partSounds.deallocate()
        actions.free()
        epochs.deallocate()
        numbers.deallocate()
        passage?.free()
    }
}

/// The way from the numbers of one repertoire to those of the next.
struct Passage: @unchecked Sendable {
    /// What each entry is now, or −1 for nothing.
    let entries: UnsafeMutablePointer<Int32>
    /// The entry that takes over where this one plays, because its parts are others now; −1 for none.
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
    var keyboards: UnsafeMutablePointer<FlatRepertoire.Keyboard> { repertoire.pointee.keyboards }
    var keyboardCount: Int { repertoire.pointee.keyboardCount }
    var surface: Surface { repertoire.pointee.surface }
    var memories: UnsafeMutablePointer<ControlMemory> { repertoire.pointee.memories }
    var coarseHalves: CoarseHalves { repertoire.pointee.coarseHalves }
    var shifts: UnsafeMutablePointer<Int32> { repertoire.pointee.shifts }
    var shiftCount: Int { repertoire.pointee.shiftCount }
    var entries: UnsafeMutablePointer<FlatEntry> { repertoire.pointee.entries }
    var entryCount: Int { repertoire.pointee.entryCount }
    var rules: UnsafeMutablePointer<PartRule> { repertoire.pointee.rules }
    var partSounds: UnsafeMutablePointer<Int32> { repertoire.pointee.partSounds }
    var actions: ControlTable { repertoire.pointee.actions }
    var controlStates: ControlStates { repertoire.pointee.controlStates }
    var epochs: UnsafeMutablePointer<Int> { repertoire.pointee.epochs }
    var reserve: Int { repertoire.pointee.reserve }
    var rackSound: Int32 { repertoire.pointee.rackSound }

    /// The entry with this bank and program, or −1.
    func entry(number: UInt32) -> Int32 {
        let numbers = repertoire.pointee.numbers, count = repertoire.pointee.numberCount
        var low = 0, high = count
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < count && numbers[low].number == number ? numbers[low].entry : -1
    }
}
