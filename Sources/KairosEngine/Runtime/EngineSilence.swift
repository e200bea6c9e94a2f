import KairosCompiler
import KairosControl
import KairosDSP
import Synchronization

// Silence: panic, and All Sound Off (CC 120). What sounds fades within 5 ms, tails and master effects included. Each layer
// goes on with a fresh instance of its sound, with the values it had, which is not rendered before its next note, a gate
// that opens, or a program change. [audio]
extension EngineCore {
    /// 5 ms, in frames.
    private var silenceFade: Int { Int(0.005 * sampleRate) }

    /// Silences every part.
    mutating func panic() {
        notes.clear()
        for s in 0..<liveParts where parts[s].pending >= 0 { parts[s].startsSilent = true }
        silence(.max)
    }

    /// CC 120: every layer that the channel plays is silent. Where notes of other channels sound in the same instance,
    /// those of this channel end, and the rest goes on.
    mutating func allSoundOff(_ event: Event, _ address: Address) {
        let lines = lines(of: event, address), s = part(of: address.home)
        var whole: UInt64 = 0
        for index in 0..<slotEnd where Int(slots[index].part) == s {
            guard let core = slots[index].core else { continue }
            if slots[index].rule.accepts(address.home), !core.pointee.voices.sound(outside: lines) {
                whole |= 1 << UInt64(index)
            } else {
                core.pointee.voices.fadeAll(lines: lines)
            }
        }
        notes.forget(lines)
        if parts[s].pending >= 0 { parts[s].startsSilent = true }
        silence(whole)
    }

    /// Silences the slots with a bit in `chosen`; the master effects too, where nothing else sounds.
    private mutating func silence(_ chosen: UInt64) {
        var ending: UInt64 = 0
        var othersSound = false
        for index in 0..<slotEnd where isSounding(index) {
            if chosen >> UInt64(index) & 1 == 1 {
                ending |= 1 << UInt64(index)
            } else if slots[index].core.map({ !$0.pointee.isFinished }) ?? false {
                othersSound = true
            }
        }
        let endsEffects = !othersSound && effects.isSounding
        while ending != 0 {
            let index = ending.trailingZeroBitCount
            ending &= ending - 1
            let slot = slots[index]
            if endsEffects { detach(index) }
            if slot.phase == .active { replace(index, slot) } else { fade(index, frames: silenceFade) }
        }
        if endsEffects { effects.end(frames: silenceFade) }
    }

    /// Whether anything in a slot can be heard, now or later, without another note.
    private func isSounding(_ index: Int) -> Bool {
        guard let core = slots[index].core else { return false }
        return !slots[index].isSilenced && !core.pointee.isIdle
    }

    /// What a slot makes goes past the strips, at their present gain, into the master effects that end with it: what
    /// follows on the strips is not heard through them.
    private func detach(_ index: Int) {
        let strip = Int(slots[index].strip)
        guard strip < Self.stripCount else { return }
        (slots + index).pointee.rule.left *= strips[strip].left.value
        (slots + index).pointee.rule.right *= strips[strip].right.value
        slots[index].strip = UInt8(Self.outgoing)
    }

    /// A fresh instance takes the place of an active one, which fades. `slot` is what it was before it was detached.
    private mutating func replace(_ index: Int, _ slot: Slot) {
        let ready = popStandby(Int(slot.sound))
        if let ready, let old = slot.core { ready.core.pointee.keep(valuesOf: old) }
        slots[index].phase = .ringing
        slots[index].leftAt = clock
        slots[index].isReplaced = true
        fade(index, frames: silenceFade)
        // Where every slot is taken it is cut.
        if freeSlot() == nil { retire(index) }
        guard let free = freeSlot() else { return }
        generation &+= 1
        slotEnd = max(slotEnd, free + 1)
        var new = Slot()
        new.phase = .awaiting
        new.part = slot.part
        new.place = slot.place
        new.strip = slot.strip
        new.entry = slot.entry
        new.sound = slot.sound
        new.rule = slot.rule
        new.generation = generation
        new.epoch = slot.epoch
        new.isSilenced = true
        slots[free] = new
        let s = Int(slot.part)
        for k in 0..<parts[s].slotCount where Int(parts[s].slots[k]) == index {
            parts[s].slots[k] = Int16(free)
        }
        if let ready { fill(free, ready) }
    }

    /// Layers that wait for a fresh instance take those that have come.
    mutating func fillAwaiting() {
        for index in 0..<slotEnd where slots[index].phase == .awaiting {
            if let ready = popStandby(Int(slots[index].sound)) { fill(index, ready) }
        }
    }

    private mutating func fill(_ index: Int, _ ready: Delivery) {
        slots[index].phase = .active
        slots[index].program = ready.program
        slots[index].core = ready.core
        slots[index].version = ready.version
        slots[index].isUntouched = false
        ready.core.pointee.epoch = slots[index].epoch
        ready.core.pointee.isIdle = !ready.core.pointee.neverIdle
        meters.pointee.touches.add(1, ordering: .releasing)
    }

    /// A program change to the entry that plays already: what was silenced of it sounds again.
    mutating func unsilence(_ s: Int) {
        for k in 0..<parts[s].slotCount { slots[Int(parts[s].slots[k])].isSilenced = false }
    }

    /// Whether a layer waits for a fresh instance. Mutating, because the call would copy the whole core otherwise.
    mutating func isAwaiting(_ s: Int) -> Bool {
        for k in 0..<parts[s].slotCount where slots[Int(parts[s].slots[k])].phase == .awaiting {
            return true
        }
        return false
    }
}

extension InstanceCore {
    /// Every parameter stands where it stands in another instance, and controls have in hand what they had there.
    mutating func keep(valuesOf old: UnsafeMutablePointer<InstanceCore>) {
        for place in 0..<params.count {
            let index = Int(keys[place].index)
            guard let before = old.pointee.param(of: keys[place].key) else { continue }
            let value = old.pointee.params.intent(before)
            if value != params.intent(index) { params.snap(index, to: value) }
        }
        controls.succeed(old.pointee.controls)
    }
}

extension Voices {
    /// Whether a note of a line without a bit in `lines` sounds.
    func sound(outside lines: ChannelMask) -> Bool {
        for g in 0..<groupCount {
            var rest = groups[g].used & ~groups[g].ending
            while !rest.isEmpty {
                let lane = rest.first
                rest.remove(lane)
                if !lines.contains(groups[g].line[lane]) { return true }
            }
        }
        return false
    }
}
