import KairosCompiler
import KairosDSP

/// The parameters of one program: where they are, where they go, and their blocks while they move.
///
/// > Audio thread, but for `init`.
struct ParamTable {
    struct State: BitwiseCopyable {
        let law: ParamLaw
        let smoothing: Smoothing
        /// Steps of the grid from being set to being there.
        let gridSteps: Int32
        let cell: Int32
        /// Read at points of the grid and where notes start only.
        let atControlTicks: Bool
        let preset: Float
        /// At the last point of the grid, at the next, and in the end.
        var value: Float
        var next: Float
        var target: Float
        /// Where the last word on it sends it, which may wait for the grid.
        var intent: Float
        var remaining: Int32 = 0
        /// What a grid step adds, or multiplies by.
        var pace: Float = 0
        var block: Int32 = -1
        var moves = false

        init(_ param: Schedule.Param, sampleRate: Float) {
            let spec = param.spec
            let ticks = (spec.smoothingTime * sampleRate / Float(SubBlock.controlTick)).rounded(.up)
            law = param.law
            smoothing = spec.smoothing
            gridSteps = max(1, Int32(ticks))
            cell = Int32(param.cell)
            atControlTicks = spec.isReadAtControlTicks
            preset = param.value
            value = param.value
            next = param.value
            target = param.value
            intent = param.value
        }
    }

    /// More parameters than this never move at once; the rest wait until one has arrived.
    static let blockCount = 24

    let count: Int
    let states: UnsafeMutablePointer<State>
    private let steady: UnsafeMutablePointer<Lanes>
    private let moving: UnsafeMutablePointer<Int32>
    private let motion: UnsafeMutablePointer<Motion>
    private let cells: UnsafeMutablePointer<SignalCell>

    /// How many parameters move, and which blocks they have. It lies in the instance's region, as the states do.
    fileprivate struct Motion: BitwiseCopyable {
        /// Entries of `moving` in use.
        var count = 0
        /// Bit n is set if block n of the scratch is in use.
        var blocks: UInt32 = 0
    }

    /// What changes, in the instance's region.
    struct Places {
        fileprivate let count: Int
        fileprivate let states: UnsafeMutablePointer<State>
        fileprivate let steady: UnsafeMutablePointer<Lanes>
        fileprivate let moving: UnsafeMutablePointer<Int32>
        fileprivate let motion: UnsafeMutablePointer<Motion>

        /// The states of `params` at their start values. [loader]
        init(_ params: [Schedule.Param], sampleRate: Float, _ arena: inout Arena) {
            count = params.count
            states = arena.place(params.map { State($0, sampleRate: sampleRate) })
            steady = arena.place(params.map { Lanes(repeating: $0.value) })
            moving = arena.place(count, repeating: 0)
            motion = arena.place([Motion()])
        }
    }

    /// A table of what lies at `places`. The cells need not lie in memory that is saved: see ``connect()``.
    init(_ places: Places, cells: UnsafeMutablePointer<SignalCell>) {
        count = places.count
        states = places.states
        steady = places.steady
        moving = places.moving
        motion = places.motion
        self.cells = cells
    }

    /// Lets every parameter's cell hold still where its state is. What moves gets a block in the next
    /// sub-block. After the states were placed or loaded.
    func connect() {
        for index in 0..<count {
            cells[Int(states[index].cell)] = SignalCell(base: steady + index, stride: 0)
        }
    }

    var isMoving: Bool { motion.pointee.count > 0 }

    /// Every parameter where the patch has it, at once.
    mutating func recall() {
        motion.pointee = Motion()
        for index in 0..<count {
            states[index].moves = false
            states[index].block = -1
            snap(index, to: states[index].preset)
        }
    }

    mutating func snap(_ index: Int, to value: Float) { jump(index, to: intend(index, value)) }

    private mutating func jump(_ index: Int, to value: Float) {
        states[index].value = value
        states[index].next = value
        states[index].target = value
        states[index].remaining = 0
        if !states[index].moves { settle(index) }
    }

    /// Lets a parameter go to `value`, from this point of the grid on. That it would was said before: see
    /// ``intend(_:_:)``.
    mutating func set(_ index: Int, to value: Float) {
        let state = states + index
        let target = state.pointee.law.clamp(value)
        guard state.pointee.smoothing != .none else { return jump(index, to: target) }
        guard target != state.pointee.target else { return }
        state.pointee.target = target
        // At a grid point `next` is where it stands: `value` is one step behind while it moves.
        let from = state.pointee.next
        let steps = state.pointee.gridSteps
        state.pointee.remaining = steps
        switch state.pointee.smoothing {
        case .none: break
        case .linear: state.pointee.pace = (target - from) / Float(steps)
        // ln(1000) ≈ 6.9078: 60 dB within the time.
        case .exponential: state.pointee.pace = expPrecise(-6.907_755 / Float(steps))
        case .logarithmic: state.pointee.pace = exp2Precise(log2Precise(target / from) / Float(steps))
        }
        guard !state.pointee.moves else { return }
        state.pointee.moves = true
        moving[motion.pointee.count] = Int32(index)
        motion.pointee.count += 1
    }

