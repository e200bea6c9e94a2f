public import KairosDSP

/// Pitch quantiser: the nearest note of a scale, with hysteresis.
///
/// The output stays at a note until another one is nearer to the input by more than the hysteresis. An input that
/// trembles around the middle between two notes therefore does not switch between them.
public struct Quantizer: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "quantize", "Quantiser: the nearest semitone, or the nearest note of a scale.", isControl: true,
        isSource: true)

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case pitch
        /// Declaration of the inlet.
        public var info: InletInfo { .pitch }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo { .audio("Pitch of a note of the scale, in semitones, 0 … 127.") }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case scale, root, offset, hysteresis
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .scale: .choice("Scale.", Scale.allCases.map { "\($0)" })
            case .root:
                ParamSpec("Root of the scale: semitones above C.", kind: .int, range: 0...11, default: 0)
            case .offset: .detune("Pitch offset in front of the quantiser.")
            case .hysteresis:
                ParamSpec(
                    "Hysteresis: distance by which another note must be nearer than the present one.",
                    range: 0...1, default: 0.2, unit: .semitones
                ).readAtControlTicks()
            }
        }
    }

    /// The present note, in semitones above the root.
    private var held = Lanes.zero
    private var offset = Lanes.zero
    private var hysteresis = Lanes.zero
    private var started = LaneMask.all

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) {}

    /// Resets all state. [audio, loader]
    public mutating func reset() { start(.all, seeds: SIMD16(repeating: 0)) }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) { started = started | lanes }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let pitch = io[.pitch], output = io[.output]
        let scale = Scale(rawValue: io.choice(.scale)) ?? .chromatic
        let root = Lanes(repeating: Float(io.choice(.root)))
        for segment in io.segments {
            if segment.phase == 0 || !started.isEmpty {
                let lanes = segment.phase == 0 ? LaneMask.all : started
                offset.replace(with: io[.offset][segment.first] - root, in: lanes)
                hysteresis.replace(with: io[.hysteresis][segment.first], in: lanes)
            }
            for n in segment.first..<segment.end {
                let x = (pitch[n] + offset).clamped(-1200, 1200)
                // Without a movement the note is the same as in the last frame.
                if n == segment.first || !pitch.isSteady {
                    let note = scale.nearest(x)
                    let isNearer = ((x - held).magnitude - (x - note).magnitude) .> hysteresis
                    held.replace(with: note, where: isNearer .| started.vector)
                    started = .none
                }
                output[n] = held + root
            }
        }
    }
}
