/// A value a lane that moves to its target in a straight line and settles exactly on it.
///
/// Frame by frame it does the same whatever pieces the frames come in.
///
/// > Audio thread.
@frozen public struct LaneRamp: Sendable {
    /// Where each lane stands.
    public var value: Lanes
    @usableFromInline var target: Lanes
    @usableFromInline var step = Lanes.zero
    @usableFromInline var remaining = SIMD16<Int32>(repeating: 0)

    /// All lanes at rest on `value`.
    @inlinable public init(_ value: Float) {
        self.value = Lanes(repeating: value)
        target = self.value
    }

    /// Whether no lane moves.
    @inline(__always) @inlinable public var isSettled: Bool {
        !(remaining .> SIMD16<Int32>(repeating: 0)).any
    }

    /// Puts one lane on `newValue` at once.
    @inlinable public mutating func snap(_ lane: Int, to newValue: Float) {
        value[lane] = newValue
        target[lane] = newValue
        remaining[lane] = 0
    }

    /// Lets one lane move to `newTarget` within `frames`, from the next frame on.
    @inlinable public mutating func move(_ lane: Int, to newTarget: Float, frames: Int) {
        guard frames > 0 else { return snap(lane, to: newTarget) }
        target[lane] = newTarget
        remaining[lane] = Int32(truncatingIfNeeded: frames)
        step[lane] = (newTarget - value[lane]) / Float(frames)
    }

    /// Lets one lane move to `newTarget` within `frames`, unless it goes there already.
    @inlinable public mutating func aim(_ lane: Int, at newTarget: Float, frames: Int) {
        if target[lane] != newTarget { move(lane, to: newTarget, frames: frames) }
    }

    /// Where one lane is going.
    @inlinable public func target(of lane: Int) -> Float { target[lane] }

    /// One frame on.
    @_transparent public mutating func advance() {
        let moving = remaining .> SIMD16<Int32>(repeating: 0)
        let last = remaining .== SIMD16<Int32>(repeating: 1)
        value.replace(with: value + step, where: moving)
        value.replace(with: target, where: last)
        remaining.replace(with: remaining &- SIMD16<Int32>(repeating: 1), where: moving)
    }
}
