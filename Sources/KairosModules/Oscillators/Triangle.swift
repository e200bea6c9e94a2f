public import KairosDSP

/// Band-limited triangle: see ``triangle(turns:turnsPerHalfWidth:positionsPerTurn:overlap:bend:)``.
public struct Triangle: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "triangle", "Triangle oscillator with odd harmonics, band-limited.", isSource: true)

    /// Inlets.
    public typealias Inlet = OscillatorInlet
    /// Parameters.
    public typealias Param = OscillatorParam

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo { .audio("Triangle wave, −1 … 1.") }
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
            return render(output, 0..<io.frames, 0, isSteady: true)
        }
        for segment in io.segments {
            cycle.tune(segment, input)
            render(output, segment.first..<segment.end, segment.phase, isSteady: false)
        }
    }

    /// The flags are constants after inlining: each case compiles to its own loop.
    private mutating func render(_ output: Output, _ frames: Range<Int>, _ phase: Int, isSteady: Bool) {
        switch (isSteady, cycle.isBent, cycle.cornerOverlap) {
        case (true, _, 0): loop(output, frames, phase, isSteady: true, overlap: 0)
        case (true, _, let overlap): loop(output, frames, phase, isSteady: true, overlap: overlap)
        case (false, false, 0): loop(output, frames, phase, isSteady: false, overlap: 0)
        case (false, _, let overlap):
            loop(output, frames, phase, isSteady: false, isBent: true, overlap: overlap)
        }
    }

    @inline(__always) private mutating func loop(
        _ output: Output, _ frames: Range<Int>, _ phase: Int, isSteady: Bool, isBent: Bool = false,
        overlap: Int
    ) {
        cycle.render(output, frames, from: phase, isSteady: isSteady) { phase, ramp in
            triangle(
                turns: signedTurns(phase), turnsPerHalfWidth: ramp.turnsPerHalfWidth,
                positionsPerTurn: ramp.positionsPerStep * Lanes(repeating: 0x1p32), overlap: overlap,
                bend: isBent ? ramp.bend : nil)
        }
    }
}
