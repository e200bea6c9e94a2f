import KairosCompiler

/// A rig and the states of its controls.
struct ActiveRig: Sendable {
    var rig: Rig
    var states: ControlStates
    var generation = 0
}

/// A rig that was requested and is not sent to the audio thread yet.
package struct PendingRig: Sendable {
    package var rig: Rig
    /// For each mapping for one device, the sources that it applies to: bit n is source n.
    package var masks: [UInt64]
}

/// The rig that plays, the one on its way, and the one that was requested after it.
struct Rigs: Sendable {
    var active: ActiveRig
    var coming: ActiveRig?
    var pending: PendingRig?

    /// The rig with this number: the one that the audio thread has.
    func of(_ generation: Int) -> ActiveRig {
        if let coming, coming.generation == generation { return coming }
        return active
    }

    /// True where the rig with this number is the newest one that was requested.
    func isNewest(_ generation: Int) -> Bool {
        pending == nil && (coming.map { $0.generation == generation } ?? true)
    }
}
