import KairosControl

/// The controls and macros of one patch instance in one rig.
///
/// An instance has two: those in use, and those for the coming rig. The loader writes the latter while no rig is on
/// its way; the audio thread exchanges the two; the loader frees both.
struct InstanceTables: ~Copyable, Sendable {
    var controls: ControlTable
    var macros: MacroTable
    /// The number of the rig.
    let generation: Int
}
