import KairosControl

/// The controls and macros of one patch instance for the coming rig; after the exchange, those of the rig before.
///
/// The loader writes them while no rig is on its way to the audio thread, which exchanges them.
struct ComingTables: @unchecked Sendable {
    var controls: ControlTable
    var macros: MacroTable
    var generation: Int

    func free() {
        controls.free()
        macros.free()
    }
}
