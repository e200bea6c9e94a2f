/// Length of a cycle in beats (quarter notes), as a whole number of units of 1/1536 beat. Every note value, halved or
/// doubled a few times, is exact. [any]
@frozen public struct BeatPeriod: BitwiseCopyable, Sendable, Hashable {
    /// Units in a beat: 2⁹ · 3.
    @inlinable public static var unitsPerBeat: Int32 { 1536 }

    /// Length in units, at least 1.
    public let units: Int32

    /// A period of `units`; a number under 1 is taken for 1.
    @inlinable public init(units: Int32) { self.units = Swift.max(1, units) }

    /// Length in beats.
    @inlinable public var beats: Float { Float(units) / Float(Self.unitsPerBeat) }

    /// Length in seconds at `tempo` beats per minute.
    @inlinable public func seconds(tempo: Float) -> Float { beats * 60 / tempo }

    /// The cycle at a position in 2⁻³² beats, 0 or more and under 2²⁰ beats: the number of the cycle, counted from the
    /// beginning of the music, and the phase as 32 bits of a turn, rounded down. Exact for every position.
    @inlinable public func cycle(at position: Int64) -> (number: UInt32, phase: UInt32) {
        let scaled = position &* Int64(Self.unitsPerBeat)
        let length = Int64(units) &<< 32
        let number = scaled / length
        return (
            UInt32(truncatingIfNeeded: number),
            UInt32(truncatingIfNeeded: (scaled &- number &* length) / Int64(units))
        )
    }

    /// Advance of the phase, as 32 bits of a turn, for an advance of `position` in 2⁻³² beats, under half a cycle.
    @inlinable public func phase(of position: Int64) -> UInt32 {
        UInt32(truncatingIfNeeded: position &* Int64(Self.unitsPerBeat) / Int64(units))
    }
}
