/// A coefficient that is worked out on the engine's grid and goes in a straight line from point to point.
///
/// It arrives one grid step late. A lane that starts between two points begins where it should be at once.
///
/// > Audio thread.
@frozen public struct ControlRamp: Sendable {
    @usableFromInline var origin = Lanes.zero
    @usableFromInline var goal = Lanes.zero
    @usableFromInline var slope = Lanes.zero

    /// At rest on 0.
    @inlinable public init() {}

    /// Where it will be at the next point of the grid.
    @inline(__always) @inlinable public var target: Lanes { goal }

    /// Whether every lane stays where it is until the next aim.
    @inline(__always) @inlinable public var isSteady: Bool { !(slope .!= Lanes.zero).any }

    /// Lets `lanes` move towards `target` for the next grid step; those in `snapping` are there at once.
    @_transparent public mutating func aim(
        at target: Lanes, _ lanes: LaneMask, snapping: LaneMask
    ) {
        if lanes.isAll && snapping.isEmpty {
            origin = goal
            slope = (target - goal) * Lanes(repeating: 1 / Float(SubBlock.grid))
            goal = target
            return
        }
        let moving = lanes.vector
        let from = goal.replacing(with: target, where: snapping.vector)
        origin.replace(with: from, where: moving)
        goal.replace(with: target, where: moving)
        slope.replace(with: (target - from) * Lanes(repeating: 1 / Float(SubBlock.grid)), where: moving)
    }

    /// The value `frame` frames after the grid point, 0…15.
    @inline(__always) @inlinable public func value(_ frame: Int) -> Lanes {
        origin.addingProduct(slope, Lanes(repeating: Float(frame)))
    }

    /// Its course to the next point of the grid, from `frame` frames after the last one, 0…15.
    @inline(__always) @inlinable public func line(from frame: Int) -> ControlLine {
        var line = ControlLine(origin: origin, slope: slope)
        // As many steps as without a cut, so that they are rounded alike.
        for _ in 0..<frame { line.advance() }
        return line
    }
}

/// A straight line between two points of the grid: what a loop needs of a ``ControlRamp``.
@frozen public struct ControlLine: Sendable {
    @usableFromInline var current: Lanes
    @usableFromInline let slope: Lanes

    @inline(__always) @inlinable init(origin: Lanes, slope: Lanes) {
        current = origin
        self.slope = slope
    }

    /// The value at this frame.
    @inline(__always) @inlinable public var value: Lanes { current }

    /// One frame on.
    @inline(__always) @inlinable public mutating func advance() { current += slope }
}
