import KairosDSP

/// Voice group: the state of sixteen voices of one instance, one per lane, apart from that of its modules.
struct Group: BitwiseCopyable {
    /// Lanes that play a note.
    var used = LaneMask.none
    /// Lanes whose gate is high.
    var high = LaneMask.none
    /// Lanes that are triggered in the next sub-block.
    var triggered = LaneMask.none
    /// Lanes whose modules are started before the next sub-block.
    var fresh = LaneMask.none
    /// Lanes that were stolen and fade out.
    var ending = LaneMask.none
    /// Lanes whose output was not finite: muted until their next note.
    var muted = LaneMask.none
    /// Pitch in semitones, with glide and unison detuning.
    var pitch = LaneRamp(60)
    /// Pitch offset from bend and tuning in semitones.
    var offset = LaneRamp(0)
    /// Note-on velocity, 0…1.
    var velocity = LaneRamp(0)
    /// Pitch bend, −1…1.
    var bend = LaneRamp(0)
    /// Pressure, 0…1.
    var pressure = LaneRamp(0)
    /// Timbre, 0…1.
    var timbre = LaneRamp(0.5)
    /// Note-off velocity, 0…1.
    var release = Lanes.zero
    /// MIDI note number as received.
    var note = Lanes.zero
    /// Key in octaves above middle C, after transposition, without tuning.
    var keytrack = Lanes.zero
    /// Position among the unison voices, −1…1.
    var spread = Lanes.zero
    /// Gain at which a lane is added to the sum of the voices; 0 where nothing sounds.
    var gain = LaneRamp(0)
    /// Seed of the note's random numbers.
    var seeds = SIMD16<UInt32>(repeating: 0)
    /// Serial number of the note: the greater, the newer.
    var serial = SIMD16<UInt32>(repeating: 0)
    /// Index of the MIDI channel state whose bend, pressure and timbre the note follows.
    var channelState = SIMD16<UInt8>(repeating: 0)
    /// MIDI note number after transposition, whose tuning the pitch follows.
    var key = SIMD16<UInt8>(repeating: 0)
    /// Peak of a lane at its gain since the last control tick.
    var peak = Lanes.zero
    /// Consecutive control ticks in which a released lane was silent.
    var quiet = SIMD16<Int32>(repeating: 0)

    /// Lanes that are freed when they become silent: those whose gate is low.
    var watched: LaneMask { @inline(__always) get { used & ~high } }

    /// Lanes of the note `serial`.
    @inline(__always) func lanes(of serial: UInt32) -> LaneMask {
        (self.serial .== SIMD16(repeating: serial)).lanes & used
    }

    /// Frees `lanes` for other notes. Their ramps settle, so that a group at rest computes none.
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
        triggered = triggered & ~lanes
    }
}
