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
    /// Reference to ``state``.
    let stateReference: Reference<InstanceState>
    /// Gates: ``voiceGate``, ``patchGate``, then those without a connection.
    let gates: RegionTable<Gate>
    /// Last values of per-voice signals at the newest note (see ``Schedule/Memory``).
    let memories: RegionTable<Float>
    /// Modulation of the parameters that are read at note-on: for each latch, each voice group (see ``Schedule/Latch``).
    let latches: RegionTable<Lanes>
    /// Voices.
    var voices: Voices
    /// Parameters.
    var params: ParamTable
    /// Modules.
    let modules: InstanceModules
    /// Note stages.
    let stages: InstanceStages
    /// Sizes of the state that is saved.
    let layout: ImageLayout
    /// Steps, cells, and numbers of the patch.
    let schedule: InstanceSchedule
    /// Buffers.
    var buffers: InstanceBuffers
    /// Controls and macros of the patch. The patch instance owns them.
    let tables: Reference<InstanceTables>
    /// Controls and macros for the next rig.
    let coming: Reference<InstanceTables>
    /// Costs of the nodes.
    var timing: NodeTiming
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

    /// An instance of `sound` in `arena`. It can be rendered after ``connect(_:)``. [loader]
    init(
        _ sound: Sound, sampleRate: Float, scratch: Scratch.Places, scale: Tuning, id: Int,
        tables: Reference<InstanceTables>, coming: Reference<InstanceTables>,
        arena: inout Arena
    ) {
        self.id = id
        self.tables = tables
        self.coming = coming
        let schedule = sound.compiled.schedule

        // The state that is saved. Nothing may lie before it.
        let start = arena.bytes
        stateReference = arena.reference(to: InstanceState(level: ScalarRamp(schedule.patch.level)))
        gates = arena.place(Self.keysGates + schedule.gates.count, repeating: .low)
        memories = arena.place(schedule.memories.count, repeating: 0)
        latches = arena.place(schedule.latches.count * schedule.groups, repeating: .zero)
        voices = Voices(schedule, sampleRate: sampleRate, &arena)
        let states = ParamTable.Places(schedule.params, sampleRate: sampleRate, &arena)
        let stagePlaces = InstanceStages.Places(schedule, &arena)
        let engineBytes = arena.bytes - start
        let once = schedule.onceBoxes.map { arena.module($0, of: schedule, sampleRate, voice: false) }
        let voice = (0..<schedule.groups).flatMap { _ in
            schedule.voiceBoxes.map { arena.module($0, of: schedule, sampleRate, voice: true) }
        }
        layout = ImageLayout(
            engineBytes: engineBytes, moduleBytes: arena.bytes - start - engineBytes,
            fingerprint: InstanceImage.fingerprint(of: schedule, sampleRate: sampleRate))

        // Tables that do not change, and buffers.
        modules = InstanceModules(once: arena.boxes(once), voice: arena.boxes(voice))
        self.schedule = InstanceSchedule(schedule, sampleRate: sampleRate, scale: scale, &arena)
        params = ParamTable(states, cells: self.schedule.cells, periods: self.schedule.periods)
        stages = InstanceStages(stagePlaces, self.schedule, &arena)
        buffers = InstanceBuffers(scratch, &arena)
        timing = NodeTiming(nodeCosts: arena.place(schedule.names.count, repeating: 0))
    }

    /// State apart from voices, parameters, gates and modules.
    var state: InstanceState {
        @inline(__always) unsafeAddress { stateReference.constantAddress }
        @inline(__always) nonmutating unsafeMutableAddress { stateReference.address }
    }

    /// The sub-block that is rendered. The steps read it here, which takes fewer instructions than an argument of each.
    var subBlock: SubBlock {
        @inline(__always) unsafeAddress { buffers.subBlock.constantAddress }
        @inline(__always) nonmutating unsafeMutableAddress { buffers.subBlock.address }
    }

    /// Sets the addresses in contexts and cells. Once, after the arena was placed. [loader]
    mutating func connect(_ schedule: Schedule) {
        self.schedule.connect(gates: gates, subBlock: buffers.subBlock)
        params.connect()
        compute(in: buffers.scratch, schedule)
    }

    /// Moves the buffers of the cells to another scratch. Nothing is copied: no later sub-block reads them. [loader]
    mutating func compute(in places: Scratch.Places, _ schedule: Schedule) {
        buffers.scratch = places
        for (index, storage) in schedule.cells.enumerated() {
            guard case .block(let block) = storage else { continue }
            self.schedule.cells[index] = SignalCell(
                base: places.signals.suffix(fromBlock: block).base, stride: 1)
        }
    }

    /// Restores the state before the first note. [loader]
    mutating func reset() {
        voices.reset()
        params.recall()
        gates.fill(.low)
        modules.reset()
        stages.stop(modules)
        memories.fill(0)
        latches.fill(.zero)
        state = InstanceState(level: ScalarRamp(schedule.targetLevel))
    }

    /// Restarts the counts of random values: its patch becomes active again. [audio]
    mutating func rewind() {
        voices.rewind()
        stages.rewind(modules)
    }

    // MARK: values

    /// The index of a parameter by its key (see ``ParamKeys``), or nil.
    @inline(__always) func param(of key: UInt64) -> Int? { schedule.keys.index(of: key) }

    /// Sets every parameter to its value in another instance, and copies the state of its controls.
    mutating func keep(valuesOf old: Reference<InstanceCore>) {
        for place in schedule.keys.indices {
            let index = Int(schedule.keys[place].index)
            guard let before = old.pointee.param(of: schedule.keys[place].key) else { continue }
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
