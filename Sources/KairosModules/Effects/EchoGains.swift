import KairosDSP

/// Gains and filter coefficients of ``Delay``: they move between control ticks. [audio]
struct EchoGains: BitwiseCopyable {
    /// Part of the distance that the low-pass filter covers per frame.
    private var high = ControlRamp()
    /// The same of the low-pass filter whose output the low cut subtracts.
    private var low = ControlRamp()
    /// Gain of the filtered echo in the loop.
    private var feedback = ControlRamp()
    /// Gain of the echo as it is in the loop: 1 while it is frozen.
    private var frozen = ControlRamp()
    private var input = ControlRamp()
    private var dry = ControlRamp()
    private var wet = ControlRamp()
    /// 1 if the echoes change sides.
    private var crossing = ControlRamp()

    /// Parameters of one frame.
    struct Controls {
        let highCut: Lanes
        let lowCut: Lanes
        let feedback: Lanes
        let mix: Lanes
        /// Gain of the echoes by the ducking.
        let ducking: Lanes
        let isFrozen: Bool
        let isCrossing: Bool
    }

    /// Begins a control tick for `lanes`; those in `snapping` have their values at once.
    @inline(__always) mutating func aim(
        at controls: Controls, _ sampleRate: Float, _ lanes: LaneMask, snapping: LaneMask
    ) {
        // Switches take 20 ms.
        let step = Float(SubBlock.controlTick) / (0.02 * sampleRate)
        Self.turn(&frozen, controls.isFrozen, step, lanes, snapping)
        Self.turn(&crossing, controls.isCrossing, step, lanes, snapping)
        let entering = Lanes.one - frozen.target, mix = DryWet.Gains(controls.mix)
        high.aim(at: .onePole(hertz: controls.highCut, sampleRate), lanes, snapping: snapping)
        low.aim(at: .onePole(hertz: controls.lowCut, sampleRate), lanes, snapping: snapping)
        feedback.aim(at: controls.feedback * entering, lanes, snapping: snapping)
        input.aim(at: entering, lanes, snapping: snapping)
        dry.aim(at: mix.dry, lanes, snapping: snapping)
        wet.aim(at: mix.wet * controls.ducking, lanes, snapping: snapping)
    }

    /// Moves a switch by at most `step` to 0 or 1.
    @inline(__always) private static func turn(
        _ ramp: inout ControlRamp, _ isOn: Bool, _ step: Float, _ lanes: LaneMask, _ snapping: LaneMask
    ) {
        let goal = Lanes(repeating: isOn ? 1 : 0)
        let next = ramp.target + (goal - ramp.target).clamped(-step, step)
        ramp.aim(at: next.replacing(with: goal, where: snapping.vector), lanes, snapping: snapping)
    }

    /// True if the echoes change sides, at least in part.
    @inline(__always) var isCrossing: Bool { !crossing.isSteady || crossing.target[0] != 0 }

    /// The values over one control segment.
    @inline(__always) func ramps(from frame: Int) -> Ramps {
        Ramps(
            isSteady: high.isSteady && low.isSteady && feedback.isSteady && frozen.isSteady
                && input.isSteady && dry.isSteady && wet.isSteady && crossing.isSteady,
            high: high.ramp(from: frame), low: low.ramp(from: frame), feedback: feedback.ramp(from: frame),
            frozen: frozen.ramp(from: frame), input: input.ramp(from: frame), dry: dry.ramp(from: frame),
            wet: wet.ramp(from: frame), crossing: crossing.ramp(from: frame))
    }

    /// The values of one frame of voices, or of eight frames of a bus.
    struct Values {
        var high: Lanes
        var low: Lanes
        var feedback: Lanes
        var frozen: Lanes
        var input: Lanes
        var dry: Lanes
        var wet: Lanes
        var crossing: Lanes
    }

    struct Ramps {
        let isSteady: Bool
        var high: LinearRamp
        var low: LinearRamp
        var feedback: LinearRamp
        var frozen: LinearRamp
        var input: LinearRamp
        var dry: LinearRamp
        var wet: LinearRamp
        var crossing: LinearRamp

        /// The values of this frame.
        @inline(__always) var values: Values {
            Values(
                high: high.value, low: low.value, feedback: feedback.value, frozen: frozen.value,
                input: input.value, dry: dry.value, wet: wet.value, crossing: crossing.value)
        }

        @inline(__always) mutating func advance() {
            if isSteady { return }
            high.advance()
            low.advance()
            feedback.advance()
            frozen.advance()
            input.advance()
            dry.advance()
            wet.advance()
            crossing.advance()
        }

        /// The values of the next frames of a bus, up to eight.
        @inline(__always) mutating func frames(_ count: Int) -> Values {
            if isSteady {
                return Values(
                    high: .repeating(stereo: high.value.stereo), low: .repeating(stereo: low.value.stereo),
                    feedback: .repeating(stereo: feedback.value.stereo),
                    frozen: .repeating(stereo: frozen.value.stereo),
                    input: .repeating(stereo: input.value.stereo),
                    dry: .repeating(stereo: dry.value.stereo), wet: .repeating(stereo: wet.value.stereo),
                    crossing: .repeating(stereo: crossing.value.stereo))
            }
            return Values(
                high: high.frames(count), low: low.frames(count), feedback: feedback.frames(count),
                frozen: frozen.frames(count), input: input.frames(count), dry: dry.frames(count),
                wet: wet.frames(count), crossing: crossing.frames(count))
        }
    }
}
