public import KairosDSP

/// Envelope generator: attack, decay, sustain, release.
///
/// Each stage is exponential: the distance to the stage's target shrinks by a constant ratio per frame. The
/// target of the attack is 1.2, a fifth above the peak, so that the attack reaches the peak in finite time. At
/// the end of a block a remaining distance below 2⁻¹⁷ (−102 dB) is set to 0.
public struct ADSR: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "adsr", "Envelope generator with attack, decay, sustain and release (ADSR).", isControl: true,
        isSource: true)

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case gate
        /// Declaration of the inlet.
        public var info: InletInfo {
            .gate("Gate, low or high: the rising edge starts the attack, the falling edge the release.")
        }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo { .audio("Envelope level, 0 … 1.") }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case attack, decay, sustain, release
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .attack: .time("Attack time, from 0 to the peak.", default: 0.005)
            case .decay:
                .time(
                    "Decay time, until the distance to the sustain level has fallen by 60 dB.", default: 0.3)
            case .sustain: .sustain("Sustain level, held while the gate is high.")
            case .release: .time("Release time, for a fall by 60 dB after the gate goes low.", default: 0.3)
            }
        }
    }

    /// Target of the attack, which ends at the peak, 1, before it gets there.
    private static var attackTarget: Float { 1.2 }

    private let sampleRate: Float
    /// Output of the last frame.
    private var level = Lanes.zero
    /// Output minus target.
    private var distance = Lanes.zero
    /// `distance` at the start of the last group of four frames (frame number divisible by 4). The four
    /// frames are computed from it, so that no frame depends on the one before.
    private var anchor = Lanes.zero
    /// Lanes whose stage began after `anchor` was taken. They advance frame by frame until the next group of
    /// four.
    private var unanchored = LaneMask.none
    /// Fraction of the distance that each lane's stage removes in one, two, three and four frames.
    private var rates = (Lanes.one, Lanes.one, Lanes.one, Lanes.one)
    /// The target of each lane is `sustain · weight + offset`.
    private var weight = Lanes.zero
    private var offset = Lanes.zero
    /// Level at which an attack ends; infinite in lanes that are not in the attack.
    private var attackEnd = Lanes(repeating: .infinity)
    private var attacking = LaneMask.none
    private var decaying = LaneMask.none
    /// Times in seconds that the rates were computed for; −1 before the first sub-block.
    private var attack: Float = -1
    private var decay: Float = -1
    private var release: Float = -1
    private var attackRate = SIMD4<Float>(repeating: 1)
    private var decayRate = SIMD4<Float>(repeating: 1)
    private var releaseRate = SIMD4<Float>(repeating: 1)

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) { sampleRate = format.sampleRate }

    /// Resets all state. [audio, loader]
    public mutating func reset() { start(.all, seeds: SIMD16(repeating: 0)) }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        level.set(lanes, to: 0)
        enterRelease(lanes)
    }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        updateRates(io.latched(.attack), io.latched(.decay), io.latched(.release))
        let gate = io.gate(.gate), sustain = io[.sustain]
        let held = attacking | decaying
        enterRelease(held & ~gate.high)
        enterAttack(gate.high & (gate.triggered | ~held))

        if sustain.isSteady && attacking.isEmpty && !(distance .!= Lanes.zero).any {
            anchor = .zero
            level = offset.addingProduct(sustain[0], weight)
            return io.hold(.output, at: level)
        }
        // The flags are constants after inlining: each case compiles to its own loop.
        switch (sustain.isSteady, io.isReadAtControlTicks(.output)) {
        case (true, false): render(io, isSteady: true, isSparse: false)
        case (true, true): render(io, isSteady: true, isSparse: true)
        case (false, _): render(io, isSteady: false, isSparse: false)
        }
    }

    /// Advances all lanes in their stages. With `isSparse` only the first frame of each control segment is
    /// written.
    @_transparent private mutating func render(_ io: ModuleIO<Self>, isSteady: Bool, isSparse: Bool) {
        let sustain = io[.sustain], output = io[.output], phase = io.phase
        // The whole groups of four frames in the sub-block.
        let first = min(io.frames, -phase & 3), end = first + (io.frames - first) & ~3
        if first > 0 { renderEachFrame(io, 0..<first) }
        if first < end {
            let offset = offset, weight = weight, rates = rates
            let steadyTarget = offset.addingProduct(sustain[0], weight)
            @inline(__always) func target(_ n: Int) -> Lanes {
                isSteady ? steadyTarget : offset.addingProduct(sustain[n], weight)
            }
            var distance = distance, n = first
            while n < end {
                if !isSparse || n == 0 || (phase &+ n) & (SubBlock.controlTick - 1) == 0 {
                    output[n] = target(n) + distance.subtractingProduct(distance, rates.0)
                }
                if !isSparse {
                    output[n &+ 1] = target(n &+ 1) + distance.subtractingProduct(distance, rates.1)
                    output[n &+ 2] = target(n &+ 2) + distance.subtractingProduct(distance, rates.2)
                }
                distance = distance.subtractingProduct(distance, rates.3)
                if !isSparse { output[n &+ 3] = target(n &+ 3) + distance }
                n &+= 4
            }
            level = target(end &- 1) + distance
            // An attack only rises: if the level is below the peak at the end, it was below it in all frames.
            if !attacking.isEmpty, (level .>= attackEnd).any {
                renderEachFrame(io, first..<end)
            } else {
                self.distance = distance
            }
        }
        if end < io.frames { renderEachFrame(io, end..<io.frames) }
        if io.endsBlock { settle() }
    }

    /// Like ``render(_:isSteady:isSparse:)``, frame by frame: for frames in which an attack may end, and for
    /// groups of four that are split.
    @inline(never) private mutating func renderEachFrame(_ io: ModuleIO<Self>, _ frames: Range<Int>) {
        let sustain = io[.sustain], output = io[.output]
        for n in frames {
            let phase = (io.phase &+ n) & 3
            if phase == 0 {
                anchor = distance
                unanchored = .none
            }
            let rate = phase == 0 ? rates.0 : phase == 1 ? rates.1 : phase == 2 ? rates.2 : rates.3
            let stepped = distance.subtractingProduct(distance, rates.0)
            distance = anchor.subtractingProduct(anchor, rate).replacing(
                with: stepped, where: unanchored.vector)
            level = offset.addingProduct(sustain[n], weight) + distance
            let arrived = level .>= attackEnd
            if arrived.any {
                level.replace(with: 1, where: arrived)
                enterDecay(arrived.lanes, from: level - sustain[n])
            }
            output[n] = level
        }
    }

    /// Sets remaining distances that are negligible to 0.
    @inline(__always) private mutating func settle() {
        distance.replace(with: 0, where: distance.magnitude .< Lanes(repeating: 0x1p-17))
        // The module may not be run again before the next event.
        anchor = distance
    }

    /// Recomputes the rates if a time has changed. Times in seconds.
    private mutating func updateRates(_ attack: Float, _ decay: Float, _ release: Float) {
        if attack == self.attack && decay == self.decay && release == self.release { return }
        self.attack = attack
        self.decay = decay
        self.release = release
        // The attack goes from 1.2 to 0.2 below its target; decay and release fall by 60 dB.
        attackRate = Self.fractions(
            ratio: (ADSR.attackTarget - 1) / ADSR.attackTarget, frames: attack * sampleRate)
        decayRate = Self.fractions(ratio: 0.001, frames: decay * sampleRate)
        releaseRate = Self.fractions(ratio: 0.001, frames: release * sampleRate)
        setRate(.all, releaseRate)
        setRate(decaying, decayRate)
        setRate(attacking, attackRate)
    }

    private mutating func enterAttack(_ lanes: LaneMask) {
        if lanes.isEmpty { return }
        attacking = attacking | lanes
        decaying = decaying & ~lanes
        distance.replace(with: level - Lanes(repeating: ADSR.attackTarget), where: lanes.vector)
        setRate(lanes, attackRate)
        weight.set(lanes, to: 0)
        offset.set(lanes, to: ADSR.attackTarget)
        attackEnd.set(lanes, to: 1)
    }

    private mutating func enterDecay(_ lanes: LaneMask, from distance: Lanes) {
        attacking = attacking & ~lanes
        decaying = decaying | lanes
        self.distance.replace(with: distance, where: lanes.vector)
        setRate(lanes, decayRate)
        weight.set(lanes, to: 1)
        offset.set(lanes, to: 0)
        attackEnd.set(lanes, to: .infinity)
    }

    private mutating func enterRelease(_ lanes: LaneMask) {
        if lanes.isEmpty { return }
        attacking = attacking & ~lanes
        decaying = decaying & ~lanes
        distance.replace(with: level, where: lanes.vector)
        setRate(lanes, releaseRate)
        weight.set(lanes, to: 0)
        offset.set(lanes, to: 0)
        attackEnd.set(lanes, to: .infinity)
    }

    /// Sets the rate of `lanes`, from this frame on.
    private mutating func setRate(_ lanes: LaneMask, _ rate: SIMD4<Float>) {
        rates.0.set(lanes, to: rate[0])
        rates.1.set(lanes, to: rate[1])
        rates.2.set(lanes, to: rate[2])
        rates.3.set(lanes, to: rate[3])
        unanchored = unanchored | lanes
    }

    /// Fractions removed in one, two, three and four frames, if `ratio` of a distance is to be left after
    /// `frames`.
    private static func fractions(ratio: Float, frames: Float) -> SIMD4<Float> {
        func fraction(_ count: Float) -> Float { decayPerFrame(ratio: ratio, frames: frames / count) }
        return SIMD4(fraction(1), fraction(2), fraction(3), fraction(4))
    }
}
