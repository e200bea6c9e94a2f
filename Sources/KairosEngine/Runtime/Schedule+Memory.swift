import KairosCompiler
import KairosDSP

extension Schedule {
    /// Bytes of the memory that one program of it takes, without its modules' own.
    ///
    /// > Loader thread.
    var programBytes: Int {
        var total = 0
        func add<T>(_ type: T.Type, _ count: Int) { total += Arena.bytes(type, count) }
        add(Step.self, steps[0].count)
        add(Step.self, steps[1].count)
        add(Step.self, steps[2].count)
        add(SubBlock.self, 1)
        add(StepContext.self, steps.reduce(0) { $0 + $1.count })
        add(Int32.self, ports.count)
        add(Float.self, depths.count)
        add(SignalCell.self, cells.count)
        // The gate of a signal, not the one in the schedule.
        add(KairosDSP.Gate.self, gates.count + 2)
        add(Float.self, memories.count)
        add(Float.self, 128)
        add(Int32.self, keyCells.count)
        add(Lanes.self, InstanceCore.runsPerPiece)
        add(Unmanaged<ModuleBox>.self, onceBoxes.count)
        add(UInt32.self, onceBoxes.count)
        add(Unmanaged<ModuleBox>.self, voiceBoxes.count * groups)
        add(UInt32.self, voiceBoxes.count)
        for _ in 0..<5 { add(Float.self, SubBlock.longest) }
        add(UInt32.self, names.count)
        add(Group.self, groups)
        add(Lanes.self, cells.count)
        add(ParamTable.State.self, params.count)
        add(Lanes.self, params.count)
        add(Int32.self, params.count)
        add(ParamKey64.self, params.count)
        return total
    }
}
