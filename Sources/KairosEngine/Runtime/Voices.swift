import KairosCompiler
import KairosControl
import KairosDSP
import KairosPatch

/// The voices of a patch instance: it assigns notes to lanes of the voice groups and frees them. [audio], but for `init`
struct Voices {
    /// Voice groups, sixteen lanes each.
    let groups: RegionTable<Group>
    /// The patch's voicing in frames.
    let voicing: FlatVoicing
    private let seed: UInt32
    private let stateReference: Reference<State>

    /// State apart from the groups. It lies in the instance's region.
    struct State: BitwiseCopyable {
        /// Number of notes since the last ``Voices/rewind()``.
        var ordinal: UInt32 = 0
        /// Group and lane of the newest note. The parameters of modules that run once follow it.
        var newestGroup = 0
        var newestLane = 0
        /// Pitch of the last note in semitones; nil before the first one.
        var lastPitch: Float?
    }

    /// ``Voicing`` with times in frames.
    struct FlatVoicing {
        /// Voice mode: polyphonic, mono or legato.
        var mode: Voicing.Mode
        /// Greatest number of notes at a time.
        var voices: Int
        /// Lanes per note.
        var unison: Int
        /// Pitch difference between the lowest and the highest unison lane in semitones.
        var unisonDetune: Float
        /// Length of a glide.
        var glide: Int
        /// Range of pitch bend in semitones.
        var bendRange: Float
        /// Length of the fade of a stolen voice: 3 ms.
        var stealFade: Int
        /// Length of the fade-in and fade-out of every voice: 5 ms if no module reads the gate of `keys`, else 0.
        var gate: Int
        /// Gain of one lane of a note, 1/√unison.
        var laneGain: Float
    }

    /// The voices of an instance of `schedule`. [loader]
    init(_ schedule: Schedule, sampleRate: Float, _ arena: inout Arena) {
        func frames(_ seconds: Float) -> Int { Int((seconds * sampleRate).rounded()) }
        groups = arena.place(schedule.groups, repeating: Group())
        stateReference = arena.reference(to: State())
        let voicing = schedule.patch.voicing
        self.voicing = FlatVoicing(
            mode: voicing.mode, voices: voicing.mode == .poly ? voicing.voices : 1,
            unison: voicing.unison, unisonDetune: voicing.unisonDetune, glide: frames(voicing.glide),
            bendRange: voicing.bendRange, stealFade: frames(0.003),
            gate: schedule.gated ? 0 : frames(0.005), laneGain: 1 / Float(voicing.unison).squareRoot())
        seed = schedule.seed
    }

    private var state: State {
        @inline(__always) unsafeAddress { stateReference.constantAddress }
        @inline(__always) nonmutating unsafeMutableAddress { stateReference.address }
    }

    /// Group of the newest note.
    var newestGroup: Int { state.newestGroup }
    /// Lane of the newest note in its group.
    var newestLane: Int { state.newestLane }

    /// Restores the state before the first note.
    mutating func reset() {
        groups.fill(Group())
        rewind()
        state.lastPitch = nil
    }

    /// Takes over the voices of the instance that this one replaces.
    mutating func succeed(_ old: Voices) {
        for group in groups.indices {
            groups[group] = old.groups[group]
            guard voicing.gate > 0, old.voicing.gate == 0 else { continue }
            // No module ends released notes here: their gain does.
            var rest = groups[group].used & ~groups[group].high & ~groups[group].ending
            while let lane = rest.popFirst() {
                groups[group].gain.move(lane, to: 0, frames: voicing.gate)
            }
        }
        state = old.state
    }

    /// Restarts the count of notes, so that random numbers repeat from one activation to the next.
    mutating func rewind() { state.ordinal = 0 }

    /// Number of notes that sound, without those that fade out because they were stolen.
    var sounding: Int {
        var lanes = 0
        for group in groups.indices { lanes += (groups[group].used & ~groups[group].ending).count }
        return (lanes + voicing.unison - 1) / voicing.unison
    }

    /// True if no voice sounds.
    var isSilent: Bool {
        for group in groups.indices where !groups[group].used.isEmpty { return false }
        return true
    }

    /// True if the gate of a voice is high.
    var anyHigh: Bool {
        for group in groups.indices where !groups[group].high.isEmpty { return true }
        return false
    }

    /// True if a note has a voice whose gate is high.
    func plays(_ serial: UInt32) -> Bool {
        for group in groups.indices
        where !(groups[group].lanes(of: serial) & groups[group].high).isEmpty { return true }
        return false
    }

    // MARK: note-on

