import KairosControl
import KairosDSP

/// The sounding part of the audio thread: the slots and their notes, the standby pool, changes that wait for a control
/// tick, and the mixer.
///
/// [audio], but for `init` and `deinit`.
struct Playback: ~Copyable {
    var clock: EngineClock
    var slots: SlotTable
    var notes = NoteRouter()
    var pool: StandbyPool
    private var changes = ControlQueue()
    var mixer: Mixer
    /// Tempo and position of the transport for the next sub-block.
    var transport = TransportPosition()
    private(set) var load: LoadMeter
    var link: LoaderLink
    let meters: Reference<Meters>
    private let fixedAddress = FixedAddress()

    init(
        _ setup: EngineSetup, standby: Reference<StandbyState>, masterSound: SoundID?,
        link: consuming LoaderLink,
        meters: Reference<Meters>
    ) {
        clock = EngineClock(sampleRate: setup.sampleRate, isLive: setup.isLive)
        slots = SlotTable(isMulti: setup.mode == .multi)
        pool = StandbyPool(standby)
        mixer = Mixer(
            masterSound: masterSound,
            limiter: OutputLimiter(sampleRate: setup.sampleRate, isOn: setup.hasLimiter))
        load = LoadMeter(limit: setup.loadLimit, sampleRate: setup.sampleRate)
        self.link = link
        self.meters = meters
    }

    // MARK: rendering

    /// Renders a sub-block of `frames` to the mixer's outputs. Without `effects`, master effects and master volume
    /// are left out.
    mutating func render(_ frames: Int, effects: Bool) {
        let piece = SubBlock(
            frames: frames, clock: clock.frame, phase: clock.frame % SubBlock.controlTick,
            endsBlock: (clock.frame + frames) % SubBlock.longest == 0, transport: transport)
        for index in 0..<slots.end where slots[index].phase != .free { render(index, piece) }
        if effects, mixer.hasEffects {
            mixer.mixWithEffects(piece, &pool, link, meters, clock)
        } else {
            mixer.mix(frames, isWhole: effects)
        }
        if piece.endsBlock, clock.isLive { load.publish(&slots, meters) }
    }

    @inline(__always) private mutating func render(_ index: Int, _ piece: SubBlock) {
        guard let core = slots[index].core else { return }
        if !core.pointee.state.isIdle, !slots[index].isSilenced {
            let own = SubBlock(
                frames: piece.frames, clock: piece.clock - core.pointee.state.epoch, phase: piece.phase,
                endsBlock: piece.endsBlock, transport: piece.transport)
            if clock.isLive {
                load.render(&slots[index], index: index, core, own)
            } else {
                core.pointee.render(own)
            }
            mixer.add(&slots[index], core, piece.frames)
            if let module = core.pointee.popFaultyModule() {
                link.report(.notFinite(module: module, of: slots[index].sound))
            }
        } else if slots[index].phase == .fading {
            slots[index].gain = 0
        }
        if piece.endsBlock, slots[index].isEnding { slots.review(index, &notes, link, clock) }
    }

    /// Lets note stages act that are due at this frame. Returns the next frame at which one is due; `Int.max` for none.
    mutating func runStages(_ channels: borrowing MIDIChannels) -> Int {
        notes.runStages(&slots, channels, clock)
    }

    // MARK: changes of control values

    /// The next frame at which a change acts; `Int.max` for none.
    var nextChange: Int { changes.nextDue }

    /// Moves a target to a value at the next control tick from `frame` on. Of several values for one tick the last
    /// one counts.
    mutating func schedule(
        _ target: ControlTarget, _ value: Float?, at frame: Int, _ channels: inout MIDIChannels
    ) {
        schedule(target, to: value.map(ParamValue.number), at: frame, &channels)
    }

    /// Moves a parameter or another target to a typed value at the next control tick from `frame` on.
    mutating func schedule(
        _ target: ControlTarget, to value: ParamValue?, at frame: Int, _ channels: inout MIDIChannels
    ) {
        let change = ControlChange(target: target, value: value, due: EngineClock.tick(from: frame))
        guard !changes.add(change) else { return }
        // There are more targets than the queue holds: the changes that wait act now, at most 64 frames early, and
        // none is lost.
        applyChanges(dueBy: .max, &channels)
        _ = changes.add(change)
    }

    /// Makes the changes that are due.
    mutating func applyChanges(dueBy frame: Int, _ channels: inout MIDIChannels) {
        let count = changes.pop(dueBy: frame)
        for index in 0..<count { apply(changes[index].target, changes[index].value, &channels) }
    }

    private mutating func apply(
        _ target: ControlTarget, _ value: ParamValue?, _ channels: inout MIDIChannels
    ) {
        guard case .parameter(let instance, let index) = target else {
            return apply(target, number: value?.number, &channels)
        }
        guard let value, let core = core(of: instance) else { return }
        core.pointee.params.set(Int(index), to: value)
        wake(instance)
    }

