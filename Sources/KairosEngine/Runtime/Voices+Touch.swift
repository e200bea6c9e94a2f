import KairosControl
import KairosDSP

// Bend, pressure, timbre and tuning of sounding notes. [audio]
extension Voices {
    /// Moves the pressure of one note to `value`, 0…1.
    func setPressure(_ serial: UInt32, to value: Float, frames: Int) {
        for group in groups.indices {
            var rest = groups[group].lanes(of: serial)
            while let lane = rest.popFirst() { groups[group].pressure.move(lane, to: value, frames: frames) }
        }
    }

    /// Moves expression values of all notes of a MIDI channel state; nil leaves a value as it is.
    func touch(
        channelState: UInt8, offset: Float? = nil, bend: Float? = nil, pressure: Float? = nil,
        timbre: Float? = nil, frames: Int
    ) {
        for group in groups.indices {
            var rest = groups[group].used
            while let lane = rest.popFirst() {
                guard groups[group].channelState[lane] == channelState else { continue }
                if let offset { groups[group].offset.aim(lane, at: offset, frames: frames) }
                if let bend { groups[group].bend.aim(lane, at: bend, frames: frames) }
                if let pressure { groups[group].pressure.aim(lane, at: pressure, frames: frames) }
                if let timbre { groups[group].timbre.aim(lane, at: timbre, frames: frames) }
            }
        }
    }

    /// Moves a lane to the expression of another note.
    func touch(_ lane: Int, of group: Int, _ touch: Touch) {
        groups[group].offset.aim(lane, at: touch.offset, frames: voicing.stealFade)
        groups[group].bend.aim(lane, at: touch.bend, frames: voicing.stealFade)
        groups[group].pressure.aim(lane, at: touch.pressure, frames: voicing.stealFade)
        groups[group].timbre.aim(lane, at: touch.timbre, frames: voicing.stealFade)
    }

    /// Moves the pitch of the sounding notes of a key and MIDI channel state by `semitones`.
    func retune(key: UInt8, channelState: UInt8, by semitones: Float, frames: Int) {
        for group in groups.indices {
            var rest = groups[group].used
            while let lane = rest.popFirst() {
                guard groups[group].key[lane] == key, groups[group].channelState[lane] == channelState else {
                    continue
                }
                groups[group].pitch.move(
                    lane, to: groups[group].pitch.target(of: lane) + semitones, frames: frames)
            }
        }
    }
}
