import KairosControl

// How another repertoire takes over. The loader's thread.
extension Loader {
    /// What took over has sent back what was before: entries have one number again. What came back before that is
    /// taken back before the next is made ready.
    func acknowledge() {
        if isRenewing, engine.takeFormer() { isRenewing = false }
    }

    /// Makes ready what is wished for, and sends it. Whether it did.
    func renew() -> Bool {
        guard let wish = engine.wish else { return false }
        let old = repertoire
        guard
            let renewal = Renewal(
                from: old, engine.sounds.all, to: wish.repertoire, playing: playing,
                taken: Set(out.values.map(\.sound)), capacity: engine.soundCapacity)
        else { return false }
        let next = renewal.repertoire
        engine.sounds.renew(renewal.new, mappings: next.mappings, stays: next.stays)
        renewPlaces(renewal)
        let controls = Self.places(old.mappings, next.mappings)
        generation += 1
        renewPrograms(next, controls)
        let board = ControlBoard(ControlStates(next.mappings, masks: wish.masks))
        let names = (0..<16).map { name -> Int8 in
            guard old.stays.indices.contains(name) else { return -1 }
            return Int8(next.stays.prefix(16).firstIndex(of: old.stays[name]) ?? -1)
        }
        let tables = UnsafeMutablePointer<FlatRepertoire>.allocate(capacity: 1)
        tables.initialize(
            to: FlatRepertoire(
                next, sampleRate: engine.sampleRate, states: board.states, generation: generation,
                passage: Passage(
                    entries: renewal.entries, successors: renewal.successors, controls: controls,
                    names: names),
                origins: ControlTable.origins(of: next.actions, in: old.actions, places: controls)))
        repertoire = next
        remap(renewal.entries)
        isRenewing = true
        engine.send(Present(repertoire: next, board: board, generation: generation), tables)
        return true
    }

    /// Entries that play or are to come.
    private var playing: Set<Int> {
        var entries: Set<Int> = []
        for stage in 0..<EngineCore.stageCount {
            // What is to come may come between the two looks: it is looked at first.
            let pending = engine.stageEntries(stage).pending
            entries.formUnion([pending, engine.stageEntries(stage).now])
        }
        return entries
    }

    /// Sounds that are new in their places are looked at anew.
    private func renewPlaces(_ renewal: Renewal) {
        grow(to: engine.sounds.count)
        for place in renewal.new.keys {
            versions[place] = engine.sounds.version(place)
            engine.setVersion(place, versions[place])
            engine.setAudition(place, isBroken: false, cost: 0)
            spares[place] = []
            faults[place] = nil
            isChecked[place] = false
        }
    }

    /// What each control of the surface before is on the one to come, or −1: the same of the same mapping.
    private static func places(_ old: [Mapping], _ new: [Mapping]) -> [Int32] {
        let controls = Surface.controls(new).all
        return Surface.controls(old).all.map { control in
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
    private func renewPrograms(_ next: Repertoire, _ controls: [Int32]) {
        func prepare(_ program: Program) {
            let isPresent = !program.isPassing && program.version == versions[program.sound]
            let sound =
                isPresent
                ? engine.sounds[program.sound]
                : program.source.moved(by: next.mappings, stays: next.stays)
            program.prepare(sound, places: controls, generation: generation)
        }
        for program in out.values { prepare(program) }
        for program in spares.joined() {
            prepare(program)
            program.core.pointee.takeUp()
        }
    }
}