    private mutating func apply(_ target: ControlTarget, number: Float?, _ channels: inout MIDIChannels) {
        switch (target, number) {
        case (.gate(let instance, let index), let value?): setGate(index, of: instance, isOpen: value >= 0.5)
        case (.channel(let kind, let index), _):
            let state = Int(index)
            channels.apply(kind, of: state, to: number)
            slots.touch(state, kind, channels, notes, clock)
            let members = channels.members(of: state)
            for member in 0..<MIDIChannels.count where members.contains(UInt8(member)) {
                slots.touch(member, kind, channels, notes, clock)
            }
        case (.notePressure(let note), let value?): slots.setPressure(note, to: value, clock)
        case (.strip(let kind, let strip), let value?):
            mixer.set(kind, ofStrip: Int(strip), to: value, frames: 2 * clock.controlRamp)
        case (.master(.volume), let value?): mixer.setMasterVolume(value, frames: 2 * clock.controlRamp)
        case (.master(.balance), let value?): mixer.setMasterBalance(value, frames: 2 * clock.controlRamp)
        case (.master(.tuning), let value?):
            channels.tuning.applied = value
            for state in 0..<MIDIChannels.count { slots.touch(state, .tuning, channels, notes, clock) }
        // Only a bend range is nil.
        case (.parameter, _), (_, nil): break
        }
    }

    private mutating func setGate(_ index: Int32, of instance: InstanceAddress, isOpen: Bool) {
        guard let core = core(of: instance) else { return }
        let rises = isOpen && core.pointee.gates[Int(index)].high.isEmpty
        core.pointee.gates[Int(index)] = Gate(
            high: isOpen ? .all : .none, triggered: rises ? .all : .none)
        wake(instance)
        guard let slot = instance.place.slotIndex else { return }
        slots[slot].hasPlayed = true
        if rises { slots[slot].isSilenced = false }
    }

    /// Gives changes that wait for the previous instance the indices of the new one.
    mutating func retarget(_ transfer: StateTransfer, _ instance: InstanceAddress) {
        changes.retarget(instance) { target in
            switch target {
            case .parameter(_, let place):
                guard place < transfer.newParams.count else { return nil }
                return transfer.newParams[Int(place)].map { .parameter(instance, $0) }
            case .gate(_, let place):
                // The first gates are those of the keys, which no change reaches.
                let gate = Int(place) - InstanceCore.keysGates
                guard transfer.newGates.indices.contains(gate) else { return nil }
                return transfer.newGates[gate].map { .gate(instance, $0) }
            case .channel, .notePressure, .strip, .master: return target
            }
        }
    }

    /// Polyphonic key pressure, a normalized value: sets the pressure of every note of the key that an event names.
    mutating func setKeyPressure(
        of key: UInt8, to normalized: UInt32, _ event: Event, at frame: Int, _ channels: inout MIDIChannels
    ) {
        let value = NormalizedValue.fraction(normalized)
        for index in 0..<notes.count {
            let note = notes[index]
            guard note.key == key, note.channel == event.channel & 15, note.source == event.source else {
                continue
            }
            schedule(.notePressure(note.serial), value, at: frame, &channels)
        }
    }

    /// Sets the pressure of all keys of a channel state to 0.
    mutating func resetKeyPressure(of state: Int, at frame: Int, _ channels: inout MIDIChannels) {
        for index in 0..<notes.count where Int(notes[index].channelState) == state {
            schedule(.notePressure(notes[index].serial), 0, at: frame, &channels)
        }
    }

    // MARK: instances

    /// The core of an instance while it is still in its place, else nil.
    private func core(of instance: InstanceAddress) -> Reference<InstanceCore>? {
        switch instance.place {
        case .masterEffects:
            mixer.effects.address.generation == instance.generation ? mixer.effects.core : nil
        case .slot: slots.slot(of: instance).flatMap { slots[$0].core }
        }
    }

    private mutating func wake(_ instance: InstanceAddress) {
        switch instance.place {
        case .masterEffects: mixer.effects.core?.pointee.state.isIdle = false
        case .slot(let slot): slots.wake(Int(slot))
        }
    }

    /// The instance of a layer of the first part, 0…15, or of the master effects, 16; nil where there is none.
    func instance(ofLayer layer: Int) -> (core: Reference<InstanceCore>, address: InstanceAddress)? {
        if layer == Part.layerLimit { return mixer.effects.core.map { ($0, mixer.effects.address) } }
        guard layer < slots.layerCount(of: 0), let index = slots.slot(part: 0, layer: layer) else {
            return nil
        }
        return slots[index].core.map { ($0, slots.address(of: index)) }
    }

    /// The sound and the entry of an instance; the master effects have no entry.
    func sound(of instance: InstanceAddress) -> (sound: SoundID?, entry: EntryID?) {
        switch instance.place {
        case .masterEffects: (mixer.effects.sound, nil)
        case .slot(let slot): (slots[Int(slot)].sound, slots[Int(slot)].entry)
        }
    }

    /// True where a key or a pedal holds a note that an active slot of a part plays.
    func holdsNote(part: Int) -> Bool {
        for index in 0..<notes.count {
            let slot = Int(notes[index].slot)
            guard notes[index].isPlayed else { continue }
            if slots[slot].phase == .active, Int(slots[slot].part) == part { return true }
        }
        return false
    }
}
