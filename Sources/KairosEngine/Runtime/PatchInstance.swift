public import KairosCompiler
public import KairosControl
import KairosDSP
import KairosPatch
import Synchronization

/// Patch instance: a schedule with its modules' state and memory, ready to sound, once.
///
/// The loader makes, resets and frees it. In between, one thread at a time has it: the audio thread while it plays.
public final class PatchInstance {
    /// Index of the sound that it plays.
    public let sound: Int
    /// The part that the audio thread uses.
    let core: Reference<InstanceCore>
    /// Version of the sound that it plays: the greater, the newer.
    package let version: Int
    /// Number of the instance; no two have the same.
    package let id: Int
    /// The sound that it was made from.
    package let source: Sound
    /// True for the temporary instance that has both the old and the new connections during the crossfade of a live edit.
    package let isTransition: Bool
    /// Rows of its control table.
    private var rows: [ControlTable.Row]
    /// Its controls and macros in the present rig, and in the coming one.
    private let tables: Box<InstanceTables>
    private let coming: Box<InstanceTables>
    /// State that it takes over from the instance that it replaces; nil if it replaces none, or if that one rings on by
    /// itself.
    let transfer: Reference<StateTransfer>?
    /// True if it takes over state.
    package var transfersState: Bool { transfer != nil }
    /// Memory that the audio thread uses, with that of the modules.
    private let region: Region
    private let schedule: Schedule
    private let scratch: Scratch
    /// Size of its memory in bytes, with the modules' delay lines.
    public var memory: Int { region.size }

    /// An instance of `source` with all its memory: nothing is allocated later. [loader]
    ///
    /// It renders in `scratch`, or in one of its own. It can take over the state of `before`, module by module.
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
        let schedule = source.compiled.schedule
        self.schedule = schedule
        let scratch = scratch ?? Scratch(for: [source])
        self.scratch = scratch
        let indices = before.map { StateIndices(from: $0.schedule, to: schedule) }
        tables = Box(
            InstanceTables(
                controls: ControlTable(source.controls), macros: MacroTable(source.macros),
                generation: generation))
        coming = Box(InstanceTables(controls: ControlTable([]), macros: MacroTable([]), generation: 0))
        let id = id, tables = tables.reference, coming = coming.reference
        let (layout, region) = Arena.build { arena in
            let core = InstanceCore(
                source, sampleRate: sampleRate, scratch: scratch.places(of: schedule),
                scale: source.compiled.tuning ?? tuning ?? .equal, id: id, tables: tables, coming: coming,
                arena: &arena)
            return (
                core: arena.reference(to: core),
                transfer: indices.map { indices in
                    let transfer = StateTransfer(indices, &arena)
                    return arena.reference(to: transfer)
                }
            )
        }
        self.region = region
        transfer = layout.transfer
        core = layout.core
        core.pointee.connect(schedule)
    }

    /// Prepares its controls and macros for the next rig. For each old control of the surface, `places` is its new index,
    /// or nil if it is gone. [loader], while no other rig is pending
    package func prepare(_ sound: Sound, places: [Int32?], generation: Int) {
        let controls = sound.controls
        core.pointee.coming.pointee = InstanceTables(
            controls: ControlTable(
                controls, origins: ControlTable.origins(of: controls, in: rows, places: places)),
            macros: MacroTable(sound.macros), generation: generation)
        rows = controls
    }

    private static let count = Atomic<Int>(0)

    deinit {
        // After a live edit, some boxes are those of the instance that replaced this one.
        core.pointee.modules.releaseBoxes()
    }

    /// Restores the state before the first note, for the standby pool. [loader]
    public func reset() { core.pointee.reset() }

    /// Moves its buffers to another scratch while `body` runs. [loader], while no other thread has it
    func computing<Result>(in other: Scratch, _ body: () -> Result) -> Result {
        core.pointee.compute(in: other.places(of: schedule), schedule)
        defer { core.pointee.compute(in: scratch.places(of: schedule), schedule) }
        return body()
    }

    /// Size of an image of the state in bytes. [any]
    public var imageBytes: Int { InstanceImage.bytes(of: &core.pointee) }

    /// Copies the state of the playing instance to `image`, which has at least ``imageBytes`` bytes: voices, parameters,
    /// and the state of the modules with delay lines. The image holds no address: the same build of Kairos can load it
    /// in another process too.
    ///
    /// Nothing is allocated. Between two blocks of the thread that renders the instance. [audio]
    public func save(into image: UnsafeMutableRawBufferPointer) {
        InstanceImage.save(&core.pointee, into: image)
    }

    /// Sets the state to that of `image`: the output continues bit for bit. False, and nothing has changed, if the image
    /// is of another patch, sample rate or polyphony.
    ///
    /// Nothing is allocated. Between two blocks of the thread that renders the instance. [audio]
    public func load(from image: UnsafeRawBufferPointer) -> Bool {
        InstanceImage.load(image, into: &core.pointee)
    }
}