    /// The last word on a parameter, which acts at the next point of the grid.
    @discardableResult
    func intend(_ index: Int, _ value: Float) -> Float {
        states[index].intent = states[index].law.clamp(value)
        return states[index].intent
    }

    /// Where the last word on a parameter sends it.
    func intent(_ index: Int) -> Float { states[index].intent }

    /// Goes on where another table's parameter is, on the same way.
    mutating func follow(_ index: Int, _ old: ParamTable, _ place: Int) {
        let state = states + index, before = old.states + place
        state.pointee.value = before.pointee.value
        state.pointee.next = before.pointee.next
        state.pointee.target = before.pointee.target
        state.pointee.intent = before.pointee.intent
        state.pointee.remaining = before.pointee.remaining
        state.pointee.pace = before.pointee.pace
        settle(index)
        guard before.pointee.moves else { return }
        state.pointee.moves = true
        moving[motion.pointee.count] = Int32(index)
        motion.pointee.count += 1
    }

    /// Where a parameter goes, or is.
    func target(_ index: Int) -> Float { states[index].target }

    /// Fills the blocks of what moves, for one piece.
    mutating func fill(_ piece: SubBlock, _ blocks: UnsafeMutablePointer<Lanes>) {
        var slot = 0
        while slot < motion.pointee.count {
            let index = Int(moving[slot])
            if fill(index, piece, blocks) {
                slot += 1
            } else {
                motion.pointee.count -= 1
                moving[slot] = moving[motion.pointee.count]
            }
        }
    }

    /// False when it has arrived and holds still from this piece on.
    private mutating func fill(_ index: Int, _ piece: SubBlock, _ blocks: UnsafeMutablePointer<Lanes>) -> Bool
    {
        let state = states + index
        let arrived = state.pointee.next == state.pointee.target && state.pointee.remaining == 0
        if arrived, piece.phase == 0 || state.pointee.value == state.pointee.next {
            if state.pointee.block >= 0 { motion.pointee.blocks &= ~(1 << UInt32(state.pointee.block)) }
            state.pointee.value = state.pointee.next
            state.pointee.block = -1
            state.pointee.moves = false
            settle(index)
            return false
        }
        if state.pointee.block < 0 {
            let free = (~motion.pointee.blocks).trailingZeroBitCount
            guard free < Self.blockCount else { return true }
            motion.pointee.blocks |= 1 << UInt32(free)
            state.pointee.block = Int32(free)
        }
        let block = blocks + Int(state.pointee.block) * SubBlock.longest
        for run in ControlSegments(of: piece) {
            if run.phase == 0 { advance(state) }
            let from = state.pointee.value
            let slope = (state.pointee.next - from) * (1 / Float(SubBlock.controlTick))
            for n in run.first..<run.end {
                block[n] = Lanes(repeating: from + slope * Float(run.phase + n - run.first))
            }
        }
        cells[Int(state.pointee.cell)] = SignalCell(base: block, stride: 1)
        return true
    }

    private func advance(_ state: UnsafeMutablePointer<State>) {
        let here = state.pointee.next, target = state.pointee.target
        state.pointee.value = here
        guard state.pointee.remaining > 0 else { return }
        state.pointee.remaining -= 1
        guard state.pointee.remaining > 0 else { return state.pointee.next = target }
        switch state.pointee.smoothing {
        case .none: state.pointee.next = target
        case .linear: state.pointee.next = here + state.pointee.pace
        case .exponential:
            if state.pointee.law.curve == .exponential {
                // In octaves: the ratio to the target shrinks.
                state.pointee.next = target * exp2Precise(log2Precise(here / target) * state.pointee.pace)
            } else {
                state.pointee.next = target + (here - target) * state.pointee.pace
            }
        case .logarithmic: state.pointee.next = here * state.pointee.pace
        }
    }

    private func settle(_ index: Int) {
        steady[index] = Lanes(repeating: states[index].value)
        cells[Int(states[index].cell)] = SignalCell(base: steady + index, stride: 0)
    }
}
