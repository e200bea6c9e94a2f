import KairosCompiler
import KairosControl
import KairosDSP
import KairosPatch

/// The part of a patch instance that the audio thread uses: tables in the instance's region, and numbers. It holds no
/// counted reference. [audio]
///
/// The region begins with what changes while the instance plays: ``state``, gates, memories, voices, parameters, then
/// the modules. ``InstanceImage`` copies that and nothing else. Behind it lie tables that do not change, and buffers
/// whose contents no later sub-block reads.
struct InstanceCore {
    /// Number of the patch instance; no two have the same.
    let id: Int

    // MARK: what changes and is saved

    /// Address of ``state``.
    let stateAddress: UnsafeMutablePointer<InstanceState>
    /// Gates: ``voiceGate``, ``patchGate``, then those without a connection.
    let gates: RegionTable<Gate>
    /// Last values of per-voice signals at the newest note (see ``Schedule/Memory``).
    let memories: RegionTable<Float>
    /// Voices.
    var voices: Voices
    /// Parameters.
    var params: ParamTable
    /// Boxes of the modules that run once.
    let onceBoxes: RegionTable<Unmanaged<ModuleBox>>
    /// Boxes of the modules that run per voice: those of the first voice group, then those of the next.
    let voiceBoxes: RegionTable<Unmanaged<ModuleBox>>
    /// Size in bytes from ``state`` to the end of the last state that is not a module's.
    let engineBytes: Int
    /// Size in bytes of all modules with their buffers.
    let moduleBytes: Int
    /// Hash of the layout: only an image with the same hash can be loaded.
    let fingerprint: UInt64

    // MARK: the schedule

    /// Steps that run once before the voices.
    let before: RegionTable<Step>
    /// Steps that run for each voice group.
    let voiced: RegionTable<Step>
    /// Steps that run once after the voices.
    let after: RegionTable<Step>
    /// The `newest` steps among ``voiced``.
    let newestSteps: RegionTable<Step>
    /// For each step, the locations of its ports.
    let contexts: RegionTable<StepContext>
    /// Address of ``subBlock``.
    private let subBlockAddress: UnsafeMutablePointer<SubBlock>
    /// Lists of cell indices that steps refer to by offset.
    let ports: RegionTable<Int32>
    /// Modulation depths that steps refer to by offset.
    let depths: RegionTable<Float>
    /// Cells: for each signal, where its values lie.
    let cells: RegionTable<SignalCell>
    /// The cell of each outlet of `keys`, in the order of ``KeysOutlet``; nil if nothing reads it.
    let keyCells: RegionTable<Int32?>
    /// Seeds of the modules that run once.
    let onceSeeds: RegionTable<UInt32>
    /// Seeds of the modules that run per voice, the same for each voice group.
    let voiceSeeds: RegionTable<UInt32>
    /// Number of boxes of one voice group.
    var voiceCount: Int { voiceSeeds.count }
    /// Number of nodes of the schedule.
    var nodeCount: Int { nodeCosts.count }
    /// Pitch of each key in semitones by the patch's scale; NaN for a key without a pitch.
    let scale: UnsafeMutablePointer<Float>
    /// Keys of the parameters with their indices, in ascending order.
    let keys: RegionTable<ParamKey64>
    /// The patch's level as an amplitude.
    let targetLevel: Float
    /// True if the patch may sound without a note.
    let soundsWithoutNotes: Bool
    /// True if a module moves by itself or the patch sounds without notes: rendering can never be skipped.
    let neverIdle: Bool
    /// Frames of silence, besides the modules' silence gaps, after which a voice has ended: 50 ms.
    let quietFrames: Int
    /// Vectors that the cells of constants refer to.
    private let constants: RegionTable<Lanes>

    // MARK: the rig

    /// Controls and macros of the patch. The patch instance owns them.
    let tables: UnsafeMutablePointer<InstanceTables>
    /// Controls and macros for the next rig.
    let coming: UnsafeMutablePointer<InstanceTables>

    // MARK: buffers

