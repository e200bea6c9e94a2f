/// Context of one step of the schedule: the locations of its ports, and its sub-block. The address is stable
/// for the life of the instance. [audio]
@frozen public struct StepContext {
    /// Index of the cell that all unconnected outlets share.
    @inlinable public static var unread: Int32 { 0 }

    @usableFromInline let inlets: UnsafePointer<Int32>
    @usableFromInline let outlets: UnsafePointer<Int32>
    @usableFromInline let params: UnsafePointer<Int32>
    @usableFromInline let cells: UnsafeMutablePointer<SignalCell>
    @usableFromInline let gates: UnsafeMutablePointer<Gate>
    @usableFromInline let subBlock: UnsafePointer<SubBlock>
    @usableFromInline let atControlTicks: UInt32
    @usableFromInline let periods: UnsafePointer<BeatPeriod?>?

    /// Ports are indices into `cells` (audio, parameters) and `gates`. `atControlTicks` has bit n set if
    /// outlet n is read at control ticks only. `periods` has, for each cell, the length of the note value that it
    /// holds; nil there is for numbers, and nil instead of the table for a context without note values.
    @inlinable public init(
        inlets: UnsafePointer<Int32>, outlets: UnsafePointer<Int32>, params: UnsafePointer<Int32>,
        cells: UnsafeMutablePointer<SignalCell>, gates: UnsafeMutablePointer<Gate>,
        subBlock: UnsafePointer<SubBlock>, atControlTicks: UInt32 = 0,
        periods: UnsafePointer<BeatPeriod?>? = nil
    ) {
        self.periods = periods
        self.atControlTicks = atControlTicks
        self.inlets = inlets
        self.outlets = outlets
        self.params = params
        self.cells = cells
        self.gates = gates
        self.subBlock = subBlock
    }
}
