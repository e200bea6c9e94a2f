import KairosControl
import KairosDSP

/// The controls of a rig's mappings: which events they listen to, and their positions.
///
/// [audio], but for `init` and `deinit`.
struct MappedControls: ~Copyable {
    private let surface: ControlSurface
    private var memories: FixedArray<ControlMemory>
    private var coarseHalves: CoarseHalves
    /// The controls that are shift buttons.
    private let shifts: FixedArray<Int32>
    /// The part of the controls' state that the control side reads. Unmanaged, so that the audio thread counts no
    /// references; the engine keeps it for as long as the rig.
    private let states: Unmanaged<ControlStates>

    /// The controls of `mappings`.
    init(_ mappings: [Mapping], _ states: ControlStates) {
        surface = ControlSurface(mappings)
        memories = FixedArray(count: surface.count, repeating: ControlMemory())
        coarseHalves = CoarseHalves(controls: surface.count)
        shifts = FixedArray(
            copying: ControlSurface.indices(mappings).compactMap(\.shift).map { Int32($0) })
        self.states = .passUnretained(states)
    }

    /// Continues the state of the controls before: `controls` has the index of each of them here, or nil.
    mutating func succeed(_ old: borrowing MappedControls, _ controls: borrowing FixedArray<Int32?>) {
        for index in 0..<controls.count {
            guard let control = controls[index] else { continue }
            let new = Int(control), before = old.states
            memories[new] = old.memories[index]
            states._withUnsafeGuaranteedRef { states in
                before._withUnsafeGuaranteedRef { states.copy($0, from: index, to: new) }
            }
        }
        coarseHalves.succeed(old.coarseHalves, controls)
    }

    /// The number of controls.
    var count: Int { surface.count }

    /// A control by its index, 0..<``count``.
    subscript(_ index: Int) -> ControlSurface.Control { surface[index] }

    /// The last normalized value of a control, 0…1; nil before its first message.
    func normalized(_ control: Int) -> Float? { memories[control].normalized }

    /// True where a control is a shift button.
    func isShift(_ control: Int) -> Bool {
        for index in 0..<shifts.count where shifts[index] == Int32(control) { return true }
        return false
    }

    // MARK: listening

    /// True where a mapping applies to a source.
    func serves(_ mapping: UInt8, _ source: UInt16) -> Bool {
        states._withUnsafeGuaranteedRef { $0.serves(mapping, source) }
    }

    /// True where a mapping of the very device listens to the event.
    func hasOwnControl(_ event: Event) -> Bool {
        for index in 0..<surface.count {
            let control = surface[index]
            if !control.isGeneric, control.part(of: event) != nil, control.accepts(event.channel & 15),
                serves(control.mapping, event.source)
            {
                return true
            }
        }
        return false
    }

    /// True where the controller repeats a feedback message. Live only.
    func isEcho(_ control: Int, _ event: Event, _ clock: EngineClock) -> Bool {
        clock.isLive
            && states._withUnsafeGuaranteedRef {
                $0.isEcho(
                    control, value: NormalizedValue.sevenBits(event.message.controlValue), at: event.stamp)
            }
    }

    // MARK: movements

    /// Moves a control by the part of its value that a message carries. Nil where its other half must come first.
    mutating func move(
        _ index: Int, _ action: ControlAction, _ part: Event.Part, _ clock: EngineClock
    ) -> Movement? {
        let event = action.event, sevenBits = event.message.controlValue >> 25
        var position = event.message.controlValue
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
        let normalized = NormalizedValue.fraction(position)
        memories[index].normalized = normalized
        states._withUnsafeGuaranteedRef {
            $0.set(index, position: normalized, channel: event.channel & 15)
        }
        return .to(normalized, from: from)
    }

    /// The frame at which the first coarse half stops waiting for its fine half; `Int.max` for none.
    var nextDue: Int { coarseHalves.nextDue }

    /// The next coarse half that has waited long enough by `frame`, as a movement to the whole value; nil for none.
    mutating func nextCoarseHalf(
        dueBy frame: Int
    ) -> (control: Int, half: CoarseHalf, movement: Movement)? {
        while let (control, half) = coarseHalves.next(dueBy: frame) {
            guard memories[control].pair.isOpen else { continue }
            let from = memories[control].normalized
            let normalized = NormalizedValue.fraction(memories[control].pair.settled())
            memories[control].normalized = normalized
            return (control, half, .to(normalized, from: from))
        }
        return nil
    }

    /// Forgets halves of 14-bit values. The positions of the controls stay: no message resets them.
    mutating func forgetHalves() {
        for control in 0..<surface.count { memories[control].pair = PairDecoder() }
    }

    // MARK: feedback

    /// Publishes the normalized value of a control's parameter; nil where it has none.
    func publish(_ target: Float?, of control: Int) {
        states._withUnsafeGuaranteedRef { $0.set(control, target: target) }
    }
}
