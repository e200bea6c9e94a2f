import KairosCompiler
import KairosControl
import KairosEngine

// The change to another rig, while everything plays on. [loader]
extension Loader {
    /// Ends a change once the audio thread has returned the tables of the rig before. Called before instances are taken
    /// back: those get the tables of the new rig.
    func finishRigChange() {
        if isRigUnderway, engine.freeFormerTables() { isRigUnderway = false }
    }

    /// Prepares the requested rig and sends it to the audio thread. Returns false if none is requested, or if there is
    /// no room for its sounds until others are silent.
    func changeRig() -> Bool {
        guard let pending = engine.pendingRig else { return false }
        let old = rig
        guard
            let rigChange = RigChange(
                from: old, engine.sounds.all, to: pending.rig, playing: playingEntries,
                taken: Set(sent.values.map(\.sound)), capacity: engine.soundCapacity)
        else { return false }
        let next = rigChange.rig
        engine.sounds.update(rigChange.new, mappings: next.mappings, keptMacros: next.keptMacros)
        beginStocks(rigChange.new.keys)
        let controls = Self.controlIndices(from: old.mappings, to: next.mappings)
        generation += 1
        prepareInstances(next, controls)
        let names = (0..<16).map { name -> Int8? in
            guard old.keptMacros.indices.contains(name) else { return nil }
            return next.keptMacros.prefix(16).firstIndex(of: old.keptMacros[name]).map { Int8($0) }
        }
        rig = next
        remap(rigChange.entries)
        isRigUnderway = true
        engine.send(
            next, masks: pending.masks, generation: generation, entries: rigChange.entries,
            successors: rigChange.successors, controls: controls, names: names,
            origins: ControlTable.origins(of: next.actions, in: old.actions, places: controls))
        return true
    }

    /// The entries that are active or pending.
    private var playingEntries: Set<Int> {
        var entries: Set<Int> = []
        for part in 0..<Engine.partCount {
            // Pending is read first: an entry that becomes active between the two readings is in one of them.
            let pending = engine.entries(of: part).pending
            entries.formUnion([pending, engine.entries(of: part).now].compactMap(\.self))
        }
        return entries
    }

    /// Begins an account for each sound that is new at its index.
    private func beginStocks(_ sounds: some Sequence<Int>) {
        while stocks.count < engine.sounds.count { stocks.append(SoundStock()) }
        for sound in sounds {
            stocks[sound].begin(version: engine.sounds.version(sound))
            engine.setVersion(sound, stocks[sound].version)
            engine.setSelfTest(sound, hasFailed: false, cost: 0)
        }
    }

    /// For each control of the mappings before, the index of the same control of the same mapping in the new ones, or
    /// nil.
    private static func controlIndices(from old: [Mapping], to new: [Mapping]) -> [Int32?] {
        let controls = ControlSurface.controls(new).all
        return ControlSurface.controls(old).all.map { control in
            var moved = control
            let mapping = old[Int(control.mapping)]
            guard
                let index = new.firstIndex(where: { $0.name == mapping.name && $0.device == mapping.device })
            else { return nil }
            moved.mapping = UInt8(truncatingIfNeeded: index)
            return controls.firstIndex(of: moved).map { Int32($0) }
        }
    }

    /// Gives every instance the controls and macros that it has in the new rig: those in use as tables to adopt with
    /// the rig, the spare ones at once.
    private func prepareInstances(_ next: Rig, _ controls: [Int32?]) {
        func prepare(_ instance: PatchInstance) {
            let isCurrent = !instance.isTransition && instance.version == stocks[instance.sound].version
            let sound =
                isCurrent
                ? engine.sounds[instance.sound]
                : instance.source.with(mappings: next.mappings, keptMacros: next.keptMacros)
            instance.prepare(sound, places: controls, generation: generation)
        }
        for instance in sent.values { prepare(instance) }
        for instance in stocks.lazy.flatMap(\.spares) {
            prepare(instance)
            instance.adoptComingTables()
        }
    }
}
