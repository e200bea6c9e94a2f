import KairosCompiler
import KairosControl
import KairosDSP

/// A rig as flat tables. The loader makes them; the audio thread exchanges them with its own and returns those of the
/// rig before, which the loader frees.
struct RigTables: ~Copyable, Sendable {
    /// The number of the rig, counted from the first one, 0.
    let generation: Int
    var entries: EntryList
    var map: ControllerMap
    var keyboards: KeyboardRules
    /// The sound of the master effects, or nil.
    let masterSound: SoundID?
    /// Beats in a bar.
    let meter: Int
    /// The indices of the rig before in this one; empty for the first rig.
    let indexMaps: RigIndexMaps

    /// Creates the tables of `rig`. `origins` are the rows of the previous actions that its own rows continue. [loader]
    init(
        _ rig: Rig, sampleRate: Double, states: ControlStates, generation: Int = 0,
        indexMaps: consuming RigIndexMaps = RigIndexMaps(), origins: [Int32?] = []
    ) {
        self.generation = generation
        entries = EntryList(rig, sampleRate: sampleRate)
        map = ControllerMap(rig, states, origins: origins)
        keyboards = KeyboardRules(rig.mappings, states)
        masterSound = rig.master.map { SoundID($0) }
        meter = max(1, rig.meter)
        self.indexMaps = indexMaps
    }
}
