import KairosDSP

/// Attack, decay, sustain, release.
public struct Envelope: Module {
    public static let info = ModuleInfo("adsr", "Attack, decay, sustain, release.")
    public enum Inlet: Int, InletKey {
        case gate
        public var info: InletInfo { .gate("Starts it, and lets it go.") }
    }
    public enum Outlet: Int, OutletKey {
        case output
        public var info: OutletInfo { .audio("0 … 1.") }
    }
    public enum Param: Int, ParamKey {
        case attack, decay, sustain, release
        public var spec: ParamSpec {
            switch self {
            case .attack: .time("To the top.", default: 0.005)
            case .decay: .time("To the sustain, by 60 dB.", default: 0.3)
            case .sustain: .sustain("While the gate is high.")
            case .release: .time("To silence, by 60 dB.", default: 0.4)
            }
        }
    }
    private let sampleRate: Float
    private var y = Lanes.zero
    private var attacking = LaneMask.none
    public init(_ format: Format) { sampleRate = format.sampleRate }
    public mutating func reset() { y = .zero; attacking = .none }
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        y.set(lanes, to: 0)
        attacking = attacking & ~lanes
    }
    private func factor(_ seconds: Float, _ log: Float) -> Float { seconds <= 0 ? 0 : expPrecise(-log / (seconds * sampleRate)) }
    public mutating func process(_ io: ModuleIO<Self>) {
        let gate = io.gate(.gate), sustain = io[.sustain], output = io[.output]
        attacking = (attacking | gate.struck) & gate.high
        let a = Lanes(repeating: factor(io.latched(.attack), 1.791_759_5)), d = Lanes(repeating: factor(io.latched(.decay), 6.907_755)), r = Lanes(repeating: factor(io.latched(.release), 6.907_755))
        for n in 0..<io.frames {
            let up = attacking.vector, high = gate.high.vector
            let target = Lanes.zero.replacing(with: sustain[n], where: high).replacing(with: Lanes(repeating: 1.2), where: up)
            let k = r.replacing(with: d, where: high).replacing(with: a, where: up)
            y = target + (y - target) * k
            let top = (y .>= Lanes.one) .& up
            y.replace(with: Lanes.one, where: top)
            attacking = attacking & ~top.lanes
            let near = ((y - target).magnitude .< Lanes(repeating: 1e-7)) .& .!up
            y.replace(with: target, where: near)
            output[n] = y
        }
    }
}
