import KairosDSP

// Time constants of the modules that follow a level.

extension ParamSpec {
    /// Time constant of a module that follows a level, read at control ticks.
    static func timeConstant(_ about: String, _ range: ClosedRange<Float>, default value: Float) -> ParamSpec
    {
        ParamSpec(
            about, range: range, default: value, unit: .seconds, curve: .exponential, smoothing: .logarithmic
        ).readAtControlTicks()
    }
}

extension SIMD16 where Scalar == Float {
    /// Part of the distance that a one-pole filter with a time constant of `seconds` covers per frame:
    /// 1 − e^(−1 / (seconds · sample rate)).
    @inline(__always) static func onePole(seconds: Lanes, _ sampleRate: Float) -> Lanes {
        .one - exp2(Lanes(repeating: -1.442_695 / sampleRate) / seconds)
    }
}
