import KairosControl
import KairosDSP

// Changes of sounding notes. [audio]
extension Voices {
    /// 0…1 for one note.
    func setPressure(_ serial: UInt32, to value: Float, frames: Int) {
        for g in 0..<groupCount {
            var rest = groups[g].lanes(of: serial)
            while !rest.isEmpty {
                let lane = rest.first
                rest.remove(lane)
                groups[g].pressure.move(lane, to: value, frames: frames)
            }
        }
    }

    /// What the hands say of all notes of a line, where it changes.
    func touch(
        line: UInt8, offset: Float? = nil, bend: Float? = nil, pressure: Float? = nil, timbre: Float? = nil,
        frames: Int
    ) {
        for g in 0..<groupCount {
            for lane in 0..<16 where groups[g].used.contains(lane) && groups[g].line[lane] == line {
                if let offset { groups[g].offset.aim(lane, at: offset, frames: frames) }
                if let bend { groups[g].bend.aim(lane, at: bend, frames: frames) }
                if let pressure { groups[g].pressure.aim(lane, at: pressure, frames: frames) }
                if let timbre { groups[g].timbre.aim(lane, at: timbre, frames: frames) }
            }
        }
    }

    /// A lane goes over to another note's hands.
    func touch(_ lane: Int, of g: Int, _ touch: Touch) {
        groups[g].offset.aim(lane, at: touch.offset, frames: voicing.stealFade)
        groups[g].bend.aim(lane, at: touch.bend, frames: voicing.stealFade)
        groups[g].pressure.aim(lane, at: touch.pressure, frames: voicing.stealFade)
        groups[g].timbre.aim(lane, at: touch.timbre, frames: voicing.stealFade)
    }

    /// The damper comes down on a note that only a pedal holds: it is silent after `frames`; 0 lifts it.
    func damp(_ serial: UInt32, frames: Int) {
        for g in 0..<groupCount {
            var rest = groups[g].lanes(of: serial) & groups[g].high & ~groups[g].ending
            while !rest.isEmpty {
                let lane = rest.first
                rest.remove(lane)
                let level = groups[g].gain.value[lane]
                groups[g].gain.move(lane, to: frames > 0 ? 0 : level, frames: max(1, frames))
            }
        }
    }

    /// A key has another pitch: what sounds of it on `line` moves by `semitones`.
    func retune(key: UInt8, line: UInt8, by semitones: Float, frames: Int) {
        for g in 0..<groupCount {
            for lane in 0..<16
            where groups[g].used.contains(lane) && groups[g].key[lane] == key && groups[g].line[lane] == line
            {
                groups[g].pitch.move(
                    lane, to: groups[g].pitch.target(of: lane) + semitones, frames: frames)
            }
        }
    }

    /// True where a note of a channel state without a bit in `states` sounds.
    func sound(outside states: ChannelMask) -> Bool {
        for g in 0..<groupCount {
            var rest = groups[g].used & ~groups[g].ending
            while !rest.isEmpty {
                let lane = rest.first
                rest.remove(lane)
                if !states.contains(groups[g].line[lane]) { return true }
            }
        }
        return false
    }
}
