import KairosControl
import KairosDSP
import KairosPatch

/// A note as a program is given it.
struct NoteStart {
    var serial: UInt32
    /// Semitones, tuned and transposed.
    var pitch: Float
    /// As received.
    var key: UInt8
    /// The key that gave it its pitch.
    var tunedKey: UInt8
    /// Whose bend and pressure it has.
    var line: UInt8
    /// 0…1
    var velocity: Float
    /// Where wheels, pressure and timbre are now.
    var touch: Touch
    /// How loud it is, 0…1.
    var gain: Float = 1
    /// How keys become voices here and now.
    var mode: Voicing.Mode
    /// Frames from the pitch before to this one; 0 for at once.
    var glide: Int
    /// Semitones where it glides from; not a number for the note before.
    var from: Float = .nan
    /// The channels (and MPE fingers) whose voices a mono or legato note may take over.
    var lines = ChannelMask.all
    /// The serial of the note whose voice it takes over without a new attack (portamento control, CC 84).
    var takes: UInt32?
}

extension NoteStart {
    /// A key that nothing else says anything of.
    init(serial: UInt32, key: UInt8, velocity: Float, in voices: Voices) {
        self.init(
            serial: serial, pitch: Float(key), key: key, tunedKey: key, line: 0, velocity: velocity,
            touch: Touch(), mode: voices.voicing.mode, glide: voices.voicing.glide)
    }
}

/// What a player's hands say of a note that sounds.
struct Touch {
    /// Semitones that wheels and tunings add.
    var offset: Float = 0
    /// −1…1
    var bend: Float = 0
    /// 0…1
    var pressure: Float = 0
    /// 0…1
    var timbre: Float = 0.5
}

/// Gives notes their lanes and takes them back.
///
/// > Audio thread, but for `init`.
struct Voices {
    let groups: UnsafeMutablePointer<Group>
    let groupCount: Int
    let voicing: FlatVoicing
    private let seed: UInt32
    private let state: UnsafeMutablePointer<State>

    /// What changes, apart from the groups. It lies in the instance's region.
    struct State: BitwiseCopyable {
        /// Notes since the last ``Voices/rewind()``.
        var ordinal: UInt32 = 0
        /// Group and lane of the newest note; a parameter of a module that runs once follows it.
        var newestGroup = 0
        var newestLane = 0
        /// Pitch of the last note in semitones; NaN before the first one.
        var lastPitch: Float = .nan
        /// Lanes that were taken over before they had faded: clicks that were heard.
        var cuts = 0
    }

    /// Group of the newest note.
    var newestGroup: Int { state.pointee.newestGroup }
    /// Lane of the newest note in its group.
    var newestLane: Int { state.pointee.newestLane }
    /// Lanes that were taken over before they had faded.
    var cuts: Int { state.pointee.cuts }

    /// ``Voicing`` without a reference, in frames.
    struct FlatVoicing {
        var mode: Voicing.Mode
        var voices: Int
        var unison: Int
        var unisonDetune: Float
        var glide: Int
        var bendRange: Float
        /// 3 ms: a stolen voice fades.
        var stealFade: Int
        /// 5 ms at the fold of a patch in which nothing listens to the keys' gate, else 0.
        var gate: Int
        /// What one lane of a note is worth, so that unison is no louder.
        var laneGain: Float
    }

    init(groups count: Int, voicing: FlatVoicing, seed: UInt32, _ arena: inout Arena) {
        groups = arena.place(count, repeating: Group())
        groupCount = count
        state = arena.place([State()])
        self.voicing = voicing
        self.seed = seed
    }

    /// As before the first note.
    mutating func reset() {
        for g in 0..<groupCount { groups[g] = Group() }
        rewind()
        state.pointee.lastPitch = .nan
    }

    /// Goes on where another program's voices are.
    mutating func follow(_ old: Voices) {
        for g in 0..<groupCount {
            groups[g] = old.groups[g]
            guard voicing.gate > 0, old.voicing.gate == 0 else { continue }
            // Nothing but the fold ends a note here.
            var rest = groups[g].used & ~groups[g].high & ~groups[g].ending
            while !rest.isEmpty {
                let lane = rest.first
                rest.remove(lane)
                groups[g].gain.move(lane, to: 0, frames: voicing.gate)
            }
        }
        state.pointee = old.state.pointee
    }

    /// Notes count from 0 again: what is random repeats from one activation to the next.
    mutating func rewind() { state.pointee.ordinal = 0 }

    /// Voices that sound, fading ones not counted.
    var sounding: Int {
        var lanes = 0
        for g in 0..<groupCount { lanes += (groups[g].used & ~groups[g].ending).count }
        return (lanes + voicing.unison - 1) / voicing.unison
    }

