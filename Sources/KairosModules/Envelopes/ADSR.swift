import KairosDSP

/// An envelope of attack, decay, sustain and release.
///
/// Each stage is exponential: the distance from the stage's target shrinks by the same ratio each frame. The
/// attack aims a fifth above the peak, so that it arrives. What is left of a stage is dropped once it is
/// under −100 dB.
public struct ADSR: Module {
    public static let info = ModuleInfo(
        "adsr", "Envelope: rises when a key goes down, falls when it comes up.", isControl: true)

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
    /// Output less target.
    private var distance = Lanes.zero
    /// What it was where the last four frames of the grid began: those are worked out from there, so that a frame
    /// does not wait for the one before.
    private var anchor = Lanes.zero
    /// Lanes whose stage began since; they go from frame to frame until the next four begin.
    private var loose = LaneMask.none
    /// What part of the distance goes in one frame, two, three and four of each lane's stage.
    private var rates = (Lanes.one, Lanes.one, Lanes.one, Lanes.one)
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
    private var attackRate = SIMD4<Float>(repeating: 1)
    private var decayRate = SIMD4<Float>(repeating: 1)
    private var releaseRate = SIMD4<Float>(repeating: 1)

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
            anchor = .zero
            level = offset.addingProduct(sustain[0], weight)
            return io.hold(.output, at: level)
        }
        // Each loop knows which it is.
        switch (sustain.isSteady, io.isReadOnGrid(.output)) {
        case (true, false): render(io, isSteady: true, isSparse: false)
        case (true, true): render(io, isSteady: true, isSparse: true)
        case (false, _): render(io, isSteady: false, isSparse: false)
        }
    }

    /// Each lane on in its stage. Where only the first frame of a run is read, only that is written.
    @_transparent private mutating func render(_ io: ModuleIO<Self>, isSteady: Bool, isSparse: Bool) {
        let sustain = io[.sustain], output = io[.output], phase = io.phase
        // From where four frames begin on to where the last four end.
        let first = min(io.frames, -phase & 3), end = first + (io.frames - first) & ~3
        if first > 0 { creep(io, 0..<first) }
        if first < end {
            let offset = offset, weight = weight, rates = rates
            let still = offset.addingProduct(sustain[0], weight)
            @inline(__always) func target(_ n: Int) -> Lanes {
                isSteady ? still : offset.addingProduct(sustain[n], weight)
            }
            var distance = distance, n = first
            while n < end {
                if !isSparse || n == 0 || (phase &+ n) & (SubBlock.grid - 1) == 0 {
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
            // An attack only rises: what is under the peak at the end was so all through it.
            if !attacking.isEmpty, (level .>= ceiling).any {
                creep(io, first..<end)
            } else {
                self.distance = distance
            }
        }
        if end < io.frames { creep(io, end..<io.frames) }
        if io.closes { settle() }
    }

    /// The same frame by frame: where a lane's attack may end on one of them, and where fours are cut.
    @inline(never) private mutating func creep(_ io: ModuleIO<Self>, _ frames: Range<Int>) {
        let sustain = io[.sustain], output = io[.output]
        for n in frames {
            let phase = (io.phase &+ n) & 3
            if phase == 0 {
                anchor = distance
                loose = .none
            }
            let rate = phase == 0 ? rates.0 : phase == 1 ? rates.1 : phase == 2 ? rates.2 : rates.3
            let free = distance.subtractingProduct(distance, rates.0)
            distance = anchor.subtractingProduct(anchor, rate).replacing(with: free, where: loose.vector)
            level = offset.addingProduct(sustain[n], weight) + distance
            let arrived = level .>= ceiling
            if arrived.any {
                level.replace(with: 1, where: arrived)
                enterDecay(arrived.lanes, from: level - sustain[n])
            }
            output[n] = level
        }
    }

    /// Drops what is left of a stage that is as good as over.
    @inline(__always) private mutating func settle() {
        distance.replace(with: 0, where: distance.magnitude .< Lanes(repeating: 0x1p-17))
        // It may not be run again before something happens.
        anchor = distance
    }

    /// Works out the rates of times that are new.
    private mutating func follow(_ attack: Float, _ decay: Float, _ release: Float) {
        if attack == self.attack && decay == self.decay && release == self.release { return }
        self.attack = attack
        self.decay = decay
        self.release = release
        // From 1.2 below the summit to 0.2 below it; by 60 dB.
        attackRate = Self.decay(ratio: (ADSR.summit - 1) / ADSR.summit, frames: attack * sampleRate)
        decayRate = Self.decay(ratio: 0.001, frames: decay * sampleRate)
        releaseRate = Self.decay(ratio: 0.001, frames: release * sampleRate)
        go(.all, releaseRate)
        go(decaying, decayRate)
        go(attacking, attackRate)
    }

    private mutating func enterAttack(_ lanes: LaneMask) {
        if lanes.isEmpty { return }
        attacking = attacking | lanes
        decaying = decaying & ~lanes
        distance.replace(with: level - Lanes(repeating: ADSR.summit), where: lanes.vector)
        go(lanes, attackRate)
        weight.set(lanes, to: 0)
        offset.set(lanes, to: ADSR.summit)
        ceiling.set(lanes, to: 1)
    }

    private mutating func enterDecay(_ lanes: LaneMask, from distance: Lanes) {
        attacking = attacking & ~lanes
        decaying = decaying | lanes
        self.distance.replace(with: distance, where: lanes.vector)
        go(lanes, decayRate)
        weight.set(lanes, to: 1)
        offset.set(lanes, to: 0)
        ceiling.set(lanes, to: .infinity)
    }

    private mutating func enterRelease(_ lanes: LaneMask) {
        if lanes.isEmpty { return }
        attacking = attacking & ~lanes
        decaying = decaying & ~lanes
        distance.replace(with: level, where: lanes.vector)
        go(lanes, releaseRate)
        weight.set(lanes, to: 0)
        offset.set(lanes, to: 0)
        ceiling.set(lanes, to: .infinity)
    }

    /// Lets lanes go on at another rate from here.
    private mutating func go(_ lanes: LaneMask, _ rate: SIMD4<Float>) {
        rates.0.set(lanes, to: rate[0])
        rates.1.set(lanes, to: rate[1])
        rates.2.set(lanes, to: rate[2])
        rates.3.set(lanes, to: rate[3])
        loose = loose | lanes
    }

    /// What part goes in one frame, two, three and four, for `ratio` of a distance to be left after `frames`.
    private static func decay(ratio: Float, frames: Float) -> SIMD4<Float> {
        func part(_ count: Float) -> Float { decayPerFrame(ratio: ratio, frames: frames / count) }
        return SIMD4(part(1), part(2), part(3), part(4))
    }
}
