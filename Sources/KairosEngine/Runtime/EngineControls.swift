import KairosCompiler
import KairosControl
import KairosDSP
import Synchronization

// What the mappings make of what moves. Everything here runs in the audio thread.
extension EngineCore {
    /// Lets the controls of the part's layers, of the master effects and of the instrument itself have the event. Returns
    /// whether one listened.
    @discardableResult
    mutating func map(
        _ event: Event, _ address: Address, _ frame: Int, _ report: inout Report
    ) -> Bool {
        let isKey = event.kind == .noteOn || event.kind == .noteOff
        let isQuiet =
            isKey || event.kind == .channelPressure || event.kind == .polyPressure || event.kind == .pitchBend
        var missed = parts[part(of: address.home)].entry < 0 ? Report.Outcome.noEntry : .unmapped
        var turn = Turn(event: event, address: address, frame: frame, report: report)
        let hasOwn = hasOwnControl(event)
        for index in 0..<surface.count {
            let control = surface[index]
            guard !(hasOwn && control.isGeneric), let part = control.part(of: event) else { continue }
            guard serves(control.mapping, event.source) else {
                missed = .otherDevice
                continue
            }
            guard control.accepts(event.channel & 15) else {
                missed = .otherChannel
                turn.report.value = Float(control.channel) + 1
                continue
            }
            guard !isEcho(index, event) else {
                missed = .echo
                continue
            }
            turn.control = Int32(index)
            guard let movement = moved(index, event, address, part, frame) else {
                turn.listened = turn.listened || isMapped(index, address)
                continue
            }
            turn.movement = movement
            apply(&turn)
        }
        if turn.listened || !isQuiet { report = turn.report }
        if !turn.listened, !isQuiet { report.outcome = missed }
        return turn.listened
    }

    /// Whether the mapping of the very device listens: then the general one does not.
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

    /// One event on its way through the controls that listen to it.
    struct Turn {
        let event: Event
        let address: Address
        let frame: Int
        var report: Report
        var control: Int32 = -1
        var movement = Movement.step(0)
        var listened = false
    }

    /// What a control did, and where it stands from now on; nil where the other half of it must come first.
    private mutating func moved(
        _ index: Int, _ event: Event, _ address: Address, _ part: Event.Part, _ frame: Int
    ) -> Movement? {
        let memory = memories + index, seven = event.normalized >> 25
        var normalized = event.normalized
        switch part {
        case .increment: return .step(1)
        case .decrement: return .step(-1)
        case .fine:
            guard let found = memory.pointee.pair.decode(fine: seven, at: event.stamp) else { return nil }
            normalized = found
        case .coarse where surface[index].input != .control:
            normalized = memory.pointee.pair.decode(coarse: seven, at: event.stamp)
        case .whole where surface[index].input.hasFineHalf:
            normalized = memory.pointee.pair.decode(whole: normalized)
        default: break
        }
        controlStates.channels[index].store(event.channel & 15, ordering: .relaxed)
        if memory.pointee.pair.isOpen {
            // 20 ms without its fine half, and the coarse one was all there is to say.
            rig.pointee.coarseHalves.hold(
                index,
                CoarseHalf(
                    event: event, address: address, due: Self.nextControlTick(frame + Int(0.02 * sampleRate)))
            )
        } else {
            rig.pointee.coarseHalves.drop(index)
        }
        let from = memory.pointee.normalized
        memory.pointee.normalized = NormalizedValue.fraction(normalized)
        controlStates.controls[index].store(memory.pointee.normalized.bitPattern, ordering: .relaxed)
        return .to(memory.pointee.normalized, from: from)
    }

    /// A coarse half stood alone: its fine half is 0. It acts on what it was addressed to when it came.
    mutating func complete(_ half: CoarseHalf, of control: Int) {
        let memory = memories + control
        guard memory.pointee.pair.isOpen else { return }
        let from = memory.pointee.normalized
        memory.pointee.normalized = NormalizedValue.fraction(memory.pointee.pair.settled())
        var turn = Turn(
            event: half.event, address: half.address, frame: half.due,
            report: Report(kind: .event, event: half.event))
        turn.control = Int32(control)
        turn.movement = .to(memory.pointee.normalized, from: from)
        apply(&turn)
    }

    private func isMapped(_ index: Int, _ address: Address) -> Bool {
        func has(_ table: ControlTable) -> Bool {
            for row in 0..<table.count where Int(table[row].control) == index { return true }
            return false
        }
        if has(actions) { return true }
        let part = parts[part(of: address.home)]
        for k in 0..<part.slotCount {
            if let core = slots[Int(part.slots[k])].core, has(core.pointee.controls) { return true }
        }
        return effects.core.map { has($0.pointee.controls) } ?? false
    }

