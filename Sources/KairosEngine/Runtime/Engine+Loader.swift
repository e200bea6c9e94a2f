import KairosCompiler
import KairosControl

// Places and tables that the loader needs to know by number.
extension Engine {
    /// The number of slots.
    package static var slotCount: Int { EngineCore.slotCount }

    /// The number of parts in `multi` mode.
    package static var partCount: Int { EngineCore.partCount }

    /// What stands for the master effects in place of the number of a slot.
    package static var masterEffectsSlot: Int16 { MasterEffects.slot }

    /// Builds the tables of a rig and sends them to the audio thread. [loader] While no other is on its way.
    ///
    /// - Parameters:
    ///   - masks: Which sources each mapping for one device is for: bit n is source n.
    ///   - entries: For each entry of the rig before, its index in `rig`; −1 if it is gone.
    ///   - successors: For each entry before, the entry that takes over where it plays, because its layers
    ///     have changed; −1 for none.
    ///   - controls: For each control before, its index in `rig`; −1 if it is gone.
    ///   - names: For each of the sixteen kept macros before, its index in `rig`; −1 if it is gone.
    ///   - origins: For each row of `rig.actions`, the row before whose takeover state it continues; −1 for
    ///     none.
    package func send(
        _ rig: Rig, masks: [UInt64], generation: Int, entries: [Int], successors: [Int], controls: [Int32],
        names: [Int8], origins: [Int32]
    ) {
        let board = ControlBoard(ControlStates(rig.mappings, masks: masks))
        let tables = UnsafeMutablePointer<RigTables>.allocate(capacity: 1)
        tables.initialize(
            to: RigTables(
                rig, sampleRate: sampleRate, states: board.states, generation: generation,
                passage: RigIndexMaps(
                    entries: entries, successors: successors, controls: controls, names: names),
                origins: origins))
        send(ActiveRig(rig: rig, board: board, generation: generation), tables)
    }
}

extension PatchInstance {
    /// The number of the rig that its controls and macros are of. [loader] While it has the instance.
    package var generation: Int { core.pointee.generation }

    /// Replaces its controls and macros by those that were prepared. [loader] While it has the instance.
    package func takeUp() { core.pointee.takeUp() }
}
