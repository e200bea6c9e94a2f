/// Coefficient that is computed at control ticks and interpolated linearly in between. [audio]
///
/// It reaches each value one control tick late. A lane that starts between two control ticks begins at its
/// target.
@frozen public struct ControlRamp: BitwiseCopyable, Sendable {
    @usableFromInline var origin = Lanes.zero
    @usableFromInline var goal = Lanes.zero
    @usableFromInline var slope = Lanes.zero

    /// A ramp that is steady at 0.
    @inlinable public init() {}

    /// The value at the next control tick.
    @inline(__always) @inlinable public var target: Lanes { goal }

    /// True if no lane changes before the next call of ``aim(at:_:snapping:)``.
    @inline(__always) @inlinable public var isSteady: Bool { !(slope .!= Lanes.zero).any }

    /// Starts a ramp to `target` in `lanes`, to be reached at the next control tick; lanes in `snapping` jump
    /// to it at once.
    @_transparent public mutating func aim(
        at target: Lanes, _ lanes: LaneMask, snapping: LaneMask
    ) {
        if lanes.isAll && snapping.isEmpty {
            origin = goal
            slope = (target - goal) * Lanes(repeating: 1 / Float(SubBlock.controlTick))
            goal = target
            return
        }
        let moving = lanes.vector
        let from = goal.replacing(with: target, where: snapping.vector)
        origin.replace(with: from, where: moving)
        goal.replace(with: target, where: moving)
        slope.replace(
            with: (target - from) * Lanes(repeating: 1 / Float(SubBlock.controlTick)), where: moving)
    }

    /// Value `frame` frames after the last control tick, 0…15.
    @inline(__always) @inlinable public func value(_ frame: Int) -> Lanes {
        origin.addingProduct(slope, Lanes(repeating: Float(frame)))
    }

    /// The linear ramp to the next control tick, from `frame` frames after the last one, 0…15.
    @inline(__always) @inlinable public func ramp(from frame: Int) -> LinearRamp {
        var ramp = LinearRamp(origin: origin, slope: slope)
        // As many additions as without a split, so that the rounding is the same.
        for _ in 0..<frame { ramp.advance() }
        return ramp
    }
}
