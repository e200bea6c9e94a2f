import KairosControl
import KairosDSP
import Synchronization

// Changes of control values, which act at control ticks. [audio]
extension EngineCore {
    /// The next frame at which a change acts or a coarse half stops waiting; `Int.max` for none.
    var nextControlChange: Int { min(controlQueue.nextDue, coarseHalves.nextDue) }

    /// Carries out what is due at this frame.
    mutating func applyControlChanges() {
        guard nextControlChange <= clock else { return }
        // What they move comes to the same control tick.
        while let (control, half) = rig.pointee.coarseHalves.next(dueBy: clock) {
            complete(half, of: control)
        }
        applyChanges(dueBy: clock)
        meters.pointee.touches.add(1, ordering: .releasing)
    }

    private mutating func applyChanges(dueBy frame: Int) {
        let count = controlQueue.pop(dueBy: frame)
        for index in 0..<count {
            let change = controlQueue[index]
            apply(change.target, change.value)
        }
    }

    private mutating func apply(_ target: ControlTarget, _ value: Float) {
        switch target {
        case .parameter(let instance, let index):
            guard let core = core(of: instance) else { return }
            core.pointee.params.set(Int(index), to: value)
            wake(instance)
        case .gate(let instance, let index):
            guard let core = core(of: instance) else { return }
            let gate = core.pointee.gates + Int(index)
            let rises = value >= 0.5 && gate.pointee.high.isEmpty
            gate.pointee = Gate(high: value >= 0.5 ? .all : .none, triggered: rises ? .all : .none)
            wake(instance)
            if case .slot(let slot) = instance.place {
                slots[Int(slot)].hasPlayed = true
                if rises { slots[Int(slot)].isSilenced = false }
            }
        case .channel(let kind, let line):
            set(kind, of: line, to: value)
            touchLines(line, kind)
        case .notePressure(let note):
            for index in 0..<Self.slotCount {
                slots[index].core?.pointee.voices.setPressure(note, to: value, frames: controlGlide)
            }
        case .strip(let kind, let strip):
            switch kind {
            case .volume: strips[strip].volume = value
            case .pan: strips[strip].pan = value
            case .expression: strips[strip].expression = value
            }
            aim(strip: strip)
        case .master(.volume):
            master.volume = value
            master.aim(frames: 2 * controlGlide)
        case .master(.balance):
            master.pan = value
            master.aim(frames: 2 * controlGlide)
        case .master(.tuning):
            masterTuning = value
            for line in 0..<Self.lineCount { touchLine(line, .tuning) }
        }
    }

    /// The instance that a change is for, while it is still in its place.
    private func core(of instance: InstanceAddress) -> UnsafeMutablePointer<InstanceCore>? {
        switch instance.place {
        case .masterEffects: effects.generation == instance.generation ? effects.core : nil
        case .slot(let slot):
            slots[Int(slot)].generation == instance.generation ? slots[Int(slot)].core : nil
        }
    }

    private func wake(_ instance: InstanceAddress) {
        switch instance.place {
        case .masterEffects: effects.core?.pointee.isIdle = false
        case .slot(let slot): wake(Int(slot))
        }
    }

    /// The present use of a slot.
    func instance(inSlot slot: Int) -> InstanceAddress {
        InstanceAddress(
            place: .slot(UInt8(truncatingIfNeeded: slot)), generation: slots[slot].generation)
    }

    /// The present use of the master effects.
    var masterEffects: InstanceAddress {
        InstanceAddress(place: .masterEffects, generation: effects.generation)
    }

    private func set(_ kind: ControlTarget.Channel, of line: Int, to value: Float) {
        switch kind {
        case .bend: lines[line].heard.bend = value
        case .pressure: lines[line].heard.pressure = value
        case .timbre: lines[line].heard.timbre = value
        case .bendRange: lines[line].heard.range = value
        case .tuning: lines[line].heard.tuning = value
        }
    }

    /// A change on a channel reaches its notes, and those of the member channels whose master it is.
    private func touchLines(_ line: Int, _ kind: ControlTarget.Channel) {
        touchLine(line, kind)
        guard line >= 16 else { return }
        for finger in (line & ~15)..<(line & ~15) + 16 where master(of: finger) == line {
            touchLine(finger, kind)
        }
    }

    private func touchLine(_ line: Int, _ kind: ControlTarget.Channel) {
        let master = master(of: line)
        for index in 0..<slotEnd {
            guard let core = slots[index].core else { continue }
            // A slot that rings hears its hands while one of its keys is still down; tunings are everybody's.
            guard
                slots[index].phase == .active || kind == .tuning
                    || notes.holds(slot: Int16(index), channelState: UInt8(line), keysOnly: true)
            else { continue }
            let touch = touch(
                lines[line].heard, master >= 0 ? lines[master].heard : nil,
                range: core.pointee.voices.voicing.bendRange)
            let isPitch = kind == .bend || kind == .bendRange || kind == .tuning
            core.pointee.voices.touch(
                line: UInt8(line), offset: isPitch ? touch.offset : nil,
                bend: kind == .bend ? touch.bend : nil,
                pressure: kind == .pressure ? touch.pressure : nil,
                timbre: kind == .timbre ? touch.timbre : nil, frames: controlGlide)
        }
    }

    /// Lets a target go to a value at the next control tick. Of several values for one tick the last counts.
    mutating func later(_ target: ControlTarget, _ value: Float, _ frame: Int) {
        let change = ControlChange(target: target, value: value, due: Self.nextControlTick(frame))
        guard !controlQueue.add(change) else { return }
        // More targets than the queue holds: what waits acts now, at most 64 frames early, and nothing is lost.
        applyChanges(dueBy: .max)
        _ = controlQueue.add(change)
    }
}
