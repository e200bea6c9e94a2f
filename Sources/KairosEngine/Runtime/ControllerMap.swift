import KairosCompiler
import KairosControl
import KairosDSP
import Synchronization

/// The mapped controls of a rig: what they are, where they are, and what they move. Consulted once per event.
///
/// The loader makes it with the rig's tables; the audio thread owns it from then on.
struct ControllerMap: ~Copyable {
    private let surface: ControlSurface
    private var memories: FixedArray<ControlMemory>
    private var coarseHalves: CoarseHalves
    /// The controls that are shift buttons.
    private let shifts: FixedArray<Int32>
    /// The rows that act on the instrument as a whole: tempo and actions.
    private var actions: ControlTable
    /// What the control side reads of the controls. Unmanaged, so that the audio thread counts no references; the
    /// engine keeps it for as long as the rig.
    private let states: Unmanaged<ControlStates>
    /// The control that was published last.
    private var publishCursor = 0

    /// The controls of `rig`. `origins` are the rows of the actions before that its own rows continue. [loader]
    init(_ rig: Rig, _ states: ControlStates, origins: [Int32] = []) {
        surface = ControlSurface(rig.mappings)
        memories = FixedArray(count: surface.count, repeating: ControlMemory())
        coarseHalves = CoarseHalves(controls: surface.count)
        shifts = FixedArray(
            copying: ControlSurface.indices(rig.mappings).map(\.shift).filter { $0 >= 0 }.map(Int32.init))
        actions = ControlTable(rig.actions, origins: origins)
        self.states = .passUnretained(states)
    }

    /// Continues the state of the map before: `controls` has the index of each of its controls here, or −1. [audio]
    mutating func succeed(_ old: borrowing ControllerMap, _ controls: borrowing FixedArray<Int32>) {
        for index in 0..<controls.count where controls[index] >= 0 {
            let new = Int(controls[index])
            memories[new] = old.memories[index]
            let before = old.states
            states._withUnsafeGuaranteedRef { states in
                before._withUnsafeGuaranteedRef { states.copy($0, from: index, to: new) }
            }
        }
        actions.inherit(old.actions)
        coarseHalves.succeed(old.coarseHalves, controls)
    }

    // MARK: when an event acts

    /// True where a mapping makes an action (not a value) of an event: it acts at its own frame.
    func isAction(_ event: Event) -> Bool {
        for index in 0..<actions.count {
            guard case .action = actions[index].effect else { continue }
            if surface[Int(actions[index].control)].part(of: event) != nil { return true }
        }
        return false
    }

    /// The frame at which the first coarse half stops waiting for its fine half; `Int.max` for none.
    var nextDue: Int { coarseHalves.nextDue }

    // MARK: consulting the map

    /// Begins to consult the map about an event.
    func begin(
        _ event: Event, _ address: ChannelAddress, frame: Int, _ report: Report, hasEntry: Bool
    ) -> ControlAction {
        ControlAction(
            event, address, frame: frame, report, hasOwnControl: hasOwnControl(event),
            missed: hasEntry ? .unmapped : .noEntry)
    }

    /// Moves the next control that listens to the event. False where there is none any more.
    mutating func next(_ action: inout ControlAction, _ playback: inout Playback) -> Bool {
        let event = action.event
        while action.next < surface.count {
            let index = action.next, control = surface[index]
            action.next += 1
            guard !(action.hasOwnControl && control.isGeneric), let part = control.part(of: event) else {
                continue
            }
            guard serves(control.mapping, event.source) else {
                action.missed = .otherDevice
                continue
            }
            guard control.accepts(event.channel & 15) else {
                action.missed = .otherChannel
                action.report.value = Float(control.channel) + 1
                continue
            }
            guard !isEcho(index, event, playback.clock) else {
                action.missed = .echo
                continue
            }
            guard let movement = move(index, action, part, playback.clock) else {
                // The first half of a value: the control listens, and waits for the other half.
                action.isHandled = action.isHandled || isMapped(index, action, &playback)
                continue
            }
            action.set(control: index, movement)
            return true
        }
        return false
    }

    /// The next coarse half that has waited long enough: it is the whole value. Its action acts on the channel of
    /// its message. Nil where none is due by `frame`.
    mutating func nextCoarseHalf(dueBy frame: Int, _ slots: borrowing SlotTable) -> ControlAction? {
        while let (control, half) = coarseHalves.next(dueBy: frame) {
            guard memories[control].pair.isOpen else { continue }
            let from = memories[control].normalized
            memories[control].normalized = NormalizedValue.fraction(memories[control].pair.settled())
            var report = Report(kind: .event, event: half.event)
            report.frame = frame
            report.part = UInt8(slots.part(of: half.address.home))
            var action = ControlAction(half.event, half.address, frame: half.due, report)
            action.set(control: control, .to(memories[control].normalized, from: from))
            return action
        }
        return nil
    }

