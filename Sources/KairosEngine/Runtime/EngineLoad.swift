import CRealtime
import KairosDSP

// What rendering costs, and what gives way when a change would cost too much. Live only: offline, nothing
// depends on measured time. Everything here runs in the audio thread.
extension EngineCore {
    /// Renders a slot's program and measures it.
    mutating func renderMeasured(_ index: Int, _ piece: SubBlock) {
        guard let core = slots[index].core else { return }
        guard isLive else { return core.pointee.render(piece) }
        core.pointee.isTimed = index == profiled
        let began = crt_now()
        core.pointee.render(piece)
        (slots + index).pointee.spent &+= crt_now() &- began
    }

    /// Where 64 frames end: what each slot cost, and the modules of one of them.
    mutating func tally() {
        guard isLive else { return }
        for index in 0..<Self.slotCount {
            let slot = slots + index
            guard let core = slot.pointee.core else {
                meters.pointee.setSlot(index, sound: -1, cost: 0, isActive: false)
                continue
            }
            let now = Float(slot.pointee.spent) / Float(SubBlock.longest)
            // A first look is as good as any; then over some twenty looks.
            slot.pointee.cost =
                slot.pointee.cost == 0 ? now : slot.pointee.cost + (now - slot.pointee.cost) * 0.05
            slot.pointee.spent = 0
            meters.pointee.setSlot(
                index, sound: slot.pointee.sound, cost: slot.pointee.cost,
                isActive: slot.pointee.phase == .active)
            if index == profiled { tallyModules(index, core) }
        }
        profiled = (profiled + 1) % Self.slotCount
    }

    private func tallyModules(_ index: Int, _ core: UnsafeMutablePointer<InstanceCore>) {
        for node in 0..<min(core.pointee.nodeCount, Meters.nodeLimit) {
            meters.pointee.setModule(
                index, node, cost: Float(core.pointee.nodeCosts[node]) / Float(SubBlock.longest))
            core.pointee.nodeCosts[node] = 0
        }
    }

    /// Makes room for an entry whose layers are not all ringing yet: tails are shortened, the oldest first, then
    /// what is held from before; never the new sound.
    mutating func admit(_ flat: EntryTables, _ ringing: InlineArray<16, Int16>) {
        guard isLive else { return }
        var load: Float = 0
        for index in 0..<Self.slotCount where slots[index].phase == .active || slots[index].phase == .ringing
        {
            load += slots[index].cost
        }
        for k in 0..<flat.count where ringing[k] < 0 {
            load += standby.cost(of: Int(layerSounds[flat.first + k]))
        }
        while load > frameBudget, let victim = mostDispensable(sparing: ringing) {
            load -= slots[victim].cost
            fade(victim, frames: Int(0.03 * sampleRate))
            report(Report(kind: .shortened, slot: Int16(victim), entry: slots[victim].entry))
        }
    }
}
