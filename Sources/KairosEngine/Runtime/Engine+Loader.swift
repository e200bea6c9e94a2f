public import KairosCompiler
import KairosControl
import Synchronization

// Instances and rigs, for the loader.
extension Engine {
    /// Sends a ready instance to the standby pool. False where too many instances exist: the ring on which it comes back
    /// might have no room. [loader]
    package func deliver(_ instance: PatchInstance) -> Bool {
        guard let handoff = handoff(of: instance) else { return false }
        send(.instance(handoff))
        return true
    }

    /// Sends an instance that succeeds the instance `id` where that plays, with the state that it transfers. `settles`
    /// is true where a transition has ended. False where too many instances exist. [loader]
    package func deliver(
        _ instance: PatchInstance, succeeding id: Int, at place: InstancePlace, settles: Bool
    ) -> Bool {
        guard let handoff = handoff(of: instance) else { return false }
        send(.successor(handoff, id: id, place: place, settles: settles))
        return true
    }

    /// Sends a message to the audio thread. There is room: the number of instances is limited, and there is one message
    /// for each, one for its return, and one rig at a time.
    private func send(_ message: consuming LoaderMessage) {
        var message = Optional(message)
        messages.push(from: &message)
    }

    /// A new reference to an instance; nil where too many instances exist.
    private func handoff(of instance: PatchInstance) -> InstanceHandoff? {
        guard live.load(ordering: .relaxed) < Engine.instanceLimit else { return nil }
        live.add(1, ordering: .relaxed)
        return InstanceHandoff(
            instance: Unmanaged.passRetained(instance), core: instance.core,
            sound: SoundID(instance.sound), version: Int32(truncatingIfNeeded: instance.version),
            transfer: instance.transfer)
    }

    /// The instance that plays at a place, or nil. [any]
    package func instance(at place: InstancePlace) -> PublishedInstance? {
        meters.pointee.instance(at: place)
    }

    /// Sets the version of a sound whose instances may start to play. [loader]
    package func setVersion(_ sound: Int, _ version: Int) { standby.pointee.setVersion(version, of: sound) }

    /// Announces edits, once their versions are set. [loader]
    package func noteEdits(_ count: Int) { standby.pointee.edits.store(count, ordering: .releasing) }

    /// An instance that has come back, or nil. [loader]
    package func reclaim() -> PatchInstance? {
        guard let handoff = retired.pop() else { return nil }
        live.subtract(1, ordering: .relaxed)
        return handoff.instance.takeRetainedValue()
    }

    /// Requests an instance of a sound back from the standby pool. [loader]
    package func withdraw(_ sound: Int) { send(.withdraw(SoundID(sound))) }

    /// The number of instances of a sound that have ever left the standby pool. [loader]
    package func taken(_ sound: Int) -> Int { standby.pointee.taken[sound].load(ordering: .acquiring) }

    /// Sets the result of a sound's self-test: that it has failed, or its cost in nanoseconds per frame. [loader]
    package func setSelfTest(_ sound: Int, hasFailed: Bool, cost: Float) {
        standby.pointee.setCost(cost, of: sound)
        standby.pointee.failed[sound].store(hasFailed, ordering: .releasing)
    }

    /// The number of sounds that there is room for. [any]
    package var soundCapacity: Int { standby.pointee.count }

    // MARK: rigs

    /// The number of rigs that have replaced the first one. [any]
    public var rigChanges: Int { meters.pointee.entry(of: 0).generation }

    /// The rig that the audio thread has. It locks. [any]
    var activeRig: ActiveRig { rigs.withLock { $0.of(rigChanges) } }

    /// Requests that another rig replaces the present one while everything plays on. Sounds of the same patch and
    /// values keep their edits; entries are matched by their names. `masks` has the sources of each mapping for one
    /// device. The loader carries the request out; of several at once, the last one. It locks. [control]
    ///
    /// False, and nothing is done, where the rig has more sounds than there is room for.
    public func change(to rig: Rig, masks: [UInt64] = []) -> Bool {
        guard rig.sounds.count <= soundLimit else { return false }
        rigs.withLock { $0.pending = PendingRig(rig: rig, masks: masks) }
        return true
    }

    /// True where the audio thread plays the newest rig that was requested. It locks. [control]
    public var playsNewest: Bool {
        let generation = rigChanges
        return rigs.withLock { $0.isNewest(generation) }
    }

    /// The requested rig, until it is sent. [loader]
    package var pendingRig: PendingRig? { rigs.withLock { $0.pending } }

    /// Builds the tables of a rig and sends them to the audio thread, while no others are on their way. [loader]
    ///
    /// - Parameters:
    ///   - masks: For each mapping for one device, the sources that it applies to: bit n is source n.
    ///   - entries: For each entry of the rig before, its index in `rig`, or nil.
    ///   - successors: For each entry before, the entry that replaces it where it plays, because its layers have
    ///     changed, or nil.
    ///   - controls: For each control before, its index in `rig`, or nil.
    ///   - names: For each of the sixteen names of kept macros before, its index in `rig`, or nil.
    ///   - origins: For each row of `rig.actions`, the row before whose takeover state it continues, or nil.
    package func send(
        _ rig: Rig, masks: [UInt64], generation: Int, entries: [Int?], successors: [Int?],
        controls: [Int32?], names: [Int8?], origins: [Int32?]
    ) {
        let states = ControlStates(rig.mappings, masks: masks)
        let tables = RigTables(
            rig, sampleRate: sampleRate, states: states, generation: generation,
            indexMaps: RigIndexMaps(
                entries: entries, successors: successors, controls: controls, names: names),
            origins: origins)
        rigs.withLock {
            $0.coming = ActiveRig(rig: rig, states: states, generation: generation)
            $0.pending = nil
        }
        send(.rig(Box(tables)))
    }

    /// Frees the tables of the rig before, once another rig has replaced it. False where they have not come back.
    /// [loader]
    package func freeFormerTables() -> Bool {
        guard returned.pop() != nil else { return false }
        rigs.withLock {
            if let coming = $0.coming { $0.active = coming }
            $0.coming = nil
        }
        return true
    }
}

extension PatchInstance {
    /// The number of the rig that its controls and macros belong to. [loader], while it has the instance
    package var generation: Int { core.pointee.tables.pointee.generation }

    /// Exchanges its controls and macros with those that were prepared for the coming rig. [loader], while it has the
    /// instance
    package func adoptComingTables() { core.pointee.adoptComingTables() }
}
