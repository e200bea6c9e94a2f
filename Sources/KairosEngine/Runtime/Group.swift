import KairosDSP

/// Sixteen voices of one program: what the engine knows of each lane.
struct Group: BitwiseCopyable {
    /// Lanes that a note has.
    var used = LaneMask.none
    /// Lanes whose gate is high.
    var high = LaneMask.none
    /// Lanes that start or restart with the next piece.
    var struck = LaneMask.none
    /// Lanes whose modules must be started before the next piece.
    var fresh = LaneMask.none
    /// Lanes that were stolen and fade.
    var ending = LaneMask.none
    /// Lanes that made something not finite; silent until their next note.
    var muted = LaneMask.none
    /// Semitones, with glide and unison.
    var pitch = LaneRamp(60)
    /// Semitones that wheels and tunings add.
    var offset = LaneRamp(0)
    var velocity = LaneRamp(0)
    /// −1…1.
    var bend = LaneRamp(0)
    var pressure = LaneRamp(0)
    /// 0…1
    var timbre = LaneRamp(0.5)
    var release = Lanes.zero
    var note = Lanes.zero
    var spread = Lanes.zero
    /// Each lane's gain at its fold; 0 where nothing sounds.
    var gain = LaneRamp(0)
    var seeds = SIMD16<UInt32>(repeating: 0)
    /// The engine's number of the note in each lane: the greater, the newer.
    var serial = SIMD16<UInt32>(repeating: 0)
    /// Whose bend and pressure each lane has.
    var line = SIMD16<UInt8>(repeating: 0)
    /// The key that gave it its pitch, transposed.
    var key = SIMD16<UInt8>(repeating: 0)
    /// The loudest at the fold since the last control tick.
    var peak = Lanes.zero
    /// Grid steps each lane has been quiet.
    var quiet = SIMD16<Int32>(repeating: 0)

    /// Lanes whose silence is waited for.
    var watched: LaneMask { used & ~high }

    /// Lanes of the note `serial`.
    func lanes(of serial: UInt32) -> LaneMask {
        (self.serial .== SIMD16(repeating: serial)).lanes & used
    }

    mutating func free(_ lanes: LaneMask) {
        var rest = lanes
        while !rest.isEmpty {
            let lane = rest.first
            rest.remove(lane)
            gain.snap(lane, to: 0)
            pitch.snap(lane, to: pitch.target(of: lane))
            offset.snap(lane, to: 0)
            bend.snap(lane, to: 0)
            timbre.snap(lane, to: 0.5)
            pressure.snap(lane, to: 0)
            velocity.snap(lane, to: 0)
            quiet[lane] = 0
            peak[lane] = 0
        }
        used = used & ~lanes
        ending = ending & ~lanes
        high = high & ~lanes
        muted = muted & ~lanes
        fresh = fresh & ~lanes
        struck = struck & ~lanes
    }
}
