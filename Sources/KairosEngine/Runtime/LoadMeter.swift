import CRealtime
import KairosDSP

/// Meter of the cost of rendering. Live only: offline, nothing depends on measured time. [audio]
struct LoadMeter: BitwiseCopyable {
    /// The time that one frame may take, in nanoseconds.
    let budget: Float
    /// The slot whose modules are timed until the next end of 64 frames.
    private var profiled = 0

    /// `limit` is the part of the time that rendering may take, 0…1.
    init(limit: Double, sampleRate: Double) { budget = Float(limit * 1e9 / sampleRate) }

    /// Renders a slot's instance and measures it.
    func render(_ slot: inout Slot, index: Int, _ core: Reference<InstanceCore>, _ piece: SubBlock) {
        core.pointee.timing.isTimed = index == profiled
        let began = crt_now()
        core.pointee.render(piece)
        slot.spent &+= crt_now() &- began
    }

    /// Publishes, at an end of 64 frames, the cost of each slot, and of the modules of one of them.
    mutating func publish(_ slots: inout SlotTable, _ meters: Reference<Meters>) {
        for index in 0..<SlotTable.count {
            guard let core = slots[index].core else {
                meters.pointee.clearSlot(index)
                continue
            }
            let now = Float(slots[index].spent) / Float(SubBlock.longest)
            // The first measurement counts whole; later ones enter a mean over about twenty.
            let before = slots[index].cost
            slots[index].cost = before == 0 ? now : before + (now - before) * 0.05
            slots[index].spent = 0
            meters.pointee.setSlot(
                index, sound: slots[index].sound, cost: slots[index].cost,
                isActive: slots[index].phase == .active)
            if index == profiled { publishModules(index, core, meters) }
        }
        profiled = (profiled + 1) % SlotTable.count
    }

    private func publishModules(
        _ index: Int, _ core: Reference<InstanceCore>, _ meters: Reference<Meters>
    ) {
        for node in 0..<min(core.pointee.timing.nodeCosts.count, Meters.nodeLimit) {
            meters.pointee.setModule(
                index, node, cost: Float(core.pointee.timing.nodeCosts[node]) / Float(SubBlock.longest))
            core.pointee.timing.nodeCosts[node] = 0
        }
    }
}
