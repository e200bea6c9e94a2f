import KairosControl
import Synchronization

/// Where controls and their parameters stand, for whoever sends it back to the controllers.
///
/// > The audio thread writes all but what was sent; the control side reads, and says what it sent.
struct ControlStates: @unchecked Sendable {
    let count: Int
    /// Bits of where the parameter stands, 0…1 of the control's way.
    let targets: UnsafeMutablePointer<Atomic<UInt32>>
    /// Bits of where the control was last heard to be.
    let controls: UnsafeMutablePointer<Atomic<UInt32>>
    /// The channel it was last heard on.
    let channels: UnsafeMutablePointer<Atomic<UInt8>>
    /// The 7 bits that were last sent to it, and when.
    let sent: UnsafeMutablePointer<Atomic<UInt8>>
    let sentAt: UnsafeMutablePointer<Atomic<UInt64>>
    /// Which sources each mapping is for: bit n is source n. The control side writes, the audio thread reads.
    let sources: UnsafeMutablePointer<Atomic<UInt64>>

    /// For the controls of `mappings`. A mapping for one device is for nobody before the device is there, or for
    /// those that `masks` names.
    init(_ mappings: [Mapping], masks: [UInt64] = []) {
        count = ControlSurface.controls(mappings).all.count
        let count = count
        func room<T: AtomicRepresentable>(_ value: T) -> UnsafeMutablePointer<Atomic<T>> {
            let memory = UnsafeMutablePointer<Atomic<T>>.allocate(capacity: max(1, count))
            for index in 0..<count { (memory + index).initialize(to: Atomic(value)) }
            return memory
        }
        targets = room(Float.nan.bitPattern)
        controls = room(Float.nan.bitPattern)
        channels = room(0)
        sent = room(255)
        sentAt = room(0)
        sources = .allocate(capacity: Mapping.limit)
        for index in 0..<Mapping.limit {
            let isGeneric = !mappings.indices.contains(index) || mappings[index].device.isEmpty
            let mask = isGeneric ? UInt64.max : masks.indices.contains(index) ? masks[index] : 0
            (sources + index).initialize(to: Atomic(mask))
        }
    }

    /// A control goes on where it was known to be in the states before.
    func follow(_ old: ControlStates, from: Int, to: Int) {
        targets[to].store(old.targets[from].load(ordering: .relaxed), ordering: .relaxed)
        controls[to].store(old.controls[from].load(ordering: .relaxed), ordering: .relaxed)
        channels[to].store(old.channels[from].load(ordering: .relaxed), ordering: .relaxed)
        sent[to].store(old.sent[from].load(ordering: .relaxed), ordering: .relaxed)
        sentAt[to].store(old.sentAt[from].load(ordering: .relaxed), ordering: .relaxed)
    }

    func free() {
        targets.deallocate()
        controls.deallocate()
        channels.deallocate()
        sent.deallocate()
        sentAt.deallocate()
        sources.deallocate()
    }
}

/// Keeps the states of a rig's controls for as long as anybody looks at them.
final class ControlBoard: Sendable {
    let states: ControlStates

    init(_ states: ControlStates) { self.states = states }

    deinit { states.free() }
}

extension EngineCore {
    /// A controller that says again what it was just told.
    func isEcho(_ control: Int, _ event: Event) -> Bool {
        guard isLive, UInt32(controlStates.sent[control].load(ordering: .relaxed)) == event.normalized >> 25
        else {
            return false
        }
        let at = controlStates.sentAt[control].load(ordering: .relaxed)
        return event.stamp >= at && event.stamp - at < 250_000_000
    }

    /// Publishes where a few of the controls' parameters stand; all in turn, block by block.
    mutating func publishControls() {
        guard isLive, surface.count > 0 else { return }
        for _ in 0..<min(8, surface.count) {
            publishCursor = (publishCursor + 1) % surface.count
            let place = place(of: Int32(publishCursor))
            controlStates.targets[publishCursor].store(place.bitPattern, ordering: .relaxed)
        }
    }

    /// Where the first thing that a control moves stands on its way; not a number where it moves nothing.
    private func place(of control: Int32) -> Float {
        for index in 0..<actions.count
        where actions[index].control == control && actions[index].effect == .tempo {
            return actions[index].normalized(of: Float(transport.ownTempo))
        }
        for k in 0..<parts[0].slotCount {
            if let core = slots[Int(parts[0].slots[k])].core, let place = place(of: control, in: core) {
                return place
            }
        }
        return effects.core.flatMap { place(of: control, in: $0) } ?? .nan
    }

    private func place(of control: Int32, in core: UnsafeMutablePointer<InstanceCore>) -> Float? {
        let table = core.pointee.controls
        for index in 0..<table.count where table[index].control == control && isInLayer(table[index]) {
            switch table[index].effect {
            case .param(let param): return table[index].normalized(of: core.pointee.params.intent(Int(param)))
            case .gate: return table.last(index)
            case .tempo, .action, .nothing: continue
            }
        }
        return nil
    }
}

extension Engine {
    /// Where each control of the surface and its parameter stand.
    ///
    /// > Any thread. Live only.
    public var controlStates: [Feedback.State] {
        let board = activeRig.board, states = board.states
        return (0..<states.count).map {
            Feedback.State(
                target: Float(bitPattern: states.targets[$0].load(ordering: .relaxed)),
                control: Float(bitPattern: states.controls[$0].load(ordering: .relaxed)))
        }
    }

    /// The channel a control was last heard on, 0…15.
    ///
    /// > Any thread.
    public func channel(ofControl control: Int) -> UInt8 {
        let board = activeRig.board
        return control < board.states.count ? board.states.channels[control].load(ordering: .relaxed) : 0
    }

    /// Says that a control was told to stand at `value` (14 bits): the same from it at once is its echo.
    ///
    /// > The thread that sends.
    public func noteFeedback(control: Int, value: UInt16, at now: UInt64) {
        let board = activeRig.board
        guard control < board.states.count else { return }
        board.states.sent[control].store(UInt8(value >> 7), ordering: .relaxed)
        board.states.sentAt[control].store(now, ordering: .relaxed)
    }
}
