import KairosDSP
import Synchronization

/// The 64 slots and the instances that play there, and which slot plays which layer of a part.
///
/// [audio], but for `init` and `deinit`.
struct SlotTable: ~Copyable {
    /// The number of slots.
    static let count = 64

    /// True where each MIDI channel is a part of its own.
    let isMulti: Bool
    private var slots: FixedArray<Slot>
    /// For each part and layer, the slot that plays it; nil for none.
    private var layerSlots: FixedArray<UInt8?>
    /// The number of layers of each part.
    private var layerCounts: FixedArray<Int>
    /// One past the last slot that is not free.
    private(set) var end = 0
    /// One past the last slot whose instance is published.
    private var publishedEnd = 0
    /// The number of uses of all slots so far.
    private var generation: UInt32 = 0
    private let fixedAddress = FixedAddress()

    init(isMulti: Bool) {
        self.isMulti = isMulti
        slots = FixedArray(count: Self.count, repeating: Slot())
        layerSlots = FixedArray(count: Part.count * Part.layerLimit, repeating: nil)
        layerCounts = FixedArray(count: Part.count, repeating: 0)
    }

    deinit {
        for index in 0..<Self.count { slots[index].handoff?.release() }
    }

    /// A slot by its index, 0..<``count``.
    subscript(_ index: Int) -> Slot {
        @inline(__always) unsafeAddress { slots.reference(to: index).constantAddress }
        @inline(__always) unsafeMutableAddress { slots.reference(to: index).address }
    }

    // MARK: parts and layers

    /// The number of parts.
    var partCount: Int { isMulti ? Part.count : 1 }

    /// The part that plays a MIDI channel.
    func part(of channel: UInt8) -> Int { isMulti ? Int(channel & 15) : 0 }

    /// The number of layers that a part plays.
    func layerCount(of part: Int) -> Int { layerCounts[part] }

    /// The slot that plays a layer of a part.
    func slot(part: Int, layer: Int) -> Int? { layerSlots[part * Part.layerLimit + layer].map(Int.init) }

    /// Assigns a slot to a layer of a part.
    mutating func setSlot(_ slot: Int, part: Int, layer: Int) {
        layerSlots[part * Part.layerLimit + layer] = UInt8(slot)
    }

    /// Sets the number of layers that a part plays.
    mutating func setLayerCount(_ count: Int, of part: Int) { layerCounts[part] = count }

    /// Assigns another slot to the layer of `old`, if its part still plays it.
    mutating func moveLayer(from old: Int, _ layer: UInt8, of part: UInt8, to slot: Int) {
        guard layer < layerCounts[Int(part)], self.slot(part: Int(part), layer: Int(layer)) == old else {
            return
        }
        setSlot(slot, part: Int(part), layer: Int(layer))
    }

    // MARK: instances

    /// The first free slot, or nil.
    var firstFree: Int? {
        for index in 0..<end where slots[index].phase == .free { return index }
        return end < Self.count ? end : nil
    }

    /// The slot in which a layer of an entry still rings on a part, in the present version of its sound, or nil.
    func ringingSlot(_ entry: EntryID, part: Int, layer: Int, _ pool: borrowing StandbyPool) -> UInt8? {
        for index in 0..<end
        where slots[index].phase == .ringing && slots[index].entry == entry
            && Int(slots[index].part) == part && Int(slots[index].layer) == layer && isCurrent(index, pool)
        {
            return UInt8(index)
        }
        return nil
    }

    /// Occupies a free slot.
    mutating func occupy(_ index: Int, with slot: Slot) {
        generation &+= 1
        end = max(end, index + 1)
        slots[index] = slot
        slots[index].generation = generation
    }

    /// The present use of a slot.
    func address(of index: Int) -> InstanceAddress {
        InstanceAddress(place: .slot(UInt8(truncatingIfNeeded: index)), generation: slots[index].generation)
    }

    /// The slot of an instance while it plays there; nil where another one does by now.
    func slot(of instance: InstanceAddress) -> Int? {
        guard let index = instance.place.slotIndex, slots[index].generation == instance.generation else {
            return nil
        }
        return index
    }

    /// True where a slot plays its sound in the present version.
    func isCurrent(_ index: Int, _ pool: borrowing StandbyPool) -> Bool {
        slots[index].handoff.map { pool.isCurrent($0) } ?? false
    }

    /// Marks a slot as changed since the standby pool, and lets it be rendered.
    mutating func wake(_ index: Int) {
        slots[index].core?.pointee.state.isIdle = false
        slots[index].isUntouched = false
    }

    /// True where a slot can be heard, now or later, without another note.
    func isSounding(_ index: Int) -> Bool {
        guard let core = slots[index].core else { return false }
        return !slots[index].isSilenced && !core.pointee.state.isIdle
    }

    // MARK: the end of a slot

    /// Fades a slot out within `frames`, or within the rest of a fade that is shorter.
    mutating func fade(_ index: Int, frames: Int) {
        if slots[index].phase != .fading {
            slots[index].phase = .fading
            slots[index].gain = 1
            slots[index].fade = 0
        }
        slots[index].fade = max(slots[index].fade, 1 / Float(max(1, frames)))
    }

    /// Marks an active slot as ringing: its part plays another entry.
    mutating func ring(_ index: Int, from frame: Int) {
        slots[index].leftAt = frame
        slots[index].ringing = 0
        slots[index].phase = .ringing
    }