    /// Scratch memory, shared by all instances that one thread renders.
    var scratch: Scratch.Places
    /// Peak of each lane in each control segment of the sub-block.
    let peaks: RegionTable<Lanes>
    /// Output of the sub-block, 64 frames each.
    let left: UnsafeMutablePointer<Float>
    let right: UnsafeMutablePointer<Float>
    /// Input of master effects for the sub-block, 64 frames each.
    let inputLeft: UnsafeMutablePointer<Float>
    let inputRight: UnsafeMutablePointer<Float>
    /// Gains of the connections that a live edit added, for each frame of the sub-block.
    let fadeGains: UnsafeMutablePointer<Float>
    /// Time that each node took since it was last read, in nanoseconds.
    let nodeCosts: RegionTable<UInt32>
    /// True if ``nodeCosts`` are measured.
    var isTimed = false
    /// True if the gain of a lane changes during the sub-block.
    var gainsMove = false
    /// Number of voice groups that were rendered in the sub-block.
    var soundingGroups = 0

    /// Index of the gate of the voice group that is rendered.
    static let voiceGate = 0
    /// Index of the gate of the patch: high if any voice's is.
    static let patchGate = 1
    /// Number of gates before those without a connection.
    static let keysGates = 2
    /// Greatest number of control segments of a sub-block.
    static let segmentsPerSubBlock = SubBlock.longest / SubBlock.controlTick + 1

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
        let schedule = sound.compiled.schedule
        func frames(_ seconds: Float) -> Int { Int((seconds * sampleRate).rounded()) }
        quietFrames = frames(0.05)
        targetLevel = schedule.patch.level
        soundsWithoutNotes = schedule.soundsWithoutNotes
        neverIdle = schedule.neverIdle || schedule.soundsWithoutNotes
        fingerprint = InstanceImage.fingerprint(of: schedule, sampleRate: sampleRate)

        // The state that is saved. Nothing may lie before it.
        let start = arena.bytes
        stateAddress = arena.place([InstanceState(level: ScalarRamp(targetLevel))]).baseAddress
        gates = arena.place(Self.keysGates + schedule.gates.count, repeating: .low)
        memories = arena.place(schedule.memories.count, repeating: 0)
        voices = Voices(schedule, sampleRate: sampleRate, &arena)
        let states = ParamTable.Places(schedule.params, sampleRate: sampleRate, &arena)
        engineBytes = arena.bytes - start
        let once = schedule.onceBoxes.map { arena.module($0, of: schedule, sampleRate, voice: false) }
        let voice = (0..<schedule.groups).flatMap { _ in
            schedule.voiceBoxes.map { arena.module($0, of: schedule, sampleRate, voice: true) }
        }
        moduleBytes = arena.bytes - start - engineBytes

        // Tables that do not change.
        onceBoxes = arena.boxes(once)
        voiceBoxes = arena.boxes(voice)
        onceSeeds = arena.place(schedule.onceBoxes.map(\.seed))
        voiceSeeds = arena.place(schedule.voiceBoxes.map(\.seed))
        var contextCount: Int32 = 0
        func bind(_ steps: [Step], _ arena: inout Arena) -> RegionTable<Step> {
            arena.place(
                steps.map { step in
                    var step = step
                    step.context = contextCount
                    contextCount += 1
                    return step
                })
        }
        before = bind(schedule.steps[0], &arena)
        voiced = bind(schedule.steps[1], &arena)
        after = bind(schedule.steps[2], &arena)
        newestSteps = arena.place(
            schedule.steps[1].filter { if case .newest = $0.op { true } else { false } })
        contexts = arena.room(StepContext.self, Int(contextCount))
        ports = arena.place(schedule.ports)
        depths = arena.place(schedule.depths)
        cells = arena.room(SignalCell.self, schedule.cells.count)
        constants = arena.place(
            schedule.cells.map {
                if case .constant(let value) = $0 { Lanes(repeating: value) } else { .zero }
            })
        params = ParamTable(states, cells: cells)
        self.scale = arena.place(scale.pitches.map(Float.init)).baseAddress
        keyCells = arena.place(schedule.keyCells)
        let keys = schedule.params.enumerated().map {
            ParamKey64(key: ParamKeys.key($1.module, $1.symbol), index: Int32($0))
        }
        self.keys = arena.place(keys.sorted { $0.key < $1.key })