    /// True where a mapping applies to a source.
    private func serves(_ mapping: UInt8, _ source: UInt16) -> Bool {
        states._withUnsafeGuaranteedRef { $0.serves(mapping, source) }
    }

    /// True where a mapping of the very device listens to the event.
    private func hasOwnControl(_ event: Event) -> Bool {
        for index in 0..<surface.count where !surface[index].isGeneric {
            if surface[index].part(of: event) != nil, surface[index].accepts(event.channel & 15),
                serves(surface[index].mapping, event.source)
            {
                return true
            }
        }
        return false
    }

    /// True where the controller repeats what feedback has just told it.
    private func isEcho(_ control: Int, _ event: Event, _ clock: EngineClock) -> Bool {
        clock.isLive
            && states._withUnsafeGuaranteedRef {
                $0.isEcho(control, value: UInt8(event.normalized >> 25), at: event.stamp)
            }
    }

    /// Moves a control by a message. Nil where its other half must come first.
    private mutating func move(
        _ index: Int, _ action: ControlAction, _ part: Event.Part, _ clock: EngineClock
    ) -> Movement? {
        let event = action.event, sevenBits = event.normalized >> 25
        var position = event.normalized
        switch part {
        case .increment: return .step(1)
        case .decrement: return .step(-1)
        case .fine:
            guard let value = memories[index].pair.decode(fine: sevenBits, at: event.stamp) else {
                return nil
            }
            position = value
        case .coarse where surface[index].input != .control:
            position = memories[index].pair.decode(coarse: sevenBits, at: event.stamp)
        case .whole where surface[index].input.hasFineHalf:
            position = memories[index].pair.decode(whole: position)
        default: break
        }
        if memories[index].pair.isOpen {
            // After 20 ms without its fine half, the coarse half is the whole value.
            coarseHalves.hold(
                index,
                CoarseHalf(
                    event: event, address: action.address,
                    due: EngineClock.tick(from: action.frame + clock.frames(0.02))))
        } else {
            coarseHalves.drop(index)
        }
        let from = memories[index].normalized
        memories[index].normalized = NormalizedValue.fraction(position)
        let normalized = memories[index].normalized
        states._withUnsafeGuaranteedRef {
            $0.set(index, position: normalized, channel: event.channel & 15)
        }
        return .to(memories[index].normalized, from: from)
    }

    /// True where a row of the tables that the event reaches belongs to a control.
    private func isMapped(_ control: Int, _ action: ControlAction, _ playback: inout Playback) -> Bool {
        if actions.has(control) { return true }
        let part = playback.slots.part(of: action.address.home)
        for layer in 0..<playback.slots.layerCount(of: part) {
            if let index = playback.slots.slot(part: part, layer: layer),
                let core = playback.slots[index].core,
                core.pointee.tables.pointee.controls.has(control)
            {
                return true
            }
        }
        return playback.mixer.effects.core.map { $0.pointee.tables.pointee.controls.has(control) } ?? false
    }

    // MARK: what a control moves

    /// The next row, from `row` on, that acts on the instrument as a whole for the control that moves.
    func nextRow(of action: ControlAction, from row: Int) -> Int? {
        for index in row..<max(row, actions.count)
        where actions[index].control == Int32(action.control) && isActive(actions[index]) {
            return index
        }
        return nil
    }

    /// The effect of a row that acts on the instrument as a whole.
    func effect(ofRow row: Int) -> ControlTable.Effect { actions[row].effect }

    /// The tempo that a row sets, in beats per minute, or nil.
    mutating func tempo(ofRow row: Int, _ movement: Movement, current: Float) -> Float? {
        guard case .set(let tempo) = actions.evaluate(row, movement, current: current) else { return nil }
        return tempo
    }

    /// Moves the parameters and gates of the part's layers and of the master effects that the control is mapped to.
    func apply(_ action: inout ControlAction, _ playback: inout Playback, _ channels: inout MIDIChannels) {
        let part = playback.slots.part(of: action.address.home)
        for layer in 0..<playback.slots.layerCount(of: part) {
            guard let index = playback.slots.slot(part: part, layer: layer),
                playback.slots[index].rule.accepts(action.address.home), let core = playback.slots[index].core
            else { continue }
            apply(&action, to: core, playback.slots.address(of: index), &playback, &channels)
        }
        if let core = playback.mixer.effects.core {
            apply(&action, to: core, playback.mixer.effects.address, &playback, &channels)
        }
        // A shift button is a control, although it moves nothing.
        for index in 0..<shifts.count where shifts[index] == Int32(action.control) {
            action.isHandled = true
            action.report.outcome = .shifted
        }
    }