    /// Frees a slot and returns its instance to the loader.
    mutating func retire(
        _ index: Int, _ notes: inout NoteRouter, _ link: borrowing LoaderLink, _ clock: EngineClock
    ) {
        guard let handoff = slots[index].handoff else { return }
        if slots[index].canBeHeard, !slots[index].isReplaced {
            link.report(
                .rangOut(
                    slots[index].entry, frame: clock.frame, after: clock.frame - slots[index].leftAt))
        }
        notes.forget(slot: index)
        link.sendBack(handoff)
        slots[index] = Slot()
    }

    /// Frees a slot whose instance was not used, and puts the instance back into the standby pool.
    mutating func putBack(
        _ index: Int, _ pool: inout StandbyPool, _ notes: inout NoteRouter, _ link: borrowing LoaderLink,
        _ clock: EngineClock
    ) {
        guard let handoff = slots[index].handoff, pool.putBack(handoff) else {
            return retire(index, &notes, link, clock)
        }
        slots[index] = Slot()
    }

    /// Frees a slot that waits for an instance.
    mutating func cancel(_ index: Int) { slots[index] = Slot() }

    /// Frees a ringing or fading slot at an end of 64 frames where it is silent, and lets one that rings too long fade.
    mutating func review(
        _ index: Int, _ notes: inout NoteRouter, _ link: borrowing LoaderLink, _ clock: EngineClock
    ) {
        guard let core = slots[index].core else { return }
        switch slots[index].phase {
        case .free, .active, .awaiting: break
        case .fading: if slots[index].gain == 0 { retire(index, &notes, link, clock) }
        case .ringing:
            if core.pointee.voices.anyHigh || core.pointee.stages.isActive {
                slots[index].ringing = 0
            } else {
                slots[index].ringing += SubBlock.longest
            }
            if core.pointee.isFinished, !notes.holdsNote(slot: index) {
                retire(index, &notes, link, clock)
            } else if core.pointee.schedule.soundsWithoutNotes, slots[index].ringing > 0 {
                // A patch that sounds without notes never becomes silent by itself.
                fade(index, frames: clock.frames(0.5))
            } else if Float(slots[index].ringing) > 60 * clock.sampleRate {
                fade(index, frames: clock.frames(0.05))
                link.report(.evicted(slots[index].entry))
            }
        }
    }

    /// The layers of a new entry, by slot, that ring and are to become active again.
    typealias RingingLayers = InlineArray<16, UInt8?>

    /// True where `needs` slots are free. Where few are left, the slots that can be spared best start to fade, so
    /// that the next change finds `reserve` free slots.
    mutating func makeRoom(
        for needs: Int, reserve: Int, sparing spared: RingingLayers, _ notes: borrowing NoteRouter,
        _ link: borrowing LoaderLink, _ clock: EngineClock
    ) -> Bool {
        var free = Self.count - end, ending = 0
        for index in 0..<end {
            if slots[index].phase == .free { free += 1 }
            if slots[index].phase == .fading { ending += 1 }
        }
        var missing = needs + reserve - free - ending
        while missing > 0, let oldest = mostDispensable(sparing: spared, notes) {
            fade(oldest, frames: clock.frames(0.01))
            link.report(.evicted(slots[oldest].entry))
            missing -= 1
        }
        return free >= needs
    }

    /// The slot to end first when one has to end: the oldest tail, or where there is none the oldest sound that is
    /// held from before a change.
    func mostDispensable(sparing spared: RingingLayers, _ notes: borrowing NoteRouter) -> Int? {
        oldestRinging(tailsOnly: true, sparing: spared, notes)
            ?? oldestRinging(tailsOnly: false, sparing: spared, notes)
    }

    /// The slot that has rung longest and is not spared; with `tailsOnly`, only slots without a held note.
    private func oldestRinging(
        tailsOnly: Bool, sparing spared: RingingLayers, _ notes: borrowing NoteRouter
    ) -> Int? {
        var oldest: Int?
        next: for index in 0..<end where slots[index].phase == .ringing {
            for layer in 0..<Part.layerLimit where spared[layer] == UInt8(index) { continue next }
            if tailsOnly, notes.holdsNote(slot: index) { continue }
            if oldest.map({ slots[index].leftAt < slots[$0].leftAt }) ?? true { oldest = index }
        }
        return oldest
    }

    // MARK: publishing

    /// Publishes the number of voices and slots, and which instance each slot plays.
    mutating func publish(_ meters: Reference<Meters>) {
        while end > 0, slots[end - 1].phase == .free { end -= 1 }
        var voices = 0, playing = 0
        for index in 0..<end where slots[index].phase != .free {
            playing += 1
            if let core = slots[index].core { voices += core.pointee.voices.sounding }
        }
        meters.pointee.setVoices(voices, slots: playing)
        for index in 0..<max(end, publishedEnd) {
            meters.pointee.setInstance(
                slots[index].phase == .active ? slots[index].core : nil, at: .slot(UInt8(index)))
        }
        publishedEnd = end
    }

    /// True where a layer of a part waits for an instance.
    func isAwaiting(part: Int) -> Bool {
        for layer in 0..<layerCounts[part] {
            if let index = slot(part: part, layer: layer), slots[index].phase == .awaiting { return true }
        }
        return false
    }
}
