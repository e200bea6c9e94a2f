import KairosCompiler
import KairosControl
import KairosDSP
import KairosPatch

/// What the audio thread knows of an instance: pointers into its region and numbers, nothing counted.
///
/// The region begins with what changes while it plays: ``state``, gates, memories, voices, parameters, then the
/// modules. That is all that ``save(into:)`` copies. Behind it lie tables that stay as they are and
/// buffers that hold nothing from one sub-block to the next.
struct InstanceCore {
    /// The program's.
    let id: Int
    let before: UnsafeBufferPointer<Step>
    let voiced: UnsafeBufferPointer<Step>
    let after: UnsafeBufferPointer<Step>
    /// What each module's step is handed, and the piece that they look at.
    let contexts: UnsafeMutablePointer<StepContext>
    let piece: UnsafeMutablePointer<SubBlock>
    let ports: UnsafeMutablePointer<Int32>
    let depths: UnsafeMutablePointer<Float>
    let cells: UnsafeMutablePointer<SignalCell>
    let gates: UnsafeMutablePointer<Gate>
    let gateCount: Int
    let memories: UnsafeMutablePointer<Float>
    let memoryCount: Int
    let keyCells: UnsafeMutablePointer<Int32>
    /// Where it computes: set before it is delivered.
    var scratch: Scratch.Places
    /// The loudest of each lane in each run of the piece.
    let peaks: UnsafeMutablePointer<Lanes>
    let onceBoxes: UnsafeMutablePointer<Unmanaged<ModuleBox>>
    let onceSeeds: UnsafeMutablePointer<UInt32>
    let onceCount: Int
    let voiceBoxes: UnsafeMutablePointer<Unmanaged<ModuleBox>>
    let voiceSeeds: UnsafeMutablePointer<UInt32>
    let voiceCount: Int
    /// What comes out, for one piece.
    let left: UnsafeMutablePointer<Float>
    let right: UnsafeMutablePointer<Float>
    /// The patch's level.
    let goalLevel: Float
    /// The pitch of each key, in semitones.
    let scale: UnsafeMutablePointer<Float>
    let soundsWithoutNotes: Bool
    let neverIdle: Bool
    let quietFrames: Int
    /// Its controls and macros in the present rig, and in the coming one. The patch instance owns them.
    let tables: UnsafeMutablePointer<InstanceTables>
    let coming: UnsafeMutablePointer<InstanceTables>
    /// What master effects are fed, for one piece.
    let inputLeft: UnsafeMutablePointer<Float>
    let inputRight: UnsafeMutablePointer<Float>
    /// Nanoseconds that each module took since they were last looked at.
    let nodeCosts: UnsafeMutablePointer<UInt32>
    let nodeCount: Int
    /// What changes, apart from what has a place of its own.
    let state: UnsafeMutablePointer<InstanceState>
    /// Bytes from ``state`` to the end of the last state that is not a module's.
    let engineBytes: Int
    /// Bytes of all modules, their buffers included.
    let moduleBytes: Int
    /// What the image of another instance must have to be loaded here.
    let fingerprint: UInt64
    /// Gains of what an edit brings, for each frame of the piece.
    let fadeGains: UnsafeMutablePointer<Float>
    /// Frames that hold a constant or nothing: where the cells of constants point.
    private let constants: UnsafeMutablePointer<Lanes>
    /// Whether each module is timed.
    var isTimed = false
    var params: ParamTable
    /// Its parameters by their keys, in order.
    let keys: UnsafeMutablePointer<ParamKey64>
    var voices: Voices
    /// Whether a lane's gain moves in this piece.
    var gainsMove = false
    /// Groups that ran in this piece.
    var soundingGroups = 0

    /// −140 dBFS.
    static let silence: Float = 1e-7
    /// −100 dBFS.
    static let laneSilence: Float = 1e-5
    static let runsPerPiece = SubBlock.longest / SubBlock.controlTick + 1

