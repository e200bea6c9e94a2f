import KairosCompiler

/// What there is to play, and where its controls stand.
struct ActiveRig: Sendable {
    var rig: Rig
    var board: ControlBoard
    var generation = 0
}

/// A rig that was requested and is not handed to the audio thread yet.
package struct PendingRig: Sendable {
    package var rig: Rig
    /// Which sources each mapping for one device is for: bit n is source n.
    package var masks: [UInt64]
}

/// The rig that plays, the one on its way, and the one wished for after it.
struct Rigs: Sendable {
    var active: ActiveRig
    var coming: ActiveRig?
    var pending: PendingRig?

    /// The one that the audio thread says it has.
    func of(_ generation: Int) -> ActiveRig {
        if let coming, coming.generation == generation { return coming }
        return active
    }
}
