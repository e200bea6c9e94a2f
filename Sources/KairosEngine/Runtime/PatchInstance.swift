import KairosCompiler
import KairosControl
import KairosDSP
import KairosPatch
import Synchronization

/// A compiled patch with its modules and memory: ready to sound, once.
///
/// The loader makes, resets and frees it; between, the audio thread has it alone.
public final class PatchInstance: @unchecked Sendable {
    /// The sound it plays.
    public let sound: Int
    let core: UnsafeMutablePointer<InstanceCore>
    /// Which state of the sound it plays: the greater, the newer.
    package let version: Int
    /// Tells it from every other.
    package let id: Int
    /// The compiled patch that it came of.
    package let source: Sound
    /// Whether it only leads from one state of a sound to another, with connections that come and go.
    package let isTransition: Bool
    /// What its controls do.
    private var rows: [ControlTable.Row]
    /// What goes over into it from the program that it follows, where it follows one.
    package let moves: StateTransfer?
    private let arena: Arena
    private let schedule: Schedule
    private let scratch: Scratch
    /// Bytes that it holds, its modules' delay lines included.
    public let memory: Int

    /// Makes every module and all the memory. Nothing is allocated after it.
    ///
    /// It computes in `scratch`, or in one of its own. It can go on where `before` is, module by module.
    ///
    /// > Loader thread.
    public init(
        _ source: Sound, sampleRate: Float, sound: Int = 0, version: Int = 0, scratch: Scratch? = nil,
        tuning: Tuning? = nil, following before: PatchInstance? = nil,
        isTransition: Bool = false, generation: Int = 0
    ) {
        self.isTransition = isTransition
        self.sound = sound
        self.version = version
        self.source = source
        rows = source.controls
        id = Self.count.add(1, ordering: .relaxed).newValue
        let plan = source.compiled.schedule
        moves = before.map { StateTransfer(from: $0.schedule, to: plan) }
        schedule = plan
        let scratch = scratch ?? Scratch(for: [source])
        self.scratch = scratch
        var boxes: [ModuleBox] = []
        func make(_ recipe: Schedule.BoxRecipe, voice: Bool) {
            var format =
                voice
                ? Format.voices(sampleRate: sampleRate, seed: recipe.seed)
                : Format.bus(sampleRate: sampleRate, seed: recipe.seed)
            if voice, recipe.side != 0 {
                format = Format(
                    sampleRate: sampleRate, lanes: 16, side: Lanes(repeating: recipe.side), seed: recipe.seed)
            }
            boxes.append(plan.types[recipe.node].make(format))
        }
        for recipe in plan.onceBoxes { make(recipe, voice: false) }
        for _ in 0..<plan.groups { for recipe in plan.voiceBoxes { make(recipe, voice: true) } }
        let size = plan.programBytes
        memory = size + boxes.reduce(0) { $0 + $1.memory }
        var arena = Arena(size: size)
        core = .allocate(capacity: 1)
        core.initialize(
            to: InstanceCore(
                source, boxes: boxes, sampleRate: sampleRate, scratch: scratch.places(of: plan),
                scale: source.compiled.tuning ?? tuning ?? .equal, id: id, arena: &arena))
        core.pointee.generation = generation
        self.arena = arena
    }

    /// Makes the controls and macros ready that it has in the rig to come. `places` says what each control of
    /// the surface is there, or −1.
    ///
    /// > Loader thread, while no other rig is on its way.
    package func prepare(_ sound: Sound, places: [Int32], generation: Int) {
        let coming = core.pointee.coming
        coming.pointee.free()
        let controls = sound.controls
        coming.pointee = ComingTables(
            controls: ControlTable(
                controls, origins: ControlTable.origins(of: controls, in: rows, places: places)),
            macros: MacroTable(sound.macros), generation: generation)
        rows = controls
    }

    private static let count = Atomic<Int>(0)

    deinit {
        // Whichever they are by now: those of a program that followed this one, or its own.
        for index in 0..<core.pointee.onceCount { core.pointee.onceBoxes[index].release() }
        for index in 0..<core.pointee.voiceCount * core.pointee.voices.groupCount {
            core.pointee.voiceBoxes[index].release()
        }
        moves?.free()
        core.pointee.controls.free()
        core.pointee.macros.free()
        core.pointee.coming.pointee.free()
        core.pointee.coming.deallocate()
        core.deinitialize(count: 1)
        core.deallocate()
        arena.free()
    }

