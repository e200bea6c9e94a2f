import KairosCompiler
import KairosControl
import KairosDSP

/// What goes over from the instance before into the one that follows it: indices in the one and in the other.
///
/// It lies in the region of the instance that follows, which frees it. [audio]
struct StateTransfer {
    /// For each module of the new program that runs once, and for each of one group of voices: where it was, or −1.
    let once: UnsafeMutablePointer<Int32>
    let voice: UnsafeMutablePointer<Int32>
    /// For each parameter of the new program.
    let params: UnsafeMutablePointer<Int32>
    /// Whether a parameter goes to where the new program begins with it.
    let isSet: UnsafeMutablePointer<Bool>
    /// For each gate a mapping moves, and for each memory of a newest note.
    let gates: UnsafeMutablePointer<Int32>
    let memories: UnsafeMutablePointer<Int32>
    /// The other way round: where each parameter and each gate of the old program went, or −1.
    let newParams: UnsafeMutablePointer<Int32>
    let newGates: UnsafeMutablePointer<Int32>
    /// How many memories there are, and parameters and gates of the old program.
    let memoryCount: Int
    let oldParamCount: Int
    let oldGateCount: Int

    /// The tables of `indices`, placed in `arena`. [loader]
    init(_ indices: StateIndices, _ arena: inout Arena) {
        once = arena.place(indices.once)
        voice = arena.place(indices.voice)
        params = arena.place(indices.params)
        isSet = arena.place(indices.isSet)
        gates = arena.place(indices.gates)
        memories = arena.place(indices.memories)
        newParams = arena.place(indices.newParams)
        newGates = arena.place(indices.newGates)
        memoryCount = indices.memories.count
        oldParamCount = indices.newParams.count
        oldGateCount = indices.newGates.count
    }
}

/// The indices of a ``StateTransfer``, as two schedules give them. [loader]
struct StateIndices {
    let once: [Int32]
    let voice: [Int32]
    let params: [Int32]
    let isSet: [Bool]
    let gates: [Int32]
    let memories: [Int32]
    private(set) var newParams: [Int32]
    private(set) var newGates: [Int32]

    init(from old: Schedule, to new: Schedule) {
        let names = Dictionary(uniqueKeysWithValues: old.names.enumerated().map { ($1, $0) })
        /// The node that a node follows, or that has its name and type.
        func before(_ node: Int, _ name: String?) -> Int? {
            guard let name, let place = names[name], old.types[place].name == new.types[node].name else {
                return nil
            }
            return place
        }
        let origins = new.names.indices.map { before($0, new.origins[$0]) }
        // What begins anew still has the values it had.
        let twins = new.names.indices.map { origins[$0] ?? before($0, new.names[$0]) }
        struct Box: Hashable {
            var node: Int
            var side: Float
        }
        func boxes(_ new: [Schedule.BoxRecipe], _ old: [Schedule.BoxRecipe]) -> [Int32] {
            let places = Dictionary(
                uniqueKeysWithValues: old.enumerated().map { (Box(node: $1.node, side: $1.side), Int32($0)) })
            return new.map { recipe in
                origins[recipe.node].flatMap { places[Box(node: $0, side: recipe.side)] } ?? -1
            }
        }
        once = boxes(new.onceBoxes, old.onceBoxes)
        voice = boxes(new.voiceBoxes, old.voiceBoxes)

        var oldParams: [Schedule.Leaf: Int] = [:], oldNames: [[String]: Int] = [:]
        for (index, param) in old.params.enumerated() {
            for leaf in param.leaves { oldParams[leaf] = index }
            oldNames[[param.module, param.symbol]] = index
        }
        let params = new.params.map { param -> Int? in
            for leaf in param.leaves {
                guard let twin = twins[leaf.node],
                    let place = oldParams[Schedule.Leaf(node: twin, symbol: leaf.symbol)]
                else { continue }
                return place
            }
            // What a module made of modules shows is known by its name too, when what it is made of has changed.
            guard new.names[param.leaves[0].node] != param.module else { return nil }
            return oldNames[[param.module, param.symbol]].flatMap {
                old.params[$0].law == param.law ? $0 : nil
            }
        }
        self.params = params.map { Int32($0 ?? -1) }
        isSet = zip(params, new.params).map { place, param in
            place.map { old.params[$0].value.bitPattern != param.value.bitPattern } ?? false
        }
        let gates = new.gates.map { gate in
            origins[gate.node].flatMap { node in
                old.gates.firstIndex { $0.node == node && $0.inlet == gate.inlet }
            }
        }
        self.gates = gates.map { Int32(($0 ?? -3) + 2) }
        let memories = new.memories.map { memory in
            origins[memory.node].flatMap { node in
                old.memories.firstIndex { $0.node == node && $0.outlet == memory.outlet }
            }
        }
        self.memories = memories.map { Int32($0 ?? -1) }
        newParams = [Int32](repeating: -1, count: old.params.count)
        // A name that is in both before what is only leaving.
        for (index, place) in params.enumerated().reversed() {
            if let place { newParams[place] = Int32(index) }
        }
        newGates = [Int32](repeating: -1, count: old.gates.count)
        for (index, place) in gates.enumerated() { if let place { newGates[place] = Int32(index + 2) } }
    }
}

