public import KairosDSP

/// Slew limiter: the output follows the input no faster than the rise and fall times allow.
///
/// The state is the distance from the input to the output, not the output: a pitch of 69 semitones has too few bits
/// left for the steps of a slow movement.
public struct SlewLimiter: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "slew", "Slew limiter: smooths a control signal, with a rise and a fall time.", isControl: true)

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case input
        /// Declaration of the inlet.
        public var info: InletInfo { .audio("Input signal, any range, usually −1 … 1.") }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo { .audio("Smoothed signal, in the range of the input, usually −1 … 1.") }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case rise, fall, shape
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .rise:
                .slewTime("Rise time: linear for a rise by 1, exponential until 0.1 % of a step is left.")
            case .fall:
                .slewTime("Fall time: linear for a fall by 1, exponential until 0.1 % of a step is left.")
            case .shape:
                .choice("Shape: constant speed, or exponential approach.", ["linear", "exponential"])
            }
        }
    }

    private let sampleRate: Float
    /// Largest factor by which a speed grows from control tick to control tick: 2^1000 in a second. So a time that is
    /// set to 0 does not make a jump.
    private let acceleration: Lanes
    /// Output minus input.
    private var distance = Lanes.zero
    /// Part of the last steps that rounding has lost, linear only.
    private var lost = Lanes.zero
    /// Input of the last frame.
    private var before = Lanes.zero
    /// Per frame: largest step, or the part of the distance that is covered.
    private var rise = Lanes.zero
    private var fall = Lanes.zero
    private var started = LaneMask.all

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) {
        sampleRate = format.sampleRate
        acceleration = Lanes(
            repeating: exp2Precise(1000 * Float(SubBlock.controlTick) / format.sampleRate))
    }

    /// Resets all state. [audio, loader]
    public mutating func reset() { start(.all, seeds: SIMD16(repeating: 0)) }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        distance.set(lanes, to: 0)
        lost.set(lanes, to: 0)
        started = started | lanes
    }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let input = io[.input], isLinear = io.choice(.shape) == 0
        // A note begins at the input.
        before.replace(with: input[0], in: started)
        if input.isSteady, !(distance .!= Lanes.zero).any, !(before .!= input[0]).any {
            // The times are read when the next movement needs them, at the latest at its first control tick.
            for segment in io.segments { aim(io, segment, isLinear) }
            return io.hold(.output, at: input[0] + distance)
        }
        let output = io[.output]
        for segment in io.segments {
            aim(io, segment, isLinear)
            if isLinear {
                for n in segment.first..<segment.end {
                    approach(input[n])
                    output[n] = input[n] + distance
                }
            } else {
                for n in segment.first..<segment.end {
                    distance += before - input[n]
                    before = input[n]
                    let part = fall.replacing(with: rise, where: distance .< Lanes.zero)
                    distance = distance.subtractingProduct(distance, part)
                    output[n] = input[n] + distance
                }
            }
        }
    }

    /// One frame with constant speed. The sum of the steps is compensated (W. Kahan, 1965).
    @inline(__always) private mutating func approach(_ input: Lanes) {
        distance += before - input
        before = input
        let size = distance.magnitude
        let step = fall.replacing(with: rise, where: distance .< Lanes.zero) + lost
        let rest = (size - step).larger(.zero)
        lost = (step - (size - rest)).replacing(with: 0, where: rest .== Lanes.zero)
        distance = rest.withSign(of: distance)
    }

    /// Reads the times at a control tick, or for lanes that have started.
    @inline(__always) private mutating func aim(
        _ io: ModuleIO<Self>, _ segment: ControlSegment, _ isLinear: Bool
    ) {
        if segment.phase != 0 && started.isEmpty { return }
        let lanes = segment.phase == 0 ? LaneMask.all : started
        let up = speed(io[.rise][segment.first], isLinear)
        let down = speed(io[.fall][segment.first], isLinear)
        rise.replace(with: up.smaller(rise * acceleration), in: lanes)
        fall.replace(with: down.smaller(fall * acceleration), in: lanes)
        rise.replace(with: up, in: started)
        fall.replace(with: down, in: started)
        // Less than a millionth is no distance.
        let isNear = (distance.magnitude .< Lanes(repeating: 0x1p-20)) .& lanes.vector
        if !isLinear { distance.replace(with: 0, where: isNear) }
        started = .none
    }

    /// Largest step per frame, or the part of the distance that is covered per frame; a time of 0 is immediate.
    private func speed(_ seconds: Lanes, _ isLinear: Bool) -> Lanes {
        // A fall by 60 dB takes 6.91 time constants.
        isLinear
            ? Lanes(repeating: 1 / sampleRate) / seconds
            : .onePole(seconds: seconds * Lanes(repeating: 1 / 6.907_755), sampleRate)
    }
}

extension ParamSpec {
    /// Time of a slew limiter, read at control ticks.
    fileprivate static func slewTime(_ about: String) -> ParamSpec {
        ParamSpec(about, range: 0...20, default: 0.1, unit: .seconds, curve: .cubic).readAtControlTicks()
    }
}
