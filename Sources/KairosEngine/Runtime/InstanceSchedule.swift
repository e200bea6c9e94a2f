import KairosCompiler
import KairosControl
import KairosDSP
import KairosPatch

/// The schedule of a patch instance in its region: tables and numbers that do not change while it plays. A plain record.
struct InstanceSchedule: BitwiseCopyable {
    /// Steps that run once before the voices.
    let before: RegionTable<Step>
    /// Steps that run for each voice group.
    let voiced: RegionTable<Step>
    /// Steps that run once after the voices.
    let after: RegionTable<Step>
    /// The note stages, which are not rendered.
    let noteStages: RegionTable<Step>
    /// The `newest` steps among ``voiced``.
    let newestSteps: RegionTable<Step>
    /// For each step, the locations of its ports.
    let contexts: RegionTable<StepContext>
    /// Lists of cell indices that steps refer to by offset.
    let ports: RegionTable<Int32>
    /// Modulation depths that steps refer to by offset.
    let depths: RegionTable<Float>
    /// Cells: for each signal, the location of its values.
    let cells: RegionTable<SignalCell>
    /// For each cell, the length of the note value that a parameter there is set to; nil for all others.
    let periods: RegionTable<BeatPeriod?>
    /// The outlets of `keys`.
    let keyOutlets: KeyOutlets
    /// Vectors that the cells of constants refer to.
    private let constants: RegionTable<Lanes>
    /// Seeds of the modules that run once.
    let onceSeeds: RegionTable<UInt32>
    /// Seeds of the modules that run per voice, the same for each voice group.
    let voiceSeeds: RegionTable<UInt32>
    /// Keys of the parameters with their indices, in ascending order.
    let keys: RegionTable<ParamKey64>
    /// Pitch of each key in semitones by the patch's scale; nil for a key without a pitch.
    let scale: RegionTable<Float?>
    /// The patch's level as an amplitude.
    let targetLevel: Float
    /// True if the patch may sound without a note.
    let soundsWithoutNotes: Bool
    /// True if a module moves by itself or the patch sounds without notes: rendering can never be skipped.
    let neverIdle: Bool
    /// Frames of silence, besides the modules' silence gaps, after which a voice has ended: 50 ms.
    let quietFrames: Int

    /// Number of boxes of one voice group.
    var voiceCount: Int { voiceSeeds.count }

    /// The tables of `schedule`, placed in `arena`. [loader]
    init(_ schedule: Schedule, sampleRate: Float, scale: Tuning, _ arena: inout Arena) {
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
        noteStages = bind(schedule.noteStages, &arena)
        newestSteps = arena.place(
            schedule.steps[1].filter { if case .newest = $0.op { true } else { false } })
        contexts = arena.room(StepContext.self, Int(contextCount))
        ports = arena.place(schedule.ports)
        depths = arena.place(schedule.depths)
        cells = arena.room(SignalCell.self, schedule.cells.count)
        periods = arena.place(schedule.cells.count, repeating: nil)
        constants = arena.place(
            schedule.cells.map {
                if case .constant(let value) = $0 { Lanes(repeating: value) } else { .zero }
            })
        self.scale = arena.place(scale.pitches.map { $0.map(Float.init) })
        keyOutlets = KeyOutlets(schedule, cells: cells, &arena)
        let keys = schedule.params.enumerated().map {
            ParamKey64(key: ParamKeys.key($1.module, $1.symbol), index: Int32($0))
        }
        self.keys = arena.place(keys.sorted { $0.key < $1.key })
        targetLevel = schedule.patch.level
        soundsWithoutNotes = schedule.soundsWithoutNotes
        neverIdle = schedule.neverIdle || schedule.soundsWithoutNotes
        quietFrames = Int((0.05 * sampleRate).rounded())
    }

    /// Sets the addresses in contexts and cells. Once, after the arena was placed. [loader]
    func connect(gates: RegionTable<Gate>, subBlock: Reference<SubBlock>) {
        for steps in [before, voiced, after, noteStages] {
            for index in steps.indices {
                let step = steps[index]
                (contexts.baseAddress + Int(step.context)).initialize(
                    to: StepContext(
                        inlets: ports.baseAddress + Int(step.ports),
                        outlets: ports.baseAddress + Int(step.outlets),
                        params: ports.baseAddress + Int(step.params), cells: cells.baseAddress,
                        gates: gates.baseAddress, subBlock: subBlock.address,
                        atControlTicks: step.atControlTicks,
                        periods: periods.baseAddress))
            }
        }
        for index in cells.indices {
            cells[index] = SignalCell(base: constants.baseAddress + index, stride: 0)
        }
    }
}