    /// An instance of `sound` in `arena`. It can be rendered after ``connect(_:)``. [loader]
    init(
        _ sound: Sound, sampleRate: Float, scratch: Scratch.Places, scale: Tuning, id: Int,
        tables: UnsafeMutablePointer<InstanceTables>, coming: UnsafeMutablePointer<InstanceTables>,
        arena: inout Arena
    ) {
        self.id = id
        self.scratch = scratch
        self.tables = tables
        self.coming = coming
        let plan = sound.compiled.schedule
        func frames(_ seconds: Float) -> Int { Int((seconds * sampleRate).rounded()) }
        quietFrames = frames(0.05)
        goalLevel = plan.patch.level
        soundsWithoutNotes = plan.soundsWithoutNotes
        neverIdle = plan.neverIdle || plan.soundsWithoutNotes
        gateCount = plan.gates.count + 2
        memoryCount = plan.memories.count
        nodeCount = plan.names.count
        onceCount = plan.onceBoxes.count
        voiceCount = plan.voiceBoxes.count
        fingerprint = plan.fingerprint(sampleRate: sampleRate)

        // What changes. Nothing may lie before it.
        let start = arena.bytes
        state = arena.place([InstanceState(level: ScalarRamp(goalLevel))])
        gates = arena.place(gateCount, repeating: .low)
        memories = arena.place(memoryCount, repeating: 0)
        let voicing = plan.patch.voicing
        voices = Voices(
            groups: plan.groups,
            voicing: .init(
                mode: voicing.mode, voices: voicing.mode == .poly ? voicing.voices : 1,
                unison: voicing.unison,
                unisonDetune: voicing.unisonDetune, glide: frames(voicing.glide),
                bendRange: voicing.bendRange,
                stealFade: frames(0.003), gate: plan.gated ? 0 : frames(0.005),
                laneGain: 1 / Float(voicing.unison).squareRoot()),
            seed: plan.seed, &arena)
        let states = ParamTable.Places(plan.params, sampleRate: sampleRate, &arena)
        engineBytes = arena.bytes - start
        let once = plan.onceBoxes.map { recipe in
            arena.module(of: plan.types[recipe.node], recipe.format(sampleRate, voice: false))
        }
        let voice = (0..<plan.groups).flatMap { _ in
            plan.voiceBoxes.map { recipe in
                arena.module(of: plan.types[recipe.node], recipe.format(sampleRate, voice: true))
            }
        }
        moduleBytes = arena.bytes - start - engineBytes

        // What stays as it is.
        onceBoxes = arena.boxes(once)
        voiceBoxes = arena.boxes(voice)
        onceSeeds = arena.place(plan.onceBoxes.map(\.seed))
        voiceSeeds = arena.place(plan.voiceBoxes.map(\.seed))
        var contextCount: Int32 = 0
        func bind(_ steps: [Step], _ arena: inout Arena) -> UnsafeBufferPointer<Step> {
            let bound = steps.map { step in
                var step = step
                step.context = contextCount
                contextCount += 1
                return step
            }
            return UnsafeBufferPointer(start: arena.place(bound), count: bound.count)
        }
        before = bind(plan.steps[0], &arena)
        voiced = bind(plan.steps[1], &arena)
        after = bind(plan.steps[2], &arena)
        contexts = arena.room(StepContext.self, Int(contextCount))
        ports = arena.place(plan.ports)
        depths = arena.place(plan.depths)
        cells = arena.room(SignalCell.self, plan.cells.count)
        constants = arena.place(
            plan.cells.map { if case .constant(let value) = $0 { Lanes(repeating: value) } else { .zero } })
        params = ParamTable(states, cells: cells)
        self.scale = arena.place(scale.pitches.map(Float.init))
        keyCells = arena.place(plan.keyCells)
        let keys = plan.params.enumerated().map {
            ParamKey64(key: ParamKeys.key($1.module, $1.symbol), index: Int32($0))
        }
        self.keys = arena.place(keys.sorted { $0.key < $1.key })

        // What holds nothing from one piece to the next.
        piece = arena.place([SubBlock(frames: 0, clock: 0, phase: 0)])
        peaks = arena.room(Lanes.self, Self.runsPerPiece)
        left = arena.room(Float.self, SubBlock.longest)
        right = arena.room(Float.self, SubBlock.longest)
        inputLeft = arena.room(Float.self, SubBlock.longest)
        inputRight = arena.room(Float.self, SubBlock.longest)
        fadeGains = arena.room(Float.self, SubBlock.longest)
        nodeCosts = arena.place(nodeCount, repeating: 0)
    }

    /// Lets steps and cells point at what they work on. Once, after the arena was placed. [loader]
    mutating func connect(_ plan: Schedule) {
        for steps in [before, voiced, after] {
            for step in steps {
                (contexts + Int(step.context)).initialize(
                    to: StepContext(
                        inlets: ports + Int(step.ports), outlets: ports + Int(step.outlets),
                        params: ports + Int(step.params), cells: cells, gates: gates, subBlock: piece,
                        atControlTicks: step.atControlTicks))
            }
        }
        for index in plan.cells.indices {
            (cells + index).initialize(to: SignalCell(base: constants + index, stride: 0))
        }
        params.connect()
        compute(in: scratch, plan)
    }

    /// Puts its blocks where `places` says. A block holds nothing from one piece to the next.
    mutating func compute(in places: Scratch.Places, _ plan: Schedule) {
        scratch = places
        for (index, storage) in plan.cells.enumerated() {
            guard case .block(let block) = storage else { continue }
            cells[index] = SignalCell(base: places.signals + block * SubBlock.longest, stride: 1)
        }
    }

    mutating func reset() {
        voices.reset()
        params.recall()
        for index in 0..<gateCount { gates[index] = .low }
        for index in 0..<onceCount { onceBoxes[index]._withUnsafeGuaranteedRef { $0.reset() } }
        for index in 0..<voiceCount * voices.groupCount {
            voiceBoxes[index]._withUnsafeGuaranteedRef { $0.reset() }
        }
        for index in 0..<memoryCount { memories[index] = 0 }
        state.pointee = InstanceState(level: ScalarRamp(goalLevel))
    }

    /// The longest it can be silent and still sound again, in frames.
    var gap: Int {
        var frames = 0
        for index in 0..<onceCount { frames += onceBoxes[index]._withUnsafeGuaranteedRef { $0.silenceGap } }
        for index in 0..<voiceCount { frames += voiceBoxes[index]._withUnsafeGuaranteedRef { $0.silenceGap } }
        return frames
    }
}

extension Schedule.BoxRecipe {
    /// What the module is made for: sixteen voices, or a bus.
    fileprivate func format(_ sampleRate: Float, voice: Bool) -> Format {
        guard voice else { return .bus(sampleRate: sampleRate, seed: seed) }
        return Format(sampleRate: sampleRate, lanes: 16, side: Lanes(repeating: side), seed: seed)
    }
}
