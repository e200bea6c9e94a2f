public import KairosDSP

/// Band-limited sawtooth: see ``sawtooth(phase:positionsPerStep:overlap:bend:)``.
public struct Saw: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "saw", "Sawtooth oscillator with all harmonics, band-limited.", isSource: true)

    /// Inlets.
    public typealias Inlet = OscillatorInlet
    /// Parameters.
    public typealias Param = OscillatorParam

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo { .audio("Sawtooth wave, −1 … 1.") }
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
        let output = io[.output]
        let isSteady = cycle.begin(
            input, clock: io.clock, frames: io.frames, degrees: io.latched(.phase),
            scatter: io.latched(.scatter))
        if isSteady {
            if cycle.stepOverlap > 0 {
                return loop(output, 0..<io.frames, 0, isSteady: true, overlap: cycle.stepOverlap)
            }
            for segment in io.segments {
                if cycle.hasDiscontinuity(
                    cycle.phase, within: segment.end - segment.first, in: io.activeLanes)
                {
                    loop(output, segment.first..<segment.end, 0, isSteady: true, overlap: 0)
                } else {
                    renderNaive(output, segment.first..<segment.end)
                }
            }
            return
        }
        for segment in io.segments {
            cycle.tune(segment, input)
            let frames = segment.first..<segment.end, phase = segment.phase, overlap = cycle.stepOverlap
            // The constants make a loop of their own of the usual case.
            if overlap == 0 && !cycle.isBent {
                loop(output, frames, phase, isSteady: false, overlap: 0)
            } else {
                loop(output, frames, phase, isSteady: false, isBent: true, overlap: overlap)
            }
        }
    }

    /// Renders the naive waveform, which is exact where no discontinuity is near in any active lane.
    @inline(__always) private mutating func renderNaive(_ output: Output, _ frames: Range<Int>) {
        cycle.render(output, frames, from: 0, isSteady: true) { phase, _ in
            signedSteps(phase) * Lanes(repeating: 0x1p-31)
        }
    }

    @inline(__always) private mutating func loop(
        _ output: Output, _ frames: Range<Int>, _ phase: Int, isSteady: Bool, isBent: Bool = false,
        overlap: Int
    ) {
        cycle.render(output, frames, from: phase, isSteady: isSteady) { phase, ramp in
            sawtooth(
                phase: phase, positionsPerStep: ramp.positionsPerStep, overlap: overlap,
                bend: isBent ? ramp.bend : nil)
        }
    }
}
