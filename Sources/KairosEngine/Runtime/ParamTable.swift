import KairosCompiler
import KairosControl
import KairosDSP

/// The parameters of one patch instance, with the smoothing of their changes. [audio], but for `init`
///
/// A parameter that does not change is one value in its cell. While it changes, it has a block of the scratch, which
/// ``fill(_:_:)`` writes.
struct ParamTable {
    /// Number of blocks: greatest number of parameters that change at a time. Others wait until one has settled.
    static let blockCount = 24

    /// Parameters, by index.
    let states: RegionTable<State>
    /// The value of each parameter, in every lane, for its cell while it does not change.
    private let steady: RegionTable<Lanes>
    /// Indices of the parameters that change, in any order.
    private let moving: RegionTable<Int32>
    private let motionReference: Reference<Motion>
    private let cells: RegionTable<SignalCell>
    /// For each cell, the length of the note value of its parameter; nil for numbers.
    private let periods: RegionTable<BeatPeriod?>

    /// Number of parameters that change, and their blocks. It lies in the instance's region, as the states do.
    fileprivate struct Motion: BitwiseCopyable {
        /// Number of entries of `moving` in use.
        var count = 0
        /// Bit n is set if block n of the scratch is in use.
        var blocks: UInt32 = 0
        /// Tempo that note values were converted with, in beats per minute, and beats in a bar.
        var tempo: Float = 120
        var meter: Int32 = 4
    }

    /// Places of the tables in the instance's region.
    struct Places {
        fileprivate let states: RegionTable<State>
        fileprivate let steady: RegionTable<Lanes>
        fileprivate let moving: RegionTable<Int32>
        fileprivate let motion: Reference<Motion>

        /// Tables of `params` at their start values. [loader]
        init(_ params: [Schedule.Param], sampleRate: Float, _ arena: inout Arena) {
            let initial = params.map { State($0, sampleRate: sampleRate) }
            states = arena.place(initial)
            steady = arena.place(initial.map { Lanes(repeating: $0.value) })
            moving = arena.place(params.count, repeating: 0)
            motion = arena.reference(to: Motion())
        }
    }

    /// A table at `places`. The cells need not lie in memory that is saved: see ``connect()``.
    init(_ places: Places, cells: RegionTable<SignalCell>, periods: RegionTable<BeatPeriod?>) {
        self.periods = periods
        states = places.states
        steady = places.steady
        moving = places.moving
        motionReference = places.motion
        self.cells = cells
    }

    /// Number of parameters.
    var count: Int { states.count }

    private var motion: Motion {
        @inline(__always) unsafeAddress { motionReference.constantAddress }
        @inline(__always) nonmutating unsafeMutableAddress { motionReference.address }
    }

    /// Sets the cells of all parameters to their values, after the states were placed or loaded. The next sub-block gives
    /// blocks to those that change.
    func connect() {
        for index in states.indices {
            cells[Int(states[index].cell)] = SignalCell(base: steady.baseAddress + index, stride: 0)
            periods[Int(states[index].cell)] = states[index].note.flatMap { resolve(index, $0)?.period }
        }
    }

    // MARK: the tempo

    /// Converts note values by another tempo or meter; with `snaps` without smoothing. Both change at control ticks.
    @inline(__always) mutating func follow(_ transport: TransportPosition, snaps: Bool) {
        guard transport.tempo != motion.tempo || transport.meter != motion.meter else { return }
        follow(tempo: transport.tempo, meter: transport.meter, snaps: snaps)
    }

    /// Takes over the tempo of another table, without smoothing.
    mutating func follow(tempoOf other: ParamTable) {
        follow(tempo: other.motion.tempo, meter: other.motion.meter, snaps: true)
    }

    @inline(never) private mutating func follow(tempo: Float, meter: Int32, snaps: Bool) {
        motion.tempo = tempo
        motion.meter = meter
        for index in states.indices {
            guard let note = states[index].note else { continue }
            let number = convert(index, .note(note))
            if snaps { jump(index, to: number) } else { move(index, to: number) }
        }
    }

    private func resolve(_ index: Int, _ note: NoteValue) -> (number: Float, period: BeatPeriod)? {
        states[index].noteLaw?.resolve(note, tempo: motion.tempo, meter: Int(motion.meter))
    }

    /// The number of a parameter's new value, clamped. The modules find the length of a note value from now on.
    private mutating func convert(_ index: Int, _ value: ParamValue) -> Float {
        let cell = Int(states[index].cell)
        switch value {
        case .number(let number):
            states[index].note = nil
            periods[cell] = nil
            return states[index].law.clamp(number)
        case .note(let note):
            guard let (number, period) = resolve(index, note) else { return states[index].target }
            states[index].note = note
            periods[cell] = period
            return states[index].law.clamp(number)
        }
    }

    /// True if a parameter changes.
    var isMoving: Bool { motion.count > 0 }

    /// Sets every parameter to its start value at once.
    mutating func recall() {
        motion.count = 0
        motion.blocks = 0
        for index in states.indices {
            states[index].moves = false
            states[index].block = nil
            snap(index, to: states[index].preset)
        }
    }

    /// Sets a parameter at once.
    mutating func snap(_ index: Int, to value: ParamValue) {
        jump(index, to: convert(index, intend(index, value)))
    }

    private mutating func jump(_ index: Int, to value: Float) {
        states[index].value = value
        states[index].next = value
        states[index].target = value
        states[index].remaining = 0
        if !states[index].moves { settle(index) }
    }

    /// Starts a parameter's change to `value` at this control tick. It was announced by ``intend(_:_:)``.
    mutating func set(_ index: Int, to value: ParamValue) { move(index, to: convert(index, value)) }