extension InstanceCore {
    /// Goes on where another program is, module by module: what both have changes places. Then the other one can go.
    ///
    /// > Audio thread. One exchange a module, and a copy of every voice's lane.
    mutating func follow(_ old: UnsafeMutablePointer<InstanceCore>, _ moves: StateTransfer, fadeFrames: Int) {
        voices.follow(old.pointee.voices)
        for index in 0..<onceCount where moves.once[index] >= 0 {
            swap(&onceBoxes[index], &old.pointee.onceBoxes[Int(moves.once[index])])
        }
        for g in 0..<voices.groupCount {
            for index in 0..<voiceCount where moves.voice[index] >= 0 {
                let place = g * old.pointee.voiceCount + Int(moves.voice[index])
                swap(&voiceBoxes[g * voiceCount + index], &old.pointee.voiceBoxes[place])
            }
        }
        for index in 0..<params.count where moves.params[index] >= 0 {
            params.follow(index, old.pointee.params, Int(moves.params[index]))
        }
        for index in 2..<max(2, gateCount) where moves.gates[index - 2] >= 0 {
            gates[index] = old.pointee.gates[Int(moves.gates[index - 2])]
        }
        gates[1] = old.pointee.gates[1]
        for index in 0..<moves.memoryCount where moves.memories[index] >= 0 {
            memories[index] = old.pointee.memories[Int(moves.memories[index])]
        }
        tables.pointee.controls.succeed(old.pointee.tables.pointee.controls)
        unstarted = old.pointee.unstarted
        if !unstarted { startOnce(.all, where: moves.once) }
        for g in 0..<voices.groupCount { startVoices(of: g, where: moves.voice) }
        epoch = old.pointee.epoch
        onceMuted = old.pointee.onceMuted
        peak = old.pointee.peak
        quiet = 0
        isIdle = false
        level = old.pointee.level
        level.move(to: goalLevel, frames: fadeFrames)
        fade.start(frames: fadeFrames)
    }

    /// Starts what is new among the modules that run once.
    private mutating func startOnce(_ lanes: LaneMask, where old: UnsafeMutablePointer<Int32>) {
        for index in 0..<onceCount where old[index] < 0 {
            let seeds = SIMD16<UInt32>(repeating: onceSeeds[index])
            onceBoxes[index]._withUnsafeGuaranteedRef { $0.start(lanes, seeds: seeds) }
        }
    }

    /// Starts what is new among a group's modules, in the lanes that sound.
    private mutating func startVoices(of g: Int, where old: UnsafeMutablePointer<Int32>) {
        let used = voices.groups[g].used
        guard !used.isEmpty else { return }
        for index in 0..<voiceCount where old[index] < 0 {
            let seeds = scrambled(voices.groups[g].seeds ^ SIMD16(repeating: voiceSeeds[index]))
            voiceBoxes[g * voiceCount + index]._withUnsafeGuaranteedRef { $0.start(used, seeds: seeds) }
        }
    }
}

/// How far an edit has come into effect.
struct EditFade: BitwiseCopyable {
    /// Whether it moves in this piece.
    private(set) var moves = false
    private var done = 0
    private var length = 0

    /// Whether nothing fades.
    var isSettled: Bool { done >= length }

    mutating func start(frames: Int) {
        done = 0
        length = frames
    }

    /// Advances by `frames` frames, whose gains of the new it writes to `gains` while it moves.
    mutating func advance(_ frames: Int, _ gains: UnsafeMutablePointer<Float>) {
        moves = !isSettled
        guard moves else { return }
        for n in 0..<frames { gains[n] = min(1, Float(done + n + 1) / Float(length)) }
        done += frames
    }
}
