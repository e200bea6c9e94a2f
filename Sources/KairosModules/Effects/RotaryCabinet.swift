import KairosDSP

/// Geometry of a rotary speaker: paths from two rotors to two microphones, each direct and by way of the wall behind the
/// rotors (J. Smith, S. Serafin, J. Abel, D. Berners, "Doppler simulation and the Leslie", 2002; J. Herrera, C. Hanson,
/// J. Abel, "Discrete time emulation of the Leslie speaker", 2009). [audio]
///
/// Lane 4 · rotor + 2 · path + microphone is a path: rotor 0 is the horn, path 0 the direct one, microphone 0 the left.
struct RotaryCabinet: BitwiseCopyable {
    /// Radius of the horn in metres.
    static var hornRadius: Float { 0.19 }
    /// Speed of sound in metres per second.
    static var soundSpeed: Float { 343 }
    /// Delay in seconds of the shortest path, with which an effect a control tick ahead can be computed.
    static var shortestDelay: Float { 0.0006 }
    /// Longest delay in seconds.
    static var longestDelay: Float { shortestDelay + (2 * hornRadius + wall) / soundSpeed }
    /// Detour by way of the wall in metres.
    static var wall: Float { 0.9 }

    /// Settings of a player.
    struct Setting {
        /// Distance of the microphones from the axis, in metres.
        let distance: Float
        /// Angle of the microphones: 0 … 1 is 0 … 90° each way.
        let width: Float
        /// Level of the reflections, 0 … 1.
        let reflection: Float
        /// Levels of the horn and the drum.
        let horn: Float
        let drum: Float
    }

    /// Delays of the paths in seconds.
    let delays: Lanes
    /// Gains of the rotors' signals.
    let bright: Lanes
    /// Gains of the horn's signal without its treble.
    let dark: Lanes

    /// The paths at two angles of the rotors. The drum turns against the horn.
    @inline(__always) init(horn: UInt32, drum: UInt32, _ setting: Setting) {
        let isReflected = Lanes(0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0)
        let isDrum = Lanes(0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0)
        // The image of a microphone in the wall is on its own side, behind the rotors.
        let side = Lanes(1, -1, -1, 1, 1, -1, -1, 1, 0, 0, 0, 0, 0, 0, 0, 0)
        let turns = (side * Lanes(repeating: 0.25 * setting.width)).addingProduct(
            isReflected, Lanes(repeating: 0.5))
        let against = 0 &- drum
        let rotors = SIMD16<UInt32>(
            horn, horn, horn, horn, against, against, against, against, 0, 0, 0, 0, 0, 0, 0, 0)
        let cosine = sine(phase: rotors &+ phaseOffset(turns: turns + Lanes(repeating: 0.25)))
        let near = Lanes(repeating: setting.distance)
        let far = near.addingProduct(isReflected, Lanes(repeating: Self.wall))
        // A drum's horn stands still; the scoop below it turns, and changes the way less than its radius.
        let radius = Lanes(repeating: Self.hornRadius).subtractingProduct(isDrum, Lanes(repeating: 0.11))
        let squares = (far * far).addingProduct(radius, radius)
        let distance = squares.subtractingProduct(far * radius * cosine, Lanes(repeating: 2)).roots
        delays =
            Lanes(repeating: Self.shortestDelay)
            + (distance - near + Lanes(repeating: Self.hornRadius)) * Lanes(repeating: 1 / Self.soundSpeed)
        // 1 where a rotor faces the microphone, 0 where it faces away.
        let facing = Lanes(repeating: 0.5).addingProduct(cosine, Lanes(repeating: 0.5))
        let level = Lanes(repeating: 0.4).addingProduct(facing, Lanes(repeating: 0.6))
        let path = Lanes.one.addingProduct(isReflected, Lanes(repeating: setting.reflection - 1))
        let rotor = Lanes(repeating: setting.horn).addingProduct(
            isDrum, Lanes(repeating: setting.drum - setting.horn))
        let gain = level * path * rotor * near / distance
        // A drum turns its whole range; a horn beams the treble.
        let share = facing.addingProduct(isDrum, Lanes.one - facing)
        bright = gain * share
        dark = gain.subtractingProduct(gain, share)
    }
}
