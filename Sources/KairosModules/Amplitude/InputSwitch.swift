public import KairosDSP

/// Switch between eight inputs, with a short crossfade in place of a click.
///
/// Each voice has its own selection. A crossfade that runs ends before the next one begins.
public struct InputSwitch: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "switch", "Switch: one of up to eight inputs, selected without a click.")

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case a, b, c, d, e, f, g, h
        /// Declaration of the inlet.
        public var info: InletInfo { .audio("Input signal, −1 … 1.") }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo { .audio("The selected signal, −1 … 1.") }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case select, fade
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .select:
                ParamSpec(
                    "Number of the input, rounded to a whole number: 1 is `a`.", range: 1...8, default: 1,
                    smoothing: .none
                ).readAtControlTicks()
            case .fade:
                ParamSpec(
                    "Time of the crossfade to another input.", range: 0.001...1, default: 0.01,
                    unit: .seconds,
                    curve: .exponential, smoothing: .none
                ).readAtControlTicks()
            }
        }
    }

    private let sampleRate: Float
    /// Numbers of the input that is heard or fades in, and of the one that fades out, 1 … 8.
    private var present = Lanes.one
    private var former = Lanes.one
    /// Part of the crossfade that is over, 0 … 1, and its growth per frame.
    private var progress = Lanes.one
    private var step = Lanes.zero
    private var started = LaneMask.all

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) { sampleRate = format.sampleRate }

    /// Resets all state. [audio, loader]
    public mutating func reset() { start(.all, seeds: SIMD16(repeating: 0)) }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        progress.set(lanes, to: 1)
        started = started | lanes
    }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let output = io[.output]
        for segment in io.segments {
            if segment.phase == 0 || !started.isEmpty { aim(io, segment) }
            let isMoving = (progress .< Lanes.one).any
            let number = present[0]
            if !isMoving, !(present .!= Lanes(repeating: number)).any {
                let signal = io[Inlet(rawValue: Int(number) &- 1) ?? .a]
                for n in segment.first..<segment.end { output[n] = signal[n] }
            } else {
                for n in segment.first..<segment.end {
                    var new = Lanes.zero, old = Lanes.zero
                    for index in 0..<8 {
                        let signal = io[Inlet(rawValue: index) ?? .a][n]
                        let number = Lanes(repeating: Float(index &+ 1))
                        new.replace(with: signal, where: present .== number)
                        old.replace(with: signal, where: former .== number)
                    }
                    // Both ends of the crossfade are flat.
                    progress = (progress + step).smaller(.one)
                    let part = progress * progress * (Lanes(repeating: 3) - (progress + progress))
                    output[n] = old.addingProduct(new - old, part).replacing(
                        with: new, where: progress .>= Lanes.one)
                }
            }
        }
    }

    /// Reads the parameters at a control tick, or for lanes that have started.
    private mutating func aim(_ io: ModuleIO<Self>, _ segment: ControlSegment) {
        let magic = Lanes(repeating: 12_582_912), lanes = segment.phase == 0 ? LaneMask.all : started
        let number = (io[.select][segment.first] + magic) - magic
        former.replace(with: present, where: lanes.vector .& (progress .>= Lanes.one))
        // A lane at rest begins a crossfade; one that has started has none.
        let changes = lanes.vector .& (progress .>= Lanes.one) .& (number .!= present)
        present.replace(with: number, where: changes)
        progress.replace(with: 0, where: changes)
        step.replace(
            with: Lanes(repeating: 1 / sampleRate) / io[.fade][segment.first], where: changes)
        present.replace(with: number, in: started)
        former.replace(with: number, in: started)
        progress.set(started, to: 1)
        started = .none
    }
}
