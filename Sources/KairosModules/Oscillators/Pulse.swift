public import KairosDSP

/// Band-limited pulse: the difference of two sawtooths, whose phases differ by the pulse width.
///
/// It has no DC offset: the high level is 2·(1 − width), the low level −2·width, so that a change of width
/// makes no thump. The rising edge is at phase 0.
public struct Pulse: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "pulse", "Pulse oscillator with variable pulse width (PWM), band-limited.", isSource: true)

    /// Inlets.
    public typealias Inlet = OscillatorInlet

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo {
            .audio("Pulse wave without DC offset, 2 peak to peak; −1 … 1 at a width of 50 %.")
        }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case frequency, width, detune, phase, scatter
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .width:
                ParamSpec(
                    "Pulse width (duty cycle); 50 % is a square wave.", range: 0.02...0.98, default: 0.5,
                    unit: .ratio,
                    centre: 0.5)
            case .frequency: .oscillatorFrequency
            case .detune: .oscillatorDetune
            case .phase: .startPhase
            case .scatter: .scatter
            }
        }
    }

    private var cycle: OscillatorPhase

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) { cycle = OscillatorPhase(format) }

    /// Resets all state. [audio, loader]
    public mutating func reset() { cycle.reset() }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) { cycle.start(lanes, seeds: seeds) }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let input = PitchInput(pitch: io[.pitch], detune: io[.detune], frequency: io[.frequency])
        let width = io[.width], output = io[.output]
        let isSteady = cycle.begin(
            input, clock: io.clock, frames: io.frames, degrees: io.latched(.phase),
            scatter: io.latched(.scatter))
        if isSteady && width.isSteady {
            if cycle.stepOverlap > 0 {
                return loop(
                    output, width, 0..<io.frames, 0, isSteady: true, isWidthSteady: true,
                    overlap: cycle.stepOverlap)
            }
            for segment in io.segments { renderSteady(output, width, segment, io.activeLanes) }
            return
        }
        for segment in io.segments {
            cycle.tune(segment, input)
            let frames = segment.first..<segment.end, phase = segment.phase
            // The flags are constants after inlining: each case compiles to its own loop.
            switch (cycle.stepOverlap, cycle.isBent, width.isSteady) {
            case (0, false, true): loop(output, width, frames, phase, isWidthSteady: true)
            case (0, false, false): loop(output, width, frames, phase)
            case (let overlap, _, _): loop(output, width, frames, phase, isBent: true, overlap: overlap)
            }
        }
    }

    /// Renders one control segment at constant frequency and width. Where no discontinuity is near in any
    /// active lane, the naive waveform is exact.
    @inline(__always) private mutating func renderSteady(
        _ output: Output, _ width: Signal, _ segment: ControlSegment, _ activeLanes: LaneMask
    ) {
        let frames = segment.end - segment.first, increment = cycle.ramp(from: 0).increment
        var rise = cycle.phase &+ SIMD16<UInt32>(repeating: 0x8000_0000)
        var fall = rise &- phaseOffset(turns: width[0])
        if cycle.hasDiscontinuity(rise, within: frames, in: activeLanes)
            || cycle.hasDiscontinuity(fall, within: frames, in: activeLanes)
        {
            return loop(output, width, segment.first..<segment.end, 0, isSteady: true, isWidthSteady: true)
        }
        let scale = Lanes(repeating: 0x1p-31)
        for n in segment.first..<segment.end {
            output[n] = signedSteps(fall) * scale - signedSteps(rise) * scale
            rise = rise &+ increment
            fall = fall &+ increment
        }
        cycle.phase = rise &- SIMD16<UInt32>(repeating: 0x8000_0000)
    }

    @inline(__always) private mutating func loop(
        _ output: Output, _ width: Signal, _ frames: Range<Int>, _ phase: Int,
        isSteady: Bool = false, isWidthSteady: Bool = false, isBent: Bool = false, overlap: Int = 0
    ) {
        var ramp = cycle.ramp(from: phase)
        let half = SIMD16<UInt32>(repeating: 0x8000_0000)
        let steady = ramp.positionsPerStep, bend = isBent ? ramp.bend : nil
        let shift = phaseOffset(turns: width[frames.lowerBound])
        // A sawtooth falls at half a turn.
        var rise = cycle.phase &+ half
        for n in frames {
            let perStep = isSteady ? steady : ramp.positionsPerStep
            let fall = rise &- (isWidthSteady ? shift : phaseOffset(turns: width[n]))
            output[n] =
                sawtooth(phase: fall, positionsPerStep: perStep, overlap: overlap, bend: bend)
                - sawtooth(phase: rise, positionsPerStep: perStep, overlap: overlap, bend: bend)
            rise = rise &+ ramp.increment
            if !isSteady { ramp.advance() }
        }
        cycle.phase = rise &- half
    }
}
