import KairosCompiler
import KairosControl
import KairosDSP
import Synchronization

/// The mappings of a rig: the controls, and the parameters, gates and actions that they move. Consulted once per event.
///
/// The loader makes it with the rig's tables; the audio thread owns it from then on.
struct ControllerMap: ~Copyable {
    private var controls: MappedControls
    /// The rows that act on the instrument as a whole: tempo and actions.
    private var actions: ControlTable
    /// The control that was published last.
    private var publishCursor = 0
    private let fixedAddress = FixedAddress()

    /// The controls of `rig`. `origins` are the rows of the actions before that its own rows continue. [loader]
    init(_ rig: Rig, _ states: ControlStates, origins: [Int32?] = []) {
        controls = MappedControls(rig.mappings, states)
        actions = ControlTable(rig.actions, origins: origins)
    }

    /// Continues the state of the map before: `indices` has the index of each of its controls here, or nil. [audio]
    mutating func succeed(_ old: borrowing ControllerMap, _ indices: borrowing FixedArray<Int32?>) {
        controls.succeed(old.controls, indices)
        actions.inherit(old.actions)
    }

    // MARK: when an event acts

    /// True where a mapping makes an action (not a value) of an event: it acts at its own frame.
    func isAction(_ event: Event) -> Bool {
        for index in 0..<actions.count {
            guard case .action = actions[index].effect else { continue }
            if controls[Int(actions[index].control)].part(of: event) != nil { return true }
        }
        return false
    }

    /// The frame at which the first coarse half stops waiting for its fine half; `Int.max` for none.
    var nextDue: Int { controls.nextDue }

    // MARK: consulting the map

    /// Begins to consult the map about an event.
    func begin(
        _ event: Event, _ address: ChannelAddress, frame: Int, _ report: EventReport, hasEntry: Bool
    ) -> ControlAction {
        ControlAction(
            event, address, frame: frame, report, hasOwnControl: controls.hasOwnControl(event),
            missed: hasEntry ? .unmapped : .noEntry)
    }

    /// Moves the next control that listens to the event. False where there is none any more.
    mutating func next(_ action: inout ControlAction, _ playback: inout Playback) -> Bool {
        let event = action.event
        while action.next < controls.count {
            let index = action.next, control = controls[index]
            action.next += 1
            guard !(action.hasOwnControl && control.isGeneric), let part = control.part(of: event) else {
                continue
            }
            guard controls.serves(control.mapping, event.source) else {
                action.missed = .otherDevice
                continue
            }
            if let channel = control.channel, channel != event.channel & 15 {
                action.missed = .otherChannel(channel)
                continue
            }
            guard !controls.isEcho(index, event, playback.clock) else {
                action.missed = .echo
                continue
            }
            guard let movement = controls.move(index, action, part, playback.clock) else {
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
        guard let (control, half, movement) = controls.nextCoarseHalf(dueBy: frame) else { return nil }
        let report = EventReport(half.event, part: slots.part(of: half.address.home), frame: frame)
        var action = ControlAction(half.event, half.address, frame: half.due, report)
        action.set(control: control, movement)
        return action
    }

    /// Forgets halves of 14-bit values.
    mutating func forgetHalves() { controls.forgetHalves() }

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

    // MARK: effects

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
        guard case .set(let tempo) = actions.evaluate(row, movement, current: .number(current)) else {
            return nil
        }
        return tempo.number
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
        if controls.isShift(action.control) {
            action.isHandled = true
            action.report.outcome = .shifted
        }
    }

    private func apply(
        _ action: inout ControlAction, to core: Reference<InstanceCore>,
        _ instance: InstanceAddress,
        _ playback: inout Playback, _ channels: inout MIDIChannels
    ) {
        let tables = core.pointee.tables
        for index in 0..<tables.pointee.controls.count
        where tables.pointee.controls[index].control == Int32(action.control) {
            let row = tables.pointee.controls[index]
            guard isActive(row) else { continue }
            switch row.effect {
            case .param(let param):
                action.beginReport(playback.link)
                let target = EventReport.Parameter(index: param, sound: playback.sound(of: instance).sound)
                let present = core.pointee.params.intent(Int(param), as: row.law)
                switch tables.pointee.controls.evaluate(index, action.movement, current: present) {
                case .set(let value):
                    let value = core.pointee.params.intend(Int(param), value)
                    playback.schedule(.parameter(instance, param), to: value, at: action.frame, &channels)
                    action.report.outcome = .mapped(target, value: value)
                case .waits(let position): action.report.outcome = .waitsForPickup(target, at: position)
                case .atEnd: action.report.outcome = .atEnd(target, value: present)
                case .nothing: action.report.outcome = .performed
                }
            case .gate(let gate):
                action.beginReport(playback.link)
                let present = tables.pointee.controls.last(index)
                switch tables.pointee.controls.evaluate(
                    index, action.movement, current: .number(present))
                {
                case .set(let moved):
                    let value = moved.number ?? 0
                    playback.schedule(.gate(instance, gate), value, at: action.frame, &channels)
                    action.report.outcome = .gated(
                        playback.sound(of: instance).entry, isOpen: value >= 0.5)
                case .waits(let position): action.report.outcome = .waitsForPickup(nil, at: position)
                case .atEnd: action.report.outcome = .atEnd(nil, value: .number(present))
                case .nothing: action.report.outcome = .performed
                }
            case .tempo, .action, .nothing: continue
            }
        }
    }

    /// True where a row is active: its mapping's shift button is as the row wants it.
    private func isActive(_ row: ControlTable.Row) -> Bool {
        guard row.layer != .any, let shift = row.shift else { return true }
        let isHeld = (controls.normalized(Int(shift)) ?? 0) > 0
        return isHeld == (row.layer == .shifted)
    }

    // MARK: new instances

    /// The value that a row of an instance has from a controller's present value, where the row is a parameter's
    /// and its control is modulation, breath or foot (CC 1, 2, 4) on a channel of `part`. The greatest such channel
    /// counts. [audio]
    func inherited(
        _ row: ControlTable.Row, _ rule: LayerRule, part: Int, _ slots: borrowing SlotTable,
        _ channels: borrowing MIDIChannels
    ) -> (param: Int32, value: ParamValue)? {
        let control = controls[Int(row.control)], number = Int(control.number)
        guard control.input == .control, number == 1 || number == 2 || number == 4,
            case .param(let param) = row.effect
        else { return nil }
        var value: ParamValue?
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
        guard playback.clock.isLive, controls.count > 0 else { return }
        for _ in 0..<min(8, controls.count) {
            publishCursor = (publishCursor + 1) % controls.count
            controls.publish(target(of: publishCursor, &playback, tempo: tempo), of: publishCursor)
        }
    }

    /// The normalized value of the first target of a control, 0…1 of the control's range; nil where it has none.
    private func target(of control: Int, _ playback: inout Playback, tempo: Float) -> Float? {
        for index in 0..<actions.count where actions[index].control == Int32(control) {
            if case .tempo = actions[index].effect { return actions[index].normalized(of: .number(tempo)) }
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

    private func target(of control: Int, in core: Reference<InstanceCore>) -> Float? {
        let tables = core.pointee.tables
        for index in 0..<tables.pointee.controls.count
        where tables.pointee.controls[index].control == Int32(control) {
            let row = tables.pointee.controls[index]
            guard isActive(row) else { continue }
            switch row.effect {
            case .param(let param):
                return row.normalized(of: core.pointee.params.intent(Int(param), as: row.law))
            case .gate: return tables.pointee.controls.last(index)
            case .tempo, .action, .nothing: continue
            }
        }
        return nil
    }
}
