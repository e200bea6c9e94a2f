import KairosDSP

/// A change of a control value that waits for a control tick.
struct ControlChange: BitwiseCopyable, Sendable {
    /// The target of the change.
    var target: ControlTarget
    /// The new value, in the target's own unit; nil for the patch's own bend range.
    let value: ParamValue?
    /// The frame at which it acts: a control tick.
    let due: Int
}