    private func apply(
        _ action: inout ControlAction, to core: UnsafeMutablePointer<InstanceCore>,
        _ instance: InstanceAddress,
        _ playback: inout Playback, _ channels: inout MIDIChannels
    ) {
        let tables = core.pointee.tables
        for index in 0..<tables.pointee.controls.count
        where tables.pointee.controls[index].control == Int32(action.control) {
            let row = tables.pointee.controls[index]
            guard isActive(row) else { continue }
            let target: Int32, isParameter: Bool
            switch row.effect {
            case .param(let param): (target, isParameter) = (param, true)
            case .gate(let gate): (target, isParameter) = (gate, false)
            case .tempo, .action, .nothing: continue
            }
            action.beginReport(playback.link)
            playback.concern(&action.report, instance)
            action.report.index = target
            let present =
                isParameter ? core.pointee.params.intent(Int(target)) : tables.pointee.controls.last(index)
            switch tables.pointee.controls.evaluate(index, action.movement, current: present) {
            case .set(let value):
                let value = isParameter ? core.pointee.params.intend(Int(target), value) : value
                playback.schedule(
                    isParameter ? .parameter(instance, target) : .gate(instance, target), value,
                    at: action.frame, &channels)
                action.report.outcome = isParameter ? .mapped : .gated
                action.report.value = value
            case .waits(let position):
                action.report.outcome = .waitsForPickup
                action.report.value = position
            case .atEnd:
                action.report.outcome = .atEnd
                action.report.value = present
            case .nothing: action.report.outcome = .performed
            }
        }
    }

    /// True where a row is active: its mapping's shift button is as the row wants it.
    private func isActive(_ row: ControlTable.Row) -> Bool {
        guard row.layer != .any else { return true }
        let isHeld = memories[Int(row.shift)].normalized > 0
        return isHeld == (row.layer == .shifted)
    }

    /// Forgets halves of 14-bit values. The positions of the controls stay: no message resets them.
    mutating func forgetHalves() {
        for control in 0..<surface.count { memories[control].pair = PairDecoder() }
    }

    // MARK: what a new instance begins with

    /// The value that a row of an instance has from a controller's present value, where the row is a parameter's
    /// and its control is modulation, breath or foot (CC 1, 2, 4) on a channel of `part`. The greatest such channel
    /// counts. [audio]
    func inherited(
        _ row: ControlTable.Row, _ rule: LayerRule, part: Int, _ slots: borrowing SlotTable,
        _ channels: borrowing MIDIChannels
    ) -> (param: Int32, value: Float)? {
        let control = surface[Int(row.control)], number = Int(control.number)
        guard control.input == .control, number == 1 || number == 2 || number == 4,
            case .param(let param) = row.effect
        else { return nil }
        var value: Float?
        for channel in 0..<16 where slots.part(of: UInt8(channel)) == part {
            guard control.accepts(UInt8(channel)), rule.accepts(UInt8(channel)),
                channels[channel].isKnown[number]
            else { continue }
            value = row.value(at: NormalizedValue.fraction(channels[channel].controllers[number]))
        }
        return value.map { (param, $0) }
    }

    // MARK: feedback

    /// Publishes the values of a few controls' parameters; all of them in turn, block by block. Live only.
    mutating func publish(_ playback: inout Playback, tempo: Float) {
        guard playback.clock.isLive, surface.count > 0 else { return }
        for _ in 0..<min(8, surface.count) {
            publishCursor = (publishCursor + 1) % surface.count
            let control = publishCursor, target = target(of: control, &playback, tempo: tempo)
            states._withUnsafeGuaranteedRef { $0.set(control, target: target) }
        }
    }

    /// The normalized value of the first target of a control, 0…1 of the control's range; nil where it has none.
    private func target(of control: Int, _ playback: inout Playback, tempo: Float) -> Float? {
        for index in 0..<actions.count
        where actions[index].control == Int32(control) && actions[index].effect == .tempo {
            return actions[index].normalized(of: tempo)
        }
        for layer in 0..<playback.slots.layerCount(of: 0) {
            if let index = playback.slots.slot(part: 0, layer: layer), let core = playback.slots[index].core,
                let target = target(of: control, in: core)
            {
                return target
            }
        }
        return playback.mixer.effects.core.flatMap { target(of: control, in: $0) }
    }

    private func target(of control: Int, in core: UnsafeMutablePointer<InstanceCore>) -> Float? {
        let tables = core.pointee.tables
        for index in 0..<tables.pointee.controls.count
        where tables.pointee.controls[index].control == Int32(control) {
            let row = tables.pointee.controls[index]
            guard isActive(row) else { continue }
            switch row.effect {
            case .param(let param): return row.normalized(of: core.pointee.params.intent(Int(param)))
            case .gate: return tables.pointee.controls.last(index)
            case .tempo, .action, .nothing: continue
            }
        }
        return nil
    }
}