    private mutating func move(_ index: Int, to target: Float) {
        guard states[index].smoothing != .none else { return jump(index, to: target) }
        guard target != states[index].target else { return }
        states[index].target = target
        // At a control tick it has reached `next`: while it changes, `value` is one tick behind.
        let from = states[index].next
        let ticks = states[index].ticks
        states[index].remaining = ticks
        switch states[index].smoothing {
        case .none: break
        case .linear: states[index].pace = (target - from) / Float(ticks)
        // ln(1000) ≈ 6.9078: 60 dB within the time.
        case .exponential: states[index].pace = expPrecise(-6.907_755 / Float(ticks))
        case .logarithmic: states[index].pace = exp2Precise(log2Precise(target / from) / Float(ticks))
        }
        if !states[index].moves { startMoving(index) }
    }

    /// Stores the value that a parameter is to get at the next control tick. Returns it, clamped.
    /// A note value for a parameter that takes none changes nothing.
    @discardableResult
    func intend(_ index: Int, _ value: ParamValue) -> ParamValue {
        switch value {
        case .number(let number): states[index].intent = .number(states[index].law.clamp(number))
        case .note where states[index].noteLaw != nil: states[index].intent = value
        case .note: break
        }
        return states[index].intent
    }

    /// The value of a parameter that was requested last.
    func intent(_ index: Int) -> ParamValue { states[index].intent }

    /// The value of a parameter that was requested last, as a value of the kind that a control's range has: a note value
    /// as its number at the present tempo, a number as the nearest note value.
    func intent(_ index: Int, as law: ControlLaw) -> ParamValue {
        let intent = states[index].intent
        switch (intent, states[index].noteLaw) {
        case (.note(let note), let noteLaw?) where !law.hasNotes:
            let number = noteLaw.resolve(note, tempo: motion.tempo, meter: Int(motion.meter)).number
            return .number(states[index].law.clamp(number))
        case (.number(let number), let noteLaw?) where law.hasNotes:
            return .note(noteLaw.nearest(to: number, tempo: motion.tempo, meter: Int(motion.meter)))
        default: return intent
        }
    }

    /// The value of a parameter at the end of its change.
    func target(_ index: Int) -> Float { states[index].target }

    /// Takes over the value, and a change in progress, of the parameter `origin` of another table.
    mutating func succeed(_ index: Int, _ old: ParamTable, _ origin: Int) {
        states[index].value = old.states[origin].value
        states[index].next = old.states[origin].next
        states[index].target = old.states[origin].target
        states[index].intent = old.states[origin].intent
        states[index].note = old.states[origin].note
        periods[Int(states[index].cell)] = old.periods[Int(old.states[origin].cell)]
        states[index].remaining = old.states[origin].remaining
        states[index].pace = old.states[origin].pace
        settle(index)
        if old.states[origin].moves { startMoving(index) }
    }

    private mutating func startMoving(_ index: Int) {
        states[index].moves = true
        moving[motion.count] = Int32(index)
        motion.count += 1
    }

    /// Writes the blocks of the parameters that change, for one sub-block.
    mutating func fill(_ subBlock: SubBlock, _ blocks: LaneBuffer) {
        var entry = 0
        while entry < motion.count {
            let index = Int(moving[entry])
            if fill(index, subBlock, blocks) {
                entry += 1
            } else {
                motion.count -= 1
                moving[entry] = moving[motion.count]
            }
        }
    }

    /// Writes the block of one parameter. False if its change has ended: it is constant from this sub-block on.
    private mutating func fill(
        _ index: Int, _ subBlock: SubBlock, _ blocks: LaneBuffer
    ) -> Bool {
        let hasArrived = states[index].next == states[index].target && states[index].remaining == 0
        if hasArrived, subBlock.phase == 0 || states[index].value == states[index].next {
            if let block = states[index].block { motion.blocks &= ~(1 << UInt32(block)) }
            states[index].value = states[index].next
            states[index].block = nil
            states[index].moves = false
            settle(index)
            return false
        }
        if states[index].block == nil {
            let free = (~motion.blocks).trailingZeroBitCount
            guard free < Self.blockCount else { return true }
            motion.blocks |= 1 << UInt32(free)
            states[index].block = UInt8(truncatingIfNeeded: free)
        }
        guard let number = states[index].block else { return true }
        let block = blocks.suffix(fromBlock: Int(number))
        for segment in ControlSegments(of: subBlock) {
            if segment.phase == 0 { advance(index) }
            let from = states[index].value
            let slope = (states[index].next - from) * (1 / Float(SubBlock.controlTick))
            for n in segment.first..<segment.end {
                block[n] = Lanes(repeating: from + slope * Float(segment.phase + n - segment.first))
            }
        }
        cells[Int(states[index].cell)] = SignalCell(base: block.base, stride: 1)
        return true
    }

    /// Advances a change by one control tick.
    private func advance(_ index: Int) {
        let here = states[index].next, target = states[index].target
        states[index].value = here
        guard states[index].remaining > 0 else { return }
        states[index].remaining -= 1
        guard states[index].remaining > 0 else { return states[index].next = target }
        switch states[index].smoothing {
        case .none: states[index].next = target
        case .linear: states[index].next = here + states[index].pace
        case .exponential:
            if states[index].law.curve == .exponential {
                // In octaves: the ratio to the target shrinks.
                states[index].next = target * exp2Precise(log2Precise(here / target) * states[index].pace)
            } else {
                states[index].next = target + (here - target) * states[index].pace
            }
        case .logarithmic: states[index].next = here * states[index].pace
        }
    }

    /// Sets a parameter's cell to its constant value.
    private func settle(_ index: Int) {
        steady[index] = Lanes(repeating: states[index].value)
        cells[Int(states[index].cell)] = SignalCell(base: steady.baseAddress + index, stride: 0)
    }
}
