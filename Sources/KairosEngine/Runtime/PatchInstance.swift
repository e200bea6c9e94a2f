import KairosCompiler
import KairosControl
import KairosDSP
import KairosPatch
import Synchronization

/// A compiled patch with its modules and memory: ready to sound, once.
///
/// The loader makes, resets and frees it; between, the audio thread has its core alone.
public final class PatchInstance {
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
    /// Its controls and macros in the present rig, and in the coming one.
    private let tables: Box<InstanceTables>
    private let coming: Box<InstanceTables>
    /// The state that it takes over from the instance that it follows; nil where it follows none.
    let transfer: UnsafePointer<StateTransfer>?
    /// The indices of ``transfer``.
    var moves: StateTransfer? { transfer?.pointee }
    /// True where it continues the state of the instance that it follows; false where that one rings on by itself.
    package var transfersState: Bool { transfer != nil }
    /// Where everything of it lies that the audio thread touches, its modules included.
    private let region: Region
    private let schedule: Schedule
    private let scratch: Scratch
    /// Bytes that it holds, its modules' delay lines included.
    public var memory: Int { region.size }

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
        schedule = plan
        let scratch = scratch ?? Scratch(for: [source])
        self.scratch = scratch
        let indices = before.map { StateIndices(from: $0.schedule, to: plan) }
        tables = Box(
            InstanceTables(
                controls: ControlTable(source.controls), macros: MacroTable(source.macros),
                generation: generation))
        coming = Box(InstanceTables(controls: ControlTable([]), macros: MacroTable([]), generation: 0))
        let id = id, tables = tables.pointer, coming = coming.pointer
        let (layout, region) = Arena.build { arena in
            let core = InstanceCore(
                source, sampleRate: sampleRate, scratch: scratch.places(of: plan),
                scale: source.compiled.tuning ?? tuning ?? .equal, id: id, tables: tables, coming: coming,
                arena: &arena)
            let transfer = indices.map { indices in
                let transfer = StateTransfer(indices, &arena)
                return UnsafePointer(arena.place([transfer]))
            }
            return (core: arena.place([core]), transfer: transfer)
        }
        self.region = region
        transfer = layout.transfer
        core = layout.core
        core.pointee.connect(plan)
    }

    /// Makes the controls and macros ready that it has in the rig to come. `places` says what each control of
    /// the surface is there, or −1.
    ///
    /// > Loader thread, while no other rig is on its way.
    package func prepare(_ sound: Sound, places: [Int32], generation: Int) {
        let controls = sound.controls
        core.pointee.coming.pointee = InstanceTables(
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