        // Buffers whose contents no later sub-block reads.
        subBlockAddress = arena.place([SubBlock(frames: 0, clock: 0, phase: 0)]).baseAddress
        peaks = arena.room(Lanes.self, Self.segmentsPerSubBlock)
        left = arena.room(Float.self, SubBlock.longest).baseAddress
        right = arena.room(Float.self, SubBlock.longest).baseAddress
        inputLeft = arena.room(Float.self, SubBlock.longest).baseAddress
        inputRight = arena.room(Float.self, SubBlock.longest).baseAddress
        fadeGains = arena.room(Float.self, SubBlock.longest).baseAddress
        nodeCosts = arena.place(schedule.names.count, repeating: 0)
    }

    /// State apart from voices, parameters, gates and modules.
    var state: InstanceState {
        @inline(__always) unsafeAddress { UnsafePointer(stateAddress) }
        @inline(__always) nonmutating unsafeMutableAddress { stateAddress }
    }

    /// The sub-block that is rendered. The steps read it here, which takes fewer instructions than an argument of each.
    var subBlock: SubBlock {
        @inline(__always) unsafeAddress { UnsafePointer(subBlockAddress) }
        @inline(__always) nonmutating unsafeMutableAddress { subBlockAddress }
    }

    /// Sets the addresses in contexts and cells. Once, after the arena was placed. [loader]
    mutating func connect(_ schedule: Schedule) {
        for steps in [before, voiced, after] {
            for index in steps.indices {
                let step = steps[index]
                (contexts.baseAddress + Int(step.context)).initialize(
                    to: StepContext(
                        inlets: ports.baseAddress + Int(step.ports),
                        outlets: ports.baseAddress + Int(step.outlets),
                        params: ports.baseAddress + Int(step.params), cells: cells.baseAddress,
                        gates: gates.baseAddress, subBlock: subBlockAddress,
                        atControlTicks: step.atControlTicks))
            }
        }
        for index in cells.indices {
            cells[index] = SignalCell(base: constants.baseAddress + index, stride: 0)
        }
        params.connect()
        compute(in: scratch, schedule)
    }

    /// Moves the buffers of the cells to another scratch. Nothing is copied: no later sub-block reads them. [loader]
    mutating func compute(in places: Scratch.Places, _ schedule: Schedule) {
        scratch = places
        for (index, storage) in schedule.cells.enumerated() {
            guard case .block(let block) = storage else { continue }
            cells[index] = SignalCell(base: places.signals + block * SubBlock.longest, stride: 1)
        }
    }

    /// Restores the state before the first note. [loader]
    mutating func reset() {
        voices.reset()
        params.recall()
        gates.fill(.low)
        for index in onceBoxes.indices { onceBoxes[index]._withUnsafeGuaranteedRef { $0.reset() } }
        for index in voiceBoxes.indices { voiceBoxes[index]._withUnsafeGuaranteedRef { $0.reset() } }
        memories.fill(0)
        state = InstanceState(level: ScalarRamp(targetLevel))
    }

    /// Releases the boxes. [loader]
    mutating func releaseBoxes() {
        for index in onceBoxes.indices { onceBoxes[index].release() }
        for index in voiceBoxes.indices { voiceBoxes[index].release() }
    }

    // MARK: values

    /// The index of a parameter by its key (see ``ParamKeys``), or nil.
    @inline(__always) func param(of key: UInt64) -> Int? { keys.index(of: key) }

    /// Sets every parameter to its value in another instance, and copies the state of its controls.
    mutating func keep(valuesOf old: UnsafeMutablePointer<InstanceCore>) {
        for place in keys.indices {
            let index = Int(keys[place].index)
            guard let before = old.pointee.param(of: keys[place].key) else { continue }
            let value = old.pointee.params.intent(before)
            if value != params.intent(index) { params.snap(index, to: value) }
        }
        tables.pointee.controls.succeed(old.pointee.tables.pointee.controls)
    }

    /// Exchanges the tables of controls and macros with those for the next rig. [audio], or [loader] while the loader
    /// has the instance
    func adoptComingTables() {
        coming.pointee.controls.inherit(tables.pointee.controls)
        swap(&tables.pointee, &coming.pointee)
    }

    /// The first node whose output was not finite since the last call, or nil.
    mutating func popFaultyModule() -> Int32? {
        guard let node = state.faultyModule else { return nil }
        state.faultyModule = nil
        return node
    }
}
