import KairosCompiler
import KairosControl
import KairosDSP

/// A rig as the audio thread knows it. The loader makes it, and the audio thread exchanges its parts with its own;
/// then the loader frees what was there before.
struct RigTables: ~Copyable, Sendable {
    /// Which of all rigs it is, from 0.
    let generation: Int
    var entries: EntryList
    var map: ControllerMap
    var keyboards: KeyboardRules
    /// The sound of the master effects, or nil.
    let masterSound: SoundID?
    /// Beats in a bar.
    let meter: Int
    /// The way from the rig before; empty for the first.
    let indexMaps: RigIndexMaps

    /// The tables of `rig`. `origins` are the rows of the actions before that its own rows continue. [loader]
    init(
        _ rig: Rig, sampleRate: Double, states: ControlStates, generation: Int = 0,
        indexMaps: consuming RigIndexMaps = RigIndexMaps(), origins: [Int32] = []
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
