import KairosControl
import KairosDSP

// The end of notes. [audio]
extension Voices {
    /// Lowers the gate of a note.
    mutating func release(_ serial: UInt32, velocity: Float) {
        for group in groups.indices {
            var rest = groups[group].lanes(of: serial) & groups[group].high
            while let lane = rest.popFirst() {
                groups[group].high.remove(lane)
                groups[group].release[lane] = velocity
                groups[group].quiet[lane] = 0
                groups[group].peak[lane] = 0
                if voicing.gate > 0 { groups[group].gain.move(lane, to: 0, frames: voicing.gate) }
            }
        }
    }

    /// Moves the gain of a note that only a pedal holds to 0 within `frames` (half-pedalling). 0 frames stops the gain
    /// where it is.
    func damp(_ serial: UInt32, frames: Int) {
        for group in groups.indices {
            var rest = groups[group].lanes(of: serial) & groups[group].high & ~groups[group].ending
            while let lane = rest.popFirst() {
                let level = groups[group].gain.value[lane]
                groups[group].gain.move(lane, to: frames > 0 ? 0 : level, frames: max(1, frames))
            }
        }
    }

    /// Fades out the oldest note, one whose gate is low before one whose gate is high.
    mutating func steal() {
        var oldest: (isHeld: Bool, serial: UInt32)?
        for group in groups.indices {
            var rest = groups[group].used & ~groups[group].ending
            while let lane = rest.popFirst() {
                let isHeld = groups[group].high.contains(lane), serial = groups[group].serial[lane]
                if let found = oldest, isHeld == found.isHeld ? serial >= found.serial : isHeld { continue }
                oldest = (isHeld, serial)
            }
        }
        if let oldest { fade(oldest.serial) }
    }

    /// Fades out a note within 3 ms, whatever its envelope.
    mutating func fade(_ serial: UInt32) {
        for group in groups.indices {
            fade(groups[group].lanes(of: serial) & ~groups[group].ending, in: group)
        }
    }

    /// Fades out the notes of the MIDI channel states with a bit in `channelStates`, whatever their envelopes.
    mutating func fadeAll(channelStates: ChannelMask) {
        for group in groups.indices {
            var lanes = LaneMask.none, rest = groups[group].used & ~groups[group].ending
            while let lane = rest.popFirst() {
                if channelStates.contains(groups[group].channelState[lane]) { lanes.insert(lane) }
            }
            fade(lanes, in: group)
        }
    }

    private func fade(_ lanes: LaneMask, in group: Int) {
        var rest = lanes
        while let lane = rest.popFirst() {
            groups[group].ending.insert(lane)
            groups[group].high.remove(lane)
            groups[group].gain.move(lane, to: 0, frames: voicing.stealFade)
        }
    }

    /// True if a note of a MIDI channel state without a bit in `states` sounds.
    func sound(outside states: ChannelMask) -> Bool {
        for group in groups.indices {
            var rest = groups[group].used & ~groups[group].ending
            while let lane = rest.popFirst() {
                if !states.contains(groups[group].channelState[lane]) { return true }
            }
        }
        return false
    }
}