    private mutating func apply(_ turn: inout Turn) {
        let s = part(of: turn.address.home)
        for index in 0..<actions.count where actions[index].control == turn.control {
            guard isInLayer(actions[index]) else { continue }
            carryOut(actions[index], index, s, &turn)
        }
        for k in 0..<parts[s].slotCount {
            let index = parts[s].slots[k]
            guard slots[Int(index)].rule.accepts(turn.address.home), let core = slots[Int(index)].core else {
                continue
            }
            self.turn(core, instance(inSlot: Int(index)), &turn)
        }
        if let core = effects.core {
            self.turn(core, masterEffects, &turn)
        }
        // A shift is a control, though it moves nothing.
        for index in 0..<shiftCount where shifts[index] == turn.control {
            turn.listened = true
            turn.report.outcome = .shifted
        }
    }

    func isInLayer(_ row: ControlTable.Row) -> Bool {
        guard row.layer != .any else { return true }
        let isHeld = memories[Int(row.shift)].normalized > 0
        return isHeld == (row.layer == .shifted)
    }

    /// Turns what one program's controls turn.
    private mutating func turn(
        _ core: UnsafeMutablePointer<InstanceCore>, _ instance: InstanceAddress, _ turn: inout Turn
    ) {
        let table = core.pointee.controls
        for index in 0..<table.count where table[index].control == turn.control {
            let row = table[index]
            guard isInLayer(row) else { continue }
            let target: Int32, isParameter: Bool
            switch row.effect {
            case .param(let param): (target, isParameter) = (param, true)
            case .gate(let gate): (target, isParameter) = (gate, false)
            case .tempo, .action, .nothing: continue
            }
            tellBefore(&turn)
            turn.report.concern(instance, sound: sound(of: instance))
            turn.report.index = target
            if case .slot(let slot) = instance.place { turn.report.entry = slots[Int(slot)].entry }
            let present = isParameter ? core.pointee.params.intent(Int(target)) : table.last(index)
            switch table.evaluate(index, turn.movement, current: present) {
            case .set(let value):
                let value = isParameter ? core.pointee.params.intend(Int(target), value) : value
                later(
                    isParameter ? .parameter(instance, target) : .gate(instance, target), value, turn.frame)
                turn.report.outcome = isParameter ? .mapped : .gated
                turn.report.value = value
            case .waits(let normalized):
                turn.report.outcome = .waitsForPickup
                turn.report.value = normalized
            case .atEnd:
                turn.report.outcome = .atEnd
                turn.report.value = present
            case .nothing: turn.report.outcome = .performed
            }
        }
    }

    /// A control of many parameters is told of once for each.
    private func tellBefore(_ turn: inout Turn) {
        if turn.listened { report(turn.report) }
        turn.listened = true
        turn.report.control = turn.control
        if case .to(let normalized, _) = turn.movement { turn.report.normalized = normalized }
    }

    private mutating func carryOut(_ row: ControlTable.Row, _ index: Int, _ s: Int, _ turn: inout Turn) {
        tellBefore(&turn)
        switch row.effect {
        case .tempo:
            if case .set(let value) = actions.evaluate(
                index, turn.movement, current: Float(transport.ownTempo))
            {
                transport.setTempo(Double(value), at: turn.frame)
                turn.report.value = value
            }
            turn.report.outcome = .tempo
        case .action(let kind, let number):
            guard isPressed(turn) else { return }
            act(kind, number, s, &turn.report)
        case .nothing: turn.report.outcome = .nothing
        default: break
        }
    }

    /// A key that goes down, or a controller that crosses its middle upwards or says the same again.
    private func isPressed(_ turn: Turn) -> Bool {
        switch turn.movement {
        case .step(let steps): steps > 0
        case .to(let normalized, let from):
            turn.event.kind == .noteOn
                || (turn.event.kind != .noteOff && normalized >= 0.5
                    && (!(from >= 0.5) || from == normalized))
        }
    }

    func serves(_ mapping: UInt8, _ source: UInt16) -> Bool {
        controlStates.sources[Int(mapping) % Mapping.limit].load(ordering: .relaxed)
            >> UInt64(source & 63) & 1 == 1
    }

    mutating func act(_ kind: Event.Kind, _ number: UInt32, _ s: Int, _ report: inout Report) {
        switch kind {
        case .nextEntry: step(s, by: 1, &report)
        case .previousEntry: step(s, by: -1, &report)
        case .selectEntry: select(s, number, &report)
        case .tapTempo:
            transport.tap(at: clock)
            report.outcome = .tempo
            report.value = Float(transport.ownTempo)
        case .startStop:
            transport.toggle(at: clock)
            report.outcome = .tempo
            report.value = Float(transport.ownTempo)
        default: panic()
        }
    }
}