    /// Starts a note in free lanes, or in the voice of another note (mono, legato, portamento control). Returns the
    /// serial number of the note whose voice it took over, or nil.
    @discardableResult
    mutating func start(_ note: NoteStart) -> UInt32? {
        defer {
            state.ordinal &+= 1
            state.lastPitch = note.pitch
        }
        if let former = note.takesOver ?? (note.mode == .poly ? nil : monoNote(note.channelStates)) {
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

    /// The note whose voice a mono or legato note takes over: the newest one with a high gate, else the newest one. Other
    /// notes continue.
    private func monoNote(_ channelStates: ChannelMask) -> UInt32? {
        var found: (isHeld: Bool, serial: UInt32)?
        for group in groups.indices {
            var rest = groups[group].used & ~groups[group].ending
            while let lane = rest.popFirst() {
                guard channelStates.contains(groups[group].channelState[lane]) else { continue }
                let isHeld = groups[group].high.contains(lane), serial = groups[group].serial[lane]
                if let best = found, isHeld == best.isHeld ? serial <= best.serial : best.isHeld { continue }
                found = (isHeld, serial)
            }
        }
        return found?.serial
    }

    /// Gives the voice of the note `former` to another note.
    private mutating func move(_ former: UInt32, to note: NoteStart) {
        for group in groups.indices {
            var rest = groups[group].lanes(of: former) & ~groups[group].ending
            while let lane = rest.popFirst() {
                let isHeld = groups[group].high.contains(lane)
                retarget(lane, of: group, to: note)
                state.newestGroup = group
                state.newestLane = lane
                guard note.takesOver == nil, !isHeld || note.mode == .mono else { continue }
                groups[group].triggered.insert(lane)
                groups[group].high.insert(lane)
                groups[group].velocity.move(lane, to: note.velocity, frames: voicing.stealFade)
                groups[group].gain.move(
                    lane, to: voicing.laneGain * note.gain, frames: max(voicing.gate, voicing.stealFade))
                groups[group].muted.remove(lane)
            }
        }
    }

    /// Gives the voice of the note `former`, which has ended, back to an older note that is still held. Its pitch returns
    /// without a new attack.
    mutating func goBack(from former: UInt32, to note: NoteStart) {
        for group in groups.indices {
            var rest = groups[group].lanes(of: former) & groups[group].high
            while let lane = rest.popFirst() { retarget(lane, of: group, to: note) }
        }
        state.lastPitch = note.pitch
    }

    private mutating func retarget(_ lane: Int, of group: Int, to note: NoteStart) {
        let detuning = detuning(groups[group].spread[lane])
        groups[group].serial[lane] = note.serial
        groups[group].key[lane] = note.tunedKey
        groups[group].channelState[lane] = note.channelState
        groups[group].note[lane] = Float(note.key)
        groups[group].keytrack[lane] = (Float(note.tunedKey) - 60) / 12
        if let from = note.from { groups[group].pitch.snap(lane, to: from + detuning) }
        groups[group].pitch.move(lane, to: note.pitch + detuning, frames: note.glide)
        touch(lane, of: group, note.touch)
    }

    /// The detuning of a unison lane in semitones.
    private func detuning(_ spread: Float) -> Float { spread * voicing.unisonDetune * 0.5 }

    private mutating func start(_ note: NoteStart, _ copy: Int, _ group: Int, _ lane: Int) {
        let spread = voicing.unison > 1 ? 2 * Float(copy) / Float(voicing.unison - 1) - 1 : 0
        let pitch = note.pitch + detuning(spread)
        groups[group].used.insert(lane)
        groups[group].high.insert(lane)
        groups[group].triggered.insert(lane)
        groups[group].fresh.insert(lane)
        groups[group].muted.remove(lane)
        if note.glide > 0, let from = note.from ?? state.lastPitch {
            groups[group].pitch.snap(lane, to: from + detuning(spread))
            groups[group].pitch.move(lane, to: pitch, frames: note.glide)
        } else {
            groups[group].pitch.snap(lane, to: pitch)
        }
        groups[group].velocity.snap(lane, to: note.velocity)
        groups[group].offset.snap(lane, to: note.touch.offset)
        groups[group].bend.snap(lane, to: note.touch.bend)
        groups[group].pressure.snap(lane, to: note.touch.pressure)
        groups[group].timbre.snap(lane, to: note.touch.timbre)
        groups[group].release[lane] = 0
        groups[group].note[lane] = Float(note.key)
        groups[group].keytrack[lane] = (Float(note.tunedKey) - 60) / 12
        groups[group].spread[lane] = spread
        if voicing.gate > 0 {
            groups[group].gain.snap(lane, to: 0)
            groups[group].gain.move(lane, to: voicing.laneGain * note.gain, frames: voicing.gate)
        } else {
            groups[group].gain.snap(lane, to: voicing.laneGain * note.gain)
        }
        groups[group].serial[lane] = note.serial
        groups[group].seeds[lane] = scrambled(seed ^ scrambled(state.ordinal &* 16 &+ UInt32(copy)))
        groups[group].channelState[lane] = note.channelState
        groups[group].key[lane] = note.tunedKey
        groups[group].quiet[lane] = 0
        groups[group].peak[lane] = 0
        state.newestGroup = group
        state.newestLane = lane
    }

    /// A free lane in the fullest group that has one; if none has, the fading lane with the smallest gain.
    private mutating func freeLane() -> (group: Int, lane: Int) {
        var best: Int?, most = 0
        for group in groups.indices {
            let count = groups[group].used.count
            if count < 16, best == nil || count > most { (best, most) = (group, count) }
        }
        if let best { return (best, (~groups[best].used).first) }
        var found = (group: 0, lane: 0), least = Float.infinity
        for group in groups.indices {
            var rest = groups[group].ending
            while let lane = rest.popFirst() {
                guard groups[group].gain.value[lane] < least else { continue }
                least = groups[group].gain.value[lane]
                found = (group, lane)
            }
        }
        groups[found.group].free(LaneMask(lane: found.lane))
        return found
    }
}
