/// The rig that plays, the one on its way to the audio thread, and the one that was requested after it.
struct Rigs: Sendable {
    var active: ActiveRig
    var coming: ActiveRig?
    var pending: PendingRig?

    /// The rig with a number: the coming one where the number is its own, else the active one.
    func of(_ generation: Int) -> ActiveRig {
        if let coming, coming.generation == generation { return coming }
        return active
    }

    /// True where the rig with a number is the newest one that was requested.
    func isNewest(_ generation: Int) -> Bool {
        pending == nil && (coming.map { $0.generation == generation } ?? true)
    }
}
