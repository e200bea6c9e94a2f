import KairosControl
import KairosDSP
import Synchronization

// Slots and the way there and back. Everything here runs in the audio thread.
extension EngineCore {
    func freeSlot() -> Int? {
        for index in 0..<Self.slotCount where slots[index].phase == .free { return index }
        return nil
    }

    /// Whether there are slots for so many layers. What has rung longest fades while few are left, so that the
    /// next change finds its own: first where nothing is held any more.
    func hasRoom(for needs: Int, sparing spared: InlineArray<16, Int16>) -> Bool {
        var free = 0, ending = 0
        for index in 0..<Self.slotCount {
            if slots[index].phase == .free { free += 1 }
            if slots[index].phase == .fading { ending += 1 }
        }
        var missing = needs + reserve - free - ending
        while missing > 0, let oldest = mostDispensable(sparing: spared) {
            fade(oldest, frames: Int(0.01 * sampleRate))
            report(Report(kind: .evicted, slot: Int16(oldest), entry: slots[oldest].entry))
            missing -= 1
        }
        return free >= needs
    }

    /// The slot to be ended first when something has to: the oldest tail, or where there is none the oldest sound
    /// that is held from before a change.
    func mostDispensable(sparing spared: InlineArray<16, Int16>) -> Int? {
        oldestRinging(tailsOnly: true, sparing: spared) ?? oldestRinging(tailsOnly: false, sparing: spared)
    }

    /// The slot that has rung longest and is not `spared`; with `tailsOnly`, in which no note is held.
    private func oldestRinging(tailsOnly: Bool, sparing spared: InlineArray<16, Int16>) -> Int? {
        var oldest = -1
        next: for index in 0..<Self.slotCount where slots[index].phase == .ringing {
            for k in 0..<Part.layerLimit where Int(spared[k]) == index { continue next }
            if tailsOnly, notes.holds(slot: Int16(index), channelState: nil, keysOnly: false) { continue }
            if oldest < 0 || slots[index].leftAt < slots[oldest].leftAt { oldest = index }
        }
        return oldest >= 0 ? oldest : nil
    }

    /// Lets a slot fade within so many frames, or faster where it does already.
    func fade(_ index: Int, frames: Int) {
        if slots[index].phase != .fading {
            slots[index].phase = .fading
            slots[index].gain = 1
            slots[index].fade = 0
        }
        slots[index].fade = max(slots[index].fade, 1 / Float(max(1, frames)))
    }

    /// Looks, where 64 frames of the clock end, whether a slot is done.
    mutating func review(_ index: Int) {
        guard let core = slots[index].core else { return }
        switch slots[index].phase {
        case .free, .active, .awaiting: break
        case .fading: if slots[index].gain == 0 { retire(index) }
        case .ringing:
            if core.pointee.voices.anyHigh {
                slots[index].ringing = 0
            } else {
                (slots + index).pointee.ringing += SubBlock.longest
            }
            if core.pointee.isFinished, !notes.holds(slot: Int16(index), channelState: nil, keysOnly: false) {
                retire(index)
            } else if core.pointee.soundsWithoutNotes, slots[index].ringing > 0 {
                // What sounds without a note has no end of its own.
                fade(index, frames: Int(0.5 * sampleRate))
            } else if Float(slots[index].ringing) > 60 * sampleRate {
                fade(index, frames: Int(0.05 * sampleRate))
                report(Report(kind: .evicted, slot: Int16(index), entry: slots[index].entry))
            }
        }
    }

    /// Sends a program back. Its place there was reserved when it was accepted.
    mutating func retire(_ index: Int) {
        guard let program = slots[index].program, let core = slots[index].core else { return }
        var report = Report(
            kind: .rangOut, part: slots[index].part, slot: Int16(index), entry: slots[index].entry)
        report.value = Float(clock - slots[index].leftAt)
        let wasHeard = slots[index].hasPlayed || (core.pointee.soundsWithoutNotes && !slots[index].isSilenced)
        if wasHeard, !slots[index].isReplaced { self.report(report) }
        notes.forget(slot: Int16(index))
        sendBack(Delivery(program: program, core: core, sound: slots[index].sound))
        slots[index] = Slot()
    }

    /// Puts a program with which nothing was done back where it came from.
    mutating func returnToPool(_ index: Int) {
        let sound = Int(slots[index].sound)
        guard let program = slots[index].program, let core = slots[index].core,
            Int(pooled[sound]) < Self.poolDepth, isCurrent(index)
        else { return retire(index) }
        pool[sound * Self.poolDepth + Int(pooled[sound])] = Delivery(
            program: program, core: core, sound: Int32(sound), version: slots[index].version)
        (pooled + sound).pointee += 1
        standby.taken[sound].subtract(1, ordering: .releasing)
        slots[index] = Slot()
    }

    func sendBack(_ delivery: Delivery) { retired._withUnsafeGuaranteedRef { _ = $0.push(delivery) } }

    /// Takes a ready program of a sound off the standby pool, or nil.
    func popStandby(_ sound: Int) -> Delivery? {
        guard pooled[sound] > 0 else { return nil }
        pooled[sound] -= 1
        standby.taken[sound].add(1, ordering: .releasing)
        return pool[sound * Self.poolDepth + Int(pooled[sound])]
    }

    /// Puts what the loader has built on the standby pool, gives back what it wants, and carries out what waited.
    mutating func receive() {
        clearShelf()
        while let parcel = deliveries._withUnsafeGuaranteedRef({ $0.pop() }) {
            switch parcel {
            case .rig(let tables): renew(tables)
            case .program(let delivery): receive(delivery)
            }
        }
        while let sound = withdrawals._withUnsafeGuaranteedRef({ $0.pop() }) {
            if let delivery = popStandby(Int(sound)) { sendBack(delivery) }
        }
        for s in 0..<liveParts where parts[s].pending >= 0 && !parts[s].waitsForMoment {
            let entry = parts[s].pending
            if hasFailed(entry) {
                parts[s].pending = -1
                report(Report(kind: .failed, part: UInt8(s), entry: entry))
            } else {
                _ = install(entry, s)
            }
        }
        fillAwaiting()
        installMaster()
    }

    private mutating func receive(_ delivery: Delivery) {
        guard delivery.slot == -1 else { return follow(delivery) }
        let sound = Int(delivery.sound)
        if Int(pooled[sound]) < Self.poolDepth, isCurrent(delivery) {
            pool[sound * Self.poolDepth + Int(pooled[sound])] = delivery
            (pooled + sound).pointee += 1
        } else {
            standby.taken[sound].add(1, ordering: .releasing)
            sendBack(delivery)
        }
    }
}