    var isSilent: Bool {
        for g in 0..<groupCount where !groups[g].used.isEmpty { return false }
        return true
    }

    var anyHigh: Bool {
        for g in 0..<groupCount where !groups[g].high.isEmpty { return true }
        return false
    }

    /// Starts a note in a voice of its own, or in one that sounds (mono, legato, portamento control). Returns the serial
    /// of the note whose voice it took over. [audio]
    @discardableResult
    mutating func start(_ note: NoteStart) -> UInt32? {
        defer {
            state.pointee.ordinal &+= 1
            state.pointee.lastPitch = note.pitch
        }
        if let former = note.takes ?? (note.mode == .poly ? nil : movable(note.lines)) {
            move(former, to: note)
            return former
        }
        if sounding >= voicing.voices { steal() }
        for copy in 0..<voicing.unison {
            let (group, lane) = freeLane()
            start(note, copy, group, lane)
        }
        return nil
    }

    /// The one note whose voice a mono or legato note takes over: the newest that is held, else the newest that rings.
    /// All others go on as they are.
    private func movable(_ lines: ChannelMask) -> UInt32? {
        var found: (isHeld: Bool, serial: UInt32)?
        for g in 0..<groupCount {
            var rest = groups[g].used & ~groups[g].ending
            while !rest.isEmpty {
                let lane = rest.first
                rest.remove(lane)
                guard lines.contains(groups[g].line[lane]) else { continue }
                let isHeld = groups[g].high.contains(lane), serial = groups[g].serial[lane]
                if let best = found, isHeld == best.isHeld ? serial <= best.serial : best.isHeld { continue }
                found = (isHeld, serial)
            }
        }
        return found?.serial
    }

    /// The voice of the note `former` goes to another note.
    private mutating func move(_ former: UInt32, to note: NoteStart) {
        for g in 0..<groupCount {
            var rest = groups[g].lanes(of: former) & ~groups[g].ending
            while !rest.isEmpty {
                let lane = rest.first
                rest.remove(lane)
                let isHeld = groups[g].high.contains(lane)
                retarget(lane, of: g, to: note)
                state.pointee.newestGroup = g
                state.pointee.newestLane = lane
                guard note.takes == nil, !isHeld || note.mode == .mono else { continue }
                groups[g].struck.insert(lane)
                groups[g].high.insert(lane)
                groups[g].velocity.move(lane, to: note.velocity, frames: voicing.stealFade)
                groups[g].gain.move(
                    lane, to: voicing.laneGain * note.gain, frames: max(voicing.gate, voicing.stealFade))
                groups[g].muted.remove(lane)
            }
        }
    }

    /// Whether a note has a voice whose gate is high. [audio]
    func plays(_ serial: UInt32) -> Bool {
        for g in 0..<groupCount where !(groups[g].lanes(of: serial) & groups[g].high).isEmpty { return true }
        return false
    }

    /// The note `former` ended, and its voice goes back to an older note that is still held; its pitch returns, without a
    /// new attack. [audio]
    mutating func goBack(from former: UInt32, to note: NoteStart) {
        for g in 0..<groupCount {
            var rest = groups[g].lanes(of: former) & groups[g].high
            while !rest.isEmpty {
                let lane = rest.first
                rest.remove(lane)
                retarget(lane, of: g, to: note)
            }
        }
        state.pointee.lastPitch = note.pitch
    }

    private func retarget(_ lane: Int, of g: Int, to note: NoteStart) {
        groups[g].serial[lane] = note.serial
        groups[g].key[lane] = note.tunedKey
        groups[g].line[lane] = note.line
        groups[g].note[lane] = Float(note.key)
        if !note.from.isNaN { groups[g].pitch.snap(lane, to: note.from + detune(groups[g].spread[lane])) }
        groups[g].pitch.move(lane, to: note.pitch + detune(groups[g].spread[lane]), frames: note.glide)
        touch(lane, of: g, note.touch)
    }

    private func detune(_ spread: Float) -> Float { spread * voicing.unisonDetune * 0.5 }

