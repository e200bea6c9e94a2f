import KairosControl
import KairosDSP
import Synchronization

// Another rig takes the place of the one before. Everything here runs in the audio thread.
extension EngineCore {
    /// Exchanges the tables. What plays plays on: entries, controls and what was put off go by their new numbers.
    mutating func renew(_ next: UnsafeMutablePointer<RigTables>) {
        guard let passage = next.pointee.passage else { return }
        renewControls(passage, next)
        for index in 0..<slotEnd {
            if let core = slots[index].core { takeUp(core, instance(inSlot: index)) }
            if slots[index].entry >= 0 { slots[index].entry = passage.entries[Int(slots[index].entry)] }
        }
        if let core = effects.core { takeUp(core, masterEffects) }
        for sound in 0..<standby.count {
            for place in 0..<Int(pooled[sound]) {
                pool[sound * Self.poolDepth + place].core.pointee.takeUp()
            }
        }
        renewEpochs(passage, next)
        if masterSound != next.pointee.masterSound {
            masterChanges = true
            effects.leave(sampleRate)
        }
        transport.meter = next.pointee.meter
        former = rig
        rig = next
        for s in 0..<liveParts { renewPart(s, passage) }
    }

    /// Where every control stands goes over with it.
    private mutating func renewControls(
        _ passage: RigIndexMaps, _ next: UnsafeMutablePointer<RigTables>
    ) {
        for old in 0..<passage.controlCount where passage.controls[old] >= 0 {
            let new = Int(passage.controls[old])
            next.pointee.memories[new] = memories[old]
            next.pointee.controlStates.follow(controlStates, from: old, to: new)
        }
        next.pointee.actions.inherit(actions)
        publishCursor = 0
        next.pointee.coarseHalves.takeOver(coarseHalves, places: passage.controls)
    }

    /// A program's controls become those that were made ready for it. A gate that nothing moves any more falls.
    private mutating func takeUp(
        _ core: UnsafeMutablePointer<InstanceCore>, _ instance: InstanceAddress
    ) {
        let old = core.pointee.controls, new = core.pointee.coming.pointee.controls
        for index in 0..<old.count where old.last(index) > 0 && !new.continues(index) {
            guard case .gate(let gate) = old[index].effect else { continue }
            later(.gate(instance, gate), 0, clock)
        }
        core.pointee.takeUp()
    }

    private func renewEpochs(_ passage: RigIndexMaps, _ next: UnsafeMutablePointer<RigTables>) {
        for old in 0..<passage.entryCount where passage.entries[old] >= 0 {
            let new = Int(passage.entries[old])
            for s in 0..<liveParts {
                let from = epochs + (old * Self.partCount + s) * Part.layerLimit
                let to = next.pointee.epochs + (new * Self.partCount + s) * Part.layerLimit
                for k in 0..<next.pointee.entries[new].count { to[k] = from[k] }
            }
        }
    }

    /// A part goes by the new numbers. Where the layers of what it plays are others now, it changes to them.
    private mutating func renewPart(_ s: Int, _ passage: RigIndexMaps) {
        let entry = parts[s].entry, pending = parts[s].pending
        var goal: Int32 = -1
        if pending >= 0 {
            let successor = passage.successors[Int(pending)]
            parts[s].pending = successor >= 0 ? successor : passage.entries[Int(pending)]
        } else if entry >= 0 {
            goal = passage.successors[Int(entry)]
        }
        if entry >= 0 { parts[s].entry = passage.entries[Int(entry)] }
        if goal >= 0, !hasFailed(goal) {
            parts[s].pending = goal
            parts[s].pendingSince = clock
            parts[s].waitsForMoment = false
            report(Report(kind: .wanted, part: UInt8(s), entry: goal))
        }
        let keptPositions = parts[s].keptPositions, known = parts[s].known
        parts[s].known = 0
        for name in 0..<16 where known >> UInt16(name) & 1 == 1 && passage.names[name] >= 0 {
            let new = Int(passage.names[name])
            parts[s].keptPositions[new] = keptPositions[name]
            (parts + s).pointee.known |= 1 << UInt16(new)
        }
    }

    /// Sends the tables before back, once the new numbers are published.
    mutating func returnFormer() {
        guard let tables = former else { return }
        former = nil
        returned._withUnsafeGuaranteedRef { _ = $0.push(ReturnedTables(tables: tables)) }
    }
}

extension InstanceCore {
    /// Lets the tables that were made ready take the place of its own; those go where they were.
    ///
    /// > Audio thread, or the loader's while it has the program.
    mutating func takeUp() {
        let old = (controls, macros)
        coming.pointee.controls.inherit(controls)
        controls = coming.pointee.controls
        macros = coming.pointee.macros
        generation = coming.pointee.generation
        coming.pointee.controls = old.0
        coming.pointee.macros = old.1
    }
}
