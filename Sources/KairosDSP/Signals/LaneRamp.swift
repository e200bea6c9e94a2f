/// Per-lane value that moves linearly to its target and settles exactly on it. [audio]
///
/// Its values do not depend on how a block is split.
@frozen public struct LaneRamp: BitwiseCopyable, Sendable {
    /// Current value of each lane.
    public var value: Lanes
    @usableFromInline var target: Lanes
    @usableFromInline var step = Lanes.zero
    @usableFromInline var remaining = SIMD16<Int32>(repeating: 0)

    /// A ramp that is settled at `value` in all lanes.
    @inlinable public init(_ value: Float) {
        self.value = Lanes(repeating: value)
        target = self.value
    }

    /// True if no lane moves.
    @inline(__always) @inlinable public var isSettled: Bool {
        !(remaining .> SIMD16<Int32>(repeating: 0)).any
    }

    /// Sets one lane to `newValue` at once.
    @inlinable public mutating func snap(_ lane: Int, to newValue: Float) {
        value[lane] = newValue
        target[lane] = newValue
        remaining[lane] = 0
    }

    /// Starts a linear ramp of one lane to `newTarget`, reached after `frames` frames.
    @inlinable public mutating func move(_ lane: Int, to newTarget: Float, frames: Int) {
        guard frames > 0 else { return snap(lane, to: newTarget) }
        target[lane] = newTarget
        remaining[lane] = Int32(truncatingIfNeeded: frames)
        step[lane] = (newTarget - value[lane]) / Float(frames)
    }

    /// Like ``move(_:to:frames:)``, unless the lane's target is already `newTarget`.
    @inlinable public mutating func aim(_ lane: Int, at newTarget: Float, frames: Int) {
        if target[lane] != newTarget { move(lane, to: newTarget, frames: frames) }
    }

    /// Target of each lane.
    @inlinable public var targets: Lanes { target }

    /// Target of one lane.
    @inlinable public func target(of lane: Int) -> Float { target[lane] }

    /// Advances by one frame.
    @_transparent public mutating func advance() {
        let moving = remaining .> SIMD16<Int32>(repeating: 0)
        let last = remaining .== SIMD16<Int32>(repeating: 1)
        value.replace(with: value + step, where: moving)
        value.replace(with: target, where: last)
        remaining.replace(with: remaining &- SIMD16<Int32>(repeating: 1), where: moving)
    }
}
