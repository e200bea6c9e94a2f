import KairosControl
import KairosDSP
import Synchronization

// A sound that is edited while it plays. Everything here runs in the audio thread.
extension EngineCore {
    /// 10 ms: connections that an edit adds or takes away come and go.
    var editFade: Int { Int(0.01 * sampleRate) }

    /// Lets a program follow the one that plays, in its place. Where its voices are others, the one that plays rings
    /// on as after a program change. What comes too late for its place goes back.
    mutating func follow(_ delivery: Delivery) {
        let index = Int(delivery.slot)
        guard delivery.slot != MasterEffects.slot else { return followMaster(delivery) }
        guard slots[index].phase == .active, let old = slots[index].program, let core = slots[index].core,
            core.pointee.id == delivery.follows
        else { return sendBack(delivery) }
        guard let moves = delivery.moves else { return succeed(delivery, index) }
        // Silenced parts take no fade: they are not rendered, so it would not end and would hold up the next edit.
        let fades = !delivery.settles && !slots[index].isSilenced
        delivery.core.pointee.follow(core, moves, fadeFrames: fades ? editFade : 0)
        redirect(moves, instance(inSlot: index))
        let sound = slots[index].sound
        slots[index].program = delivery.program
        slots[index].core = delivery.core
        slots[index].version = delivery.version
        slots[index].isUntouched = false
        turnWhatIsSet(delivery.core, moves, instance(inSlot: index))
        sendBack(Delivery(program: old, core: core, sound: sound))
        reportEdit(delivery, index)
    }

    private mutating func followMaster(_ delivery: Delivery) {
        guard let old = effects.program, let core = effects.core, core.pointee.id == delivery.follows,
            let moves = delivery.moves
        else { return sendBack(delivery) }
        let fades = !delivery.settles && !effects.isSilenced
        delivery.core.pointee.follow(core, moves, fadeFrames: fades ? editFade : 0)
        redirect(moves, masterEffects)
        effects.program = delivery.program
        effects.core = delivery.core
        turnWhatIsSet(delivery.core, moves, masterEffects)
        sendBack(Delivery(program: old, core: core, sound: effects.sound))
        reportEdit(delivery, -1)
    }

    /// Changes that wait for the program before are for this one.
    private mutating func redirect(_ moves: StateTransfer, _ instance: InstanceAddress) {
        controlQueue.retarget(instance) { target in
            switch target {
            case .parameter(_, let place):
                guard place < moves.oldParamCount, moves.newParams[Int(place)] >= 0 else { return nil }
                return .parameter(instance, moves.newParams[Int(place)])
            case .gate(_, let place):
                guard place >= 2, place < moves.oldGateCount + 2, moves.newGates[Int(place) - 2] >= 0 else {
                    return nil
                }
                return .gate(instance, moves.newGates[Int(place) - 2])
            case .channel, .notePressure, .strip, .master: return target
            }
        }
    }

    /// Parameters that the edit gave another value go there.
    private mutating func turnWhatIsSet(
        _ core: UnsafeMutablePointer<InstanceCore>, _ moves: StateTransfer, _ instance: InstanceAddress
    ) {
        for index in 0..<core.pointee.params.count where moves.isSet[index] {
            let value = core.pointee.params.intend(index, core.pointee.params.states[index].preset)
            later(.parameter(instance, Int32(index)), value, clock)
        }
    }

    /// The program takes the place of one whose voices are others: that one rings on.
    private mutating func succeed(_ delivery: Delivery, _ index: Int) {
        guard let free = freeSlot(), let old = slots[index].core else { return sendBack(delivery) }
        let s = Int(slots[index].part)
        generation &+= 1
        slotEnd = max(slotEnd, free + 1)
        var slot = slots[index]
        slot.program = delivery.program
        slot.core = delivery.core
        slot.version = delivery.version
        slot.generation = generation
        slot.isUntouched = false
        slot.hasPlayed = false
        slots[free] = slot
        delivery.core.pointee.epoch = old.pointee.epoch
        delivery.core.pointee.isIdle = !delivery.core.pointee.neverIdle
        for k in 0..<parts[s].slotCount where parts[s].slots[k] == Int16(index) {
            parts[s].slots[k] = Int16(free)
        }
        slots[index].leftAt = clock
        slots[index].ringing = 0
        slots[index].phase = .ringing
        if !slots[index].hasPlayed, !old.pointee.soundsWithoutNotes { retire(index) }
        reportEdit(delivery, free)
    }

    private func reportEdit(_ delivery: Delivery, _ slot: Int) {
        meters.pointee.touches.add(1, ordering: .releasing)
        guard !delivery.settles else { return }
        report(
            Report(
                kind: .edited, slot: Int16(slot), entry: slot < 0 ? -1 : slots[slot].entry,
                sound: delivery.sound, index: delivery.version))
    }

    /// Sends back what stands on the standby pool and was edited since.
    mutating func clearShelf() {
        let edits = standby.edits.pointee.load(ordering: .acquiring)
        guard edits != editsSeen else { return }
        editsSeen = edits
        for sound in 0..<standby.count {
            while pooled[sound] > 0,
                !isCurrent(pool[sound * Self.poolDepth + Int(pooled[sound]) - 1]),
                let delivery = popStandby(sound)
            {
                sendBack(delivery)
            }
        }
    }

    /// Whether a slot plays its sound as it is now.
    func isCurrent(_ index: Int) -> Bool { slots[index].version == version(of: slots[index].sound) }

    func isCurrent(_ delivery: Delivery) -> Bool { delivery.version == version(of: delivery.sound) }

    private func version(of sound: Int32) -> Int32 {
        Int32(truncatingIfNeeded: standby.versions[Int(sound)].load(ordering: .acquiring))
    }

    /// Publishes which program each slot has, and whether another may follow it.
    mutating func publishPrograms() {
        for index in 0..<max(slotEnd, publishedEnd) {
            var word = -1
            if slots[index].phase == .active, let core = slots[index].core { word = Self.word(core) }
            meters.pointee.programs[index].store(word, ordering: .releasing)
        }
        publishedEnd = slotEnd
        meters.pointee.programs[Self.slotCount].store(effects.core.map(Self.word) ?? -1, ordering: .releasing)
    }

    private static func word(_ core: UnsafeMutablePointer<InstanceCore>) -> Int {
        core.pointee.id * 2 + (core.pointee.fade.isSettled ? 1 : 0)
    }
}
