import KairosDSP

// Coefficients of one-pole filters, and the time constants of the modules that follow a level.

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
    /// 1 − e^(−1 / (seconds · sample rate)). Relative error below 10⁻⁵ for any time.
    @inline(__always) static func onePole(seconds: Lanes, _ sampleRate: Float) -> Lanes {
        let x = Lanes(repeating: 1 / sampleRate) / seconds
        // For a long time the difference from 1 has few bits left: its series then, x − x² / 2 + x³ / 6.
        let series = x.subtractingProduct(
            x * x, Lanes(repeating: 0.5).subtractingProduct(x, Lanes(repeating: 1 / 6)))
        return (Lanes.one - exp2(x * Lanes(repeating: -1.442_695)))
            .replacing(with: series, where: x .< Lanes(repeating: 1 / 64))
    }

    /// Part of the distance that a one-pole filter with a cutoff frequency of `hertz` covers per frame:
    /// 1 − e^(−2π · hertz / sample rate).
    @inline(__always) static func onePole(hertz: Lanes, _ sampleRate: Float) -> Lanes {
        .one - exp2(hertz * Lanes(repeating: -9.064_72 / sampleRate))
    }
}
