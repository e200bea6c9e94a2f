import KairosCompiler
import KairosControl
import KairosEngine

// How another rig takes over. The loader's thread.
extension Loader {
    /// What took over has sent back what was before: entries have one number again. What came back before that is
    /// taken back before the next is made ready.
    func acknowledge() {
        if isRenewing, engine.freeFormerTables() { isRenewing = false }
    }

    /// Makes ready what is wished for, and sends it. Whether it did.
    func renew() -> Bool {
        guard let pending = engine.pendingRig else { return false }
        let old = rig
        guard
            let rigChange = RigChange(
                from: old, engine.sounds.all, to: pending.rig, playing: playing,
                taken: Set(out.values.map(\.sound)), capacity: engine.soundCapacity)
        else { return false }
        let next = rigChange.rig
        engine.sounds.update(rigChange.new, mappings: next.mappings, keptMacros: next.keptMacros)
        renewPlaces(rigChange)
        let controls = Self.places(old.mappings, next.mappings)
        generation += 1
        renewPrograms(next, controls)
        let names = (0..<16).map { name -> Int8? in
            guard old.keptMacros.indices.contains(name) else { return nil }
            return next.keptMacros.prefix(16).firstIndex(of: old.keptMacros[name]).map { Int8($0) }
        }
        rig = next
        remap(rigChange.entries)
        isRenewing = true
        engine.send(
            next, masks: pending.masks, generation: generation,
            entries: rigChange.entries.map { $0 < 0 ? nil : $0 },
            successors: rigChange.successors.map { $0 < 0 ? nil : $0 },
            controls: controls.map { $0 < 0 ? nil : $0 }, names: names,
            origins: ControlTable.origins(of: next.actions, in: old.actions, places: controls))
        return true
    }

    /// Entries that play or are to come.
    private var playing: Set<Int> {
        var entries: Set<Int> = []
        for part in 0..<Engine.partCount {
            // What is to come may come between the two looks: it is looked at first.
            let pending = engine.entries(of: part).pending
            entries.formUnion([pending, engine.entries(of: part).now].compactMap(\.self))
        }
        return entries
    }

    /// Sounds that are new in their places are looked at anew.
    private func renewPlaces(_ rigChange: RigChange) {
        grow(to: engine.sounds.count)
        for place in rigChange.new.keys {
            versions[place] = engine.sounds.version(place)
            engine.setVersion(place, versions[place])
            engine.setSelfTest(place, hasFailed: false, cost: 0)
            spares[place] = []
            faults[place] = nil
            isTested[place] = false
        }
    }

    /// What each control of the surface before is on the one to come, or −1: the same of the same mapping.
    private static func places(_ old: [Mapping], _ new: [Mapping]) -> [Int32] {
        let controls = ControlSurface.controls(new).all
        return ControlSurface.controls(old).all.map { control in
            var moved = control
            let mapping = old[Int(control.mapping)]
            guard
                let index = new.firstIndex(where: { $0.name == mapping.name && $0.device == mapping.device })
            else { return -1 }
            moved.mapping = UInt8(truncatingIfNeeded: index)
            return Int32(controls.firstIndex(of: moved) ?? -1)
        }
    }

    /// Every program gets the controls that it has from now on.
    private func renewPrograms(_ next: Rig, _ controls: [Int32]) {
        func prepare(_ program: PatchInstance) {
            let isPresent = !program.isTransition && program.version == versions[program.sound]
            let sound =
                isPresent
                ? engine.sounds[program.sound]
                : program.source.with(mappings: next.mappings, keptMacros: next.keptMacros)
            program.prepare(sound, places: controls, generation: generation)
        }
        for program in out.values { prepare(program) }
        for program in spares.joined() {
            prepare(program)
            program.adoptComingTables()
        }
    }
}