    private mutating func start(_ note: NoteStart, _ copy: Int, _ g: Int, _ lane: Int) {
        let spread = voicing.unison > 1 ? 2 * Float(copy) / Float(voicing.unison - 1) - 1 : 0
        let pitch = note.pitch + detune(spread)
        let group = groups + g
        group.pointee.used.insert(lane)
        group.pointee.high.insert(lane)
        group.pointee.struck.insert(lane)
        group.pointee.fresh.insert(lane)
        group.pointee.muted.remove(lane)
        let from = note.from.isNaN ? state.pointee.lastPitch : note.from
        if note.glide > 0, !from.isNaN {
            group.pointee.pitch.snap(lane, to: from + detune(spread))
            group.pointee.pitch.move(lane, to: pitch, frames: note.glide)
        } else {
            group.pointee.pitch.snap(lane, to: pitch)
        }
        group.pointee.velocity.snap(lane, to: note.velocity)
        group.pointee.offset.snap(lane, to: note.touch.offset)
        group.pointee.bend.snap(lane, to: note.touch.bend)
        group.pointee.pressure.snap(lane, to: note.touch.pressure)
        group.pointee.timbre.snap(lane, to: note.touch.timbre)
        group.pointee.release[lane] = 0
        group.pointee.note[lane] = Float(note.key)
        group.pointee.spread[lane] = spread
        if voicing.gate > 0 {
            group.pointee.gain.snap(lane, to: 0)
            group.pointee.gain.move(lane, to: voicing.laneGain * note.gain, frames: voicing.gate)
        } else {
            group.pointee.gain.snap(lane, to: voicing.laneGain * note.gain)
        }
        group.pointee.serial[lane] = note.serial
        group.pointee.seeds[lane] = scrambled(seed ^ scrambled(state.pointee.ordinal &* 16 &+ UInt32(copy)))
        group.pointee.line[lane] = note.line
        group.pointee.key[lane] = note.tunedKey
        group.pointee.quiet[lane] = 0
        group.pointee.peak[lane] = 0
        state.pointee.newestGroup = g
        state.pointee.newestLane = lane
    }

    /// A lane in the fullest group with room; where there is none, the one that has faded furthest.
    private mutating func freeLane() -> (group: Int, lane: Int) {
        var best = -1, most = -1
        for g in 0..<groupCount {
            let count = groups[g].used.count
            if count < 16, count > most { (best, most) = (g, count) }
        }
        if best >= 0 { return (best, (~groups[best].used).first) }
        var found = (group: 0, lane: 0), least = Float.infinity
        for g in 0..<groupCount {
            for lane in 0..<16 where groups[g].ending.contains(lane) && groups[g].gain.value[lane] < least {
                least = groups[g].gain.value[lane]
                found = (g, lane)
            }
        }
        state.pointee.cuts += 1
        groups[found.group].free(LaneMask(lane: found.lane))
        return found
    }

    /// Lets the oldest voice fade, one whose key is up before one that is held.
    private mutating func steal() {
        var serial: UInt32 = 0, found = false, foundHeld = true
        var oldest: UInt32 = .max
        for g in 0..<groupCount {
            for lane in 0..<16 where (groups[g].used & ~groups[g].ending).contains(lane) {
                let held = groups[g].high.contains(lane), age = groups[g].serial[lane]
                if !found || (foundHeld && !held) || (held == foundHeld && age < oldest) {
                    (serial, oldest, foundHeld, found) = (groups[g].serial[lane], age, held, true)
                }
            }
        }
        if found { fade(serial) }
    }

    /// Ends a note within 3 ms, whatever its envelope.
    mutating func fade(_ serial: UInt32) {
        for g in 0..<groupCount { fade(groups[g].lanes(of: serial) & ~groups[g].ending, in: g) }
    }

    /// Ends the notes of the lines with a bit in `lines`, whatever their envelopes.
    mutating func fadeAll(lines: ChannelMask) {
        for g in 0..<groupCount {
            var lanes = groups[g].used & ~groups[g].ending
            for lane in 0..<16 where !lines.contains(groups[g].line[lane]) { lanes.remove(lane) }
            fade(lanes, in: g)
        }
    }

    private func fade(_ lanes: LaneMask, in g: Int) {
        var rest = lanes
        while !rest.isEmpty {
            let lane = rest.first
            rest.remove(lane)
            groups[g].ending.insert(lane)
            groups[g].high.remove(lane)
            groups[g].gain.move(lane, to: 0, frames: voicing.stealFade)
        }
    }

    /// The note's gate falls.
    mutating func release(_ serial: UInt32, velocity: Float) {
        for g in 0..<groupCount {
            var rest = groups[g].lanes(of: serial) & groups[g].high
            while !rest.isEmpty {
                let lane = rest.first
                rest.remove(lane)
                groups[g].high.remove(lane)
                groups[g].release[lane] = velocity
                groups[g].quiet[lane] = 0
                groups[g].peak[lane] = 0
                if voicing.gate > 0 { groups[g].gain.move(lane, to: 0, frames: voicing.gate) }
            }
        }
    }
}
