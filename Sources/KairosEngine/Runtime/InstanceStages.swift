import KairosCompiler
import KairosControl
import KairosDSP

/// The note stages of a patch instance, without the boxes, which are among its modules. [audio], but for `init`
struct InstanceStages {
    /// The steps of the stages, first to last: their boxes and parameters.
    private let steps: RegionTable<Step>
    private let contexts: RegionTable<StepContext>
    private let exchange: Reference<NoteExchange>
    /// True if a stage will act by itself. It lies in the instance's region.
    private let activeReference: Reference<Bool>
    /// The notes that the stages have started.
    let outputs: NoteOutputs

    /// Places of what is saved with the state of the instance.
    struct Places {
        fileprivate let active: Reference<Bool>
        fileprivate let outputs: NoteOutputs

        /// Places for the stages of `schedule`. [loader]
        init(_ schedule: Schedule, _ arena: inout Arena) {
            active = arena.reference(to: false)
            outputs = NoteOutputs(hasStages: !schedule.noteStages.isEmpty, &arena)
        }
    }

    /// The stages of `schedule`. [loader]
    init(_ places: Places, _ schedule: InstanceSchedule, _ arena: inout Arena) {
        steps = schedule.noteStages
        contexts = schedule.contexts
        activeReference = places.active
        outputs = places.outputs
        let capacity = steps.count * NoteExchange.eventsPerCall
        let events = arena.place(
            capacity, repeating: NoteEvent(.off, id: 0, key: 0, velocity: 0))
        let time = BeatTime(frame: 0, anchorFrame: 0, anchorBeats: 0, framesPerBeat: 1, origin: nil)
        exchange = arena.reference(
            to: NoteExchange(events.baseAddress, capacity: capacity, time: time))
    }

    /// The number of stages.
    var count: Int { steps.count }

    /// True if a stage will act by itself.
    var isActive: Bool {
        @inline(__always) get { activeReference.pointee }
        @inline(__always) nonmutating set { activeReference.pointee = newValue }
    }

    /// The events that a call has sent: index of the first one, and one past the last.
    struct Sent {
        let first: Int
        let end: Int
    }

    /// Sets the time, and the number of the last note.
    func begin(_ time: BeatTime, lastID: UInt32) {
        exchange.pointee.time = time
        exchange.pointee.lastID = lastID
    }

    /// The number of the last note.
    var lastID: UInt32 { exchange.pointee.lastID }

    /// An event that was sent.
    func event(_ index: Int) -> NoteEvent { exchange.pointee[index] }

    /// Removes events that are handled.
    func end(_ sent: Sent) { exchange.pointee.end(from: sent.first) }

    /// Passes an event to a stage. The caller handles what it sends, and then calls ``end(_:)``.
    func receive(_ event: NoteEvent, _ stage: Int, _ modules: InstanceModules) -> Sent {
        let first = exchange.pointee.begin()
        modules.once[box(stage)]._withUnsafeGuaranteedRef {
            $0.receive(event, context(stage).constantAddress, exchange.address)
        }
        return Sent(first: first, end: exchange.pointee.count)
    }

    /// Lets a stage act by itself. The caller handles what it sends, and then calls ``end(_:)``.
    func advance(_ stage: Int, _ modules: InstanceModules) -> Sent {
        let first = exchange.pointee.begin()
        modules.once[box(stage)]._withUnsafeGuaranteedRef {
            $0.advance(context(stage).constantAddress, exchange.address)
        }
        return Sent(first: first, end: exchange.pointee.count)
    }

    /// The next frame at which a stage acts by itself; nil for none.
    func nextFrame(_ stage: Int, _ modules: InstanceModules) -> Int? {
        modules.once[box(stage)]._withUnsafeGuaranteedRef {
            $0.nextFrame(context(stage).constantAddress, exchange.address)
        }
    }

    /// True if a stage holds keys that come up.
    func latches(_ modules: InstanceModules) -> Bool {
        for stage in steps.indices {
            let latches = modules.once[box(stage)]._withUnsafeGuaranteedRef {
                $0.latches(context(stage).constantAddress, exchange.address)
            }
            if latches { return true }
        }
        return false
    }

    /// Ends everything at once, without events: the voices fade by themselves.
    func stop(_ modules: InstanceModules) {
        for stage in steps.indices { modules.once[box(stage)]._withUnsafeGuaranteedRef { $0.reset() } }
        outputs.removeAll()
        isActive = false
    }

    /// Sets the counts of random values to 0.
    func rewind(_ modules: InstanceModules) {
        for stage in steps.indices { modules.once[box(stage)]._withUnsafeGuaranteedRef { $0.rewind() } }
    }

    /// Takes over the notes of the instance that this one replaces. The boxes are exchanged with the modules.
    func succeed(_ old: InstanceStages) {
        outputs.succeed(old.outputs)
        isActive = old.isActive
    }

    private func box(_ stage: Int) -> Int { Int(steps[stage].box) }
    private func context(_ stage: Int) -> Reference<StepContext> {
        Reference(contexts.baseAddress + Int(steps[stage].context))
    }
}
