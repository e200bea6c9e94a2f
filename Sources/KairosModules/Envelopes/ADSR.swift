import KairosDSP

/// An envelope of attack, decay, sustain and release.
///
/// Each stage is exponential: the distance from the stage's target shrinks by the same ratio each frame. The
/// attack aims a fifth above the peak, so that it arrives. What is left of a stage is dropped on the grid once
/// it is under −100 dB.
public struct ADSR: Module {
    public static let info = ModuleInfo(
        "adsr", "Envelope: rises when a key goes down, falls when it comes up.")

    public enum Inlet: Int, InletKey {
        case gate
        public var info: InletInfo {
            .gate("Begins the attack when it goes high, the release when it goes low.")
        }
    }

    public enum Outlet: Int, OutletKey {
        case output
        public var info: OutletInfo { .audio("The envelope, 0 … 1.") }
    }

    public enum Param: Int, ParamKey {
        case attack, decay, sustain, release
        public var spec: ParamSpec {
            switch self {
            case .attack: .time("From nothing to the peak.", default: 0.005)
            case .decay: .time("From the peak to within 60 dB of the sustain.", default: 0.3)
            case .sustain: .sustain("Where it stays while the key is down.")
            case .release: .time("The fall by 60 dB after the key is up.", default: 0.3)
            }
        }
    }

    /// What the attack aims at: it passes the peak, 1, on its way.
    private static var summit: Float { 1.2 }

    private let sampleRate: Float
    /// The last output.
    private var level = Lanes.zero
    /// Output less target, and what part of it goes each frame.
    private var distance = Lanes.zero
    private var rate = Lanes.zero
    /// The target is `sustain · weight + offset`.
    private var weight = Lanes.zero
    private var offset = Lanes.zero
    /// Where an attack ends; out of reach for the other lanes.
    private var ceiling = Lanes(repeating: .infinity)
    private var attacking = LaneMask.none
    private var decaying = LaneMask.none
    /// The times the rates were worked out for.
    private var attack: Float = -1
    private var decay: Float = -1
    private var release: Float = -1
    private var attackRate: Float = 1
    private var decayRate: Float = 1
    private var releaseRate: Float = 1

    public init(_ format: Format) { sampleRate = format.sampleRate }

    public mutating func reset() { start(.all, seeds: SIMD16(repeating: 0)) }

    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        level.set(lanes, to: 0)
        enterRelease(lanes)
    }

    public mutating func process(_ io: ModuleIO<Self>) {
        follow(io.latched(.attack), io.latched(.decay), io.latched(.release))
        let gate = io.gate(.gate), sustain = io[.sustain]
        let held = attacking | decaying
        enterRelease(held & ~gate.high)
        enterAttack(gate.high & (gate.struck | ~held))

        if sustain.isSteady && attacking.isEmpty && !(distance .!= Lanes.zero).any {
            level = offset.addingProduct(sustain[0], weight)
            return io.hold(.output, at: level)
        }
        let output = io[.output]
        for run in io.runs {
            if run.phase == 0 {
                distance.replace(with: 0, where: distance.magnitude .< Lanes(repeating: 0x1p-17))
            }
            let began = distance
            glide(run, sustain, output)
            // An attack only rises: what is under the peak at the end of a run was so all through it.
            if !attacking.isEmpty, (output[run.end - 1] .>= ceiling).any {
                distance = began
                arrive(run, sustain, output)
            }
        }
        level = output[io.frames - 1]
    }

    /// Each lane on in its stage.
    @inline(always) private mutating func glide(_ run: GridRun, _ sustain: Signal, _ output: Output) {
        var distance = distance
        let rate = rate, offset = offset, weight = weight
        if sustain.isSteady {
            let target = offset.addingProduct(sustain[0], weight)
            for n in run.first..<run.end {
                distance = distance.subtractingProduct(distance, rate)
                output[n] = target + distance
            }
        } else {
            for n in run.first..<run.end {
                distance = distance.subtractingProduct(distance, rate)
                output[n] = offset.addingProduct(sustain[n], weight) + distance
            }
        }
        self.distance = distance
    }

    /// The same, where a lane's attack ends on one of the frames.
    private mutating func arrive(_ run: GridRun, _ sustain: Signal, _ output: Output) {
        for n in run.first..<run.end {
            distance = distance.subtractingProduct(distance, rate)
            var value = offset.addingProduct(sustain[n], weight) + distance
            let arrived = value .>= ceiling
            if arrived.any {
                value.replace(with: 1, where: arrived)
                enterDecay(arrived.lanes, from: value - sustain[n])
            }
            output[n] = value
        }
    }

    /// Works out the rates of times that are new.
    private mutating func follow(_ attack: Float, _ decay: Float, _ release: Float) {
        if attack == self.attack && decay == self.decay && release == self.release { return }
        self.attack = attack
        self.decay = decay
        self.release = release
        // From 1.2 below the summit to 0.2 below it; by 60 dB.
        attackRate = decayPerFrame(ratio: (ADSR.summit - 1) / ADSR.summit, frames: attack * sampleRate)
        decayRate = decayPerFrame(ratio: 0.001, frames: decay * sampleRate)
        releaseRate = decayPerFrame(ratio: 0.001, frames: release * sampleRate)
        rate = Lanes(repeating: releaseRate)
        rate.set(decaying, to: decayRate)
        rate.set(attacking, to: attackRate)
    }

    private mutating func enterAttack(_ lanes: LaneMask) {
        if lanes.isEmpty { return }
        attacking = attacking | lanes
        decaying = decaying & ~lanes
        distance.replace(with: level - Lanes(repeating: ADSR.summit), where: lanes.vector)
        rate.set(lanes, to: attackRate)
        weight.set(lanes, to: 0)
        offset.set(lanes, to: ADSR.summit)
        ceiling.set(lanes, to: 1)
    }

    private mutating func enterDecay(_ lanes: LaneMask, from distance: Lanes) {
        attacking = attacking & ~lanes
        decaying = decaying | lanes
        self.distance.replace(with: distance, where: lanes.vector)
        rate.set(lanes, to: decayRate)
        weight.set(lanes, to: 1)
        offset.set(lanes, to: 0)
        ceiling.set(lanes, to: .infinity)
    }

    private mutating func enterRelease(_ lanes: LaneMask) {
        if lanes.isEmpty { return }
        attacking = attacking & ~lanes
        decaying = decaying & ~lanes
        distance.replace(with: level, where: lanes.vector)
        rate.set(lanes, to: releaseRate)
        weight.set(lanes, to: 0)
        offset.set(lanes, to: 0)
        ceiling.set(lanes, to: .infinity)
    }
}