    /// Makes it as good as new, for the standby pool.
    ///
    /// > Loader thread.
    public func reset() { core.pointee.reset() }

    /// Lets it compute in another scratch while `body` runs.
    ///
    /// > Loader thread, while no other has it.
    func computing<Result>(in other: Scratch, _ body: () -> Result) -> Result {
        core.pointee.compute(in: other.places(of: schedule), schedule)
        defer { core.pointee.compute(in: scratch.places(of: schedule), schedule) }
        return body()
    }
}

/// What the audio thread knows of a program: pointers and numbers, nothing counted.
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
    /// The patch's level, and the amplitude at the output on its way there.
    let goalLevel: Float
    var level: ScalarRamp
    /// How far connections have come or gone that an edit added or took away.
    var fade: EditFade
    /// The pitch of each key, in semitones.
    let scale: UnsafeMutablePointer<Float>
    let soundsWithoutNotes: Bool
    let neverIdle: Bool
    let quietFrames: Int
    var controls: ControlTable
    var macros: MacroTable
    /// Of the rig to come.
    let coming: UnsafeMutablePointer<ComingTables>
    /// Which rig its controls are for.
    var generation = 0
    /// What master effects are fed, for one piece.
    let inputLeft: UnsafeMutablePointer<Float>
    let inputRight: UnsafeMutablePointer<Float>
    /// Nanoseconds that each module took since they were last looked at.
    let nodeCosts: UnsafeMutablePointer<UInt32>
    let nodeCount: Int
    /// Whether each module is timed.
    var isTimed = false
    var params: ParamTable
    /// Its parameters by their keys, in order.
    let keys: UnsafeMutablePointer<ParamKey64>
    var voices: Voices
    /// The engine's frame at which its entry first became active in its part.
    var epoch = 0
    /// Run-once modules are started before the first piece.
    var unstarted = true
    /// Lanes of run-once modules that made something not finite.
    var onceMuted = LaneMask.none
    /// The step that first made something not finite: its node, or −1.
    var faultyModule: Int32 = -1
    var peak: Float = 0
    /// Grid steps in a row in which the output was under −140 dBFS.
    var quiet = 0
    /// Nothing sounds, nothing will, nothing moves: until something happens, rendering would change nothing.
    var isIdle = false
    /// Whether a lane's gain moves in this piece.
    var gainsMove = false
    /// Groups that ran in this piece.
    var soundingGroups = 0

    /// −140 dBFS.
    static let silence: Float = 1e-7
    /// −100 dBFS.
    static let laneSilence: Float = 1e-5
    static let runsPerPiece = SubBlock.longest / SubBlock.controlTick + 1

    init(
        _ sound: Sound, boxes: [ModuleBox], sampleRate: Float, scratch: Scratch.Places, scale: Tuning,
        id: Int, arena: inout Arena
    ) {
        self.id = id
        let plan = sound.compiled.schedule
        self.scratch = scratch
        controls = ControlTable(sound.controls)
        macros = MacroTable(sound.macros)
        coming = .allocate(capacity: 1)
        coming.initialize(
            to: ComingTables(controls: ControlTable([]), macros: MacroTable([]), generation: 0))
        func copy<T>(_ values: [T], _ arena: inout Arena) -> UnsafeMutablePointer<T> {
            let memory = arena.allocate(T.self, values.count)
            memory.initialize(from: values, count: values.count)
            return memory
        }
        var bound: [Step] = []
        func bind(_ steps: [Step], _ arena: inout Arena) -> UnsafeBufferPointer<Step> {
            let numbered = steps.map { step in
                var step = step
                step.context = Int32(bound.count)
                bound.append(step)
                return step
            }
            return UnsafeBufferPointer(start: copy(numbered, &arena), count: numbered.count)
        }
        before = bind(plan.steps[0], &arena)
        voiced = bind(plan.steps[1], &arena)
        after = bind(plan.steps[2], &arena)
        ports = copy(plan.ports, &arena)
        depths = copy(plan.depths, &arena)
        cells = arena.allocate(SignalCell.self, plan.cells.count)
        gateCount = plan.gates.count + 2
        gates = copy(Array(repeating: Gate.low, count: gateCount), &arena)
        piece = copy([SubBlock(frames: 0, clock: 0, phase: 0)], &arena)
        contexts = arena.allocate(StepContext.self, bound.count)
        for (index, step) in bound.enumerated() {
            (contexts + index).initialize(
                to: StepContext(
                    inlets: ports + Int(step.ports), outlets: ports + Int(step.outlets),
                    params: ports + Int(step.params), cells: cells, gates: gates, subBlock: piece,
                    atControlTicks: step.atControlTicks))
        }
        memories = arena.allocate(Float.self, plan.memories.count)
        self.scale = copy(scale.pitches.map(Float.init), &arena)
        keyCells = copy(plan.keyCells, &arena)
        peaks = arena.allocate(Lanes.self, Self.runsPerPiece)
        let unmanaged = boxes.map { Unmanaged.passRetained($0) }
        onceCount = plan.onceBoxes.count
        onceBoxes = copy(Array(unmanaged[..<onceCount]), &arena)
        onceSeeds = copy(plan.onceBoxes.map(\.seed), &arena)
        voiceCount = plan.voiceBoxes.count
        voiceBoxes = copy(Array(unmanaged[onceCount...]), &arena)
        voiceSeeds = copy(plan.voiceBoxes.map(\.seed), &arena)
        left = arena.allocate(Float.self, SubBlock.longest)
        right = arena.allocate(Float.self, SubBlock.longest)
        inputLeft = arena.allocate(Float.self, SubBlock.longest)
        inputRight = arena.allocate(Float.self, SubBlock.longest)
        nodeCount = plan.names.count
        nodeCosts = copy(Array(repeating: 0, count: nodeCount), &arena)
        let voicing = plan.patch.voicing
        func frames(_ seconds: Float) -> Int { Int((seconds * sampleRate).rounded()) }
        let groups = copy(Array(repeating: Group(), count: plan.groups), &arena)
        voices = Voices(
            groups, count: plan.groups,
            voicing: .init(
                mode: voicing.mode, voices: voicing.mode == .poly ? voicing.voices : 1,
                unison: voicing.unison,
                unisonDetune: voicing.unisonDetune, glide: frames(voicing.glide),
                bendRange: voicing.bendRange,
                stealFade: frames(0.003), gate: plan.gated ? 0 : frames(0.005),
                laneGain: 1 / Float(voicing.unison).squareRoot()),
            seed: plan.seed)
        quietFrames = frames(0.05)
        goalLevel = plan.patch.level
        level = ScalarRamp(goalLevel)
        fade = EditFade(arena.allocate(Float.self, SubBlock.longest))
        soundsWithoutNotes = plan.soundsWithoutNotes
        neverIdle = plan.neverIdle || plan.soundsWithoutNotes
        let idle = arena.allocate(Lanes.self, plan.cells.count)
        for (index, storage) in plan.cells.enumerated() {
            if case .constant(let value) = storage { idle[index] = Lanes(repeating: value) }
            cells[index] = SignalCell(base: idle + index, stride: 0)
        }
        let keys = plan.params.enumerated().map {
            ParamKey64(key: ParamKeys.key($1.module, $1.symbol), index: Int32($0))
        }
        self.keys = copy(keys.sorted { $0.key < $1.key }, &arena)
        params = ParamTable(plan.params, sampleRate: sampleRate, cells: cells, arena: &arena)
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
        unstarted = true
        onceMuted = .none
        level = ScalarRamp(goalLevel)
        fade.settle()
        faultyModule = -1
        peak = 0
        quiet = 0
        isIdle = false
    }

    /// The longest it can be silent and still sound again, in frames.
    var gap: Int {
        var frames = 0
        for index in 0..<onceCount { frames += onceBoxes[index]._withUnsafeGuaranteedRef { $0.silenceGap } }
        for index in 0..<voiceCount { frames += voiceBoxes[index]._withUnsafeGuaranteedRef { $0.silenceGap } }
        return frames
    }
}
