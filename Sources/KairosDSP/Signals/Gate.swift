/// State of a gate during one sub-block. It changes only on the first frame of a sub-block.
@frozen public struct Gate: BitwiseCopyable, Equatable, Sendable {
    /// Lanes in which the gate is high.
    public var high: LaneMask
    /// Lanes that are triggered (started or retriggered) on the sub-block's first frame.
    public var triggered: LaneMask

    /// A gate with these lanes high and these lanes triggered.
    @inlinable public init(high: LaneMask, triggered: LaneMask) {
        self.high = high
        self.triggered = triggered
    }

    /// A gate that is low in all lanes.
    @inlinable public static var low: Gate { Gate(high: .none, triggered: .none) }
}
