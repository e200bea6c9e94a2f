public import KairosDSP

/// Parameters of a reverb, read at control ticks from the left channel of a bus.
public enum ReverbParam: Int, ParamKey {
    case size, decay, damping, preDelay, lowCut, modulation, width, mix
    /// Declaration of the parameter.
    public var spec: ParamSpec {
        switch self {
        case .size:
            ParamSpec(
                "Size of the space: length of its delay lines.", range: 0.5...2, default: 1, unit: .ratio
            ).readAtControlTicks()
        case .decay:
            ParamSpec(
                "Decay time: time in which the reverberation falls by 60 dB.", range: 0.1...60, default: 2,
                unit: .seconds, curve: .exponential, smoothing: .logarithmic
            ).readAtControlTicks()
        case .damping:
            .ratio(
                "Damping of high frequencies: at 0 % they decay like all others, at 100 % in a tenth of the time.",
                default: 0.4
            ).readAtControlTicks()
        case .preDelay:
            ParamSpec(
                "Time before the reverberation begins.", range: 0...ReverbNetwork.longestPreDelay,
                default: 0.01, unit: .seconds, curve: .cubic
            ).readAtControlTicks()
        case .lowCut:
            ParamSpec(
                "Cutoff frequency of the high-pass filter before the reverberation, 6 dB per octave.",
                range: 10...2000, default: 80, unit: .hertz, curve: .exponential, smoothing: .logarithmic
            ).readAtControlTicks()
        case .modulation:
            .ratio("Depth of the slow movement inside the reverberation.", default: 0.6).readAtControlTicks()
        case .width:
            .ratio("Stereo width of the reverberation; 0 % is mono.", default: 1).readAtControlTicks()
        case .mix:
            .mix(
                "Dry/wet mix: the dry signal keeps its level up to 50 %; 100 % is reverberation only.",
                default: 0.3
            ).readAtControlTicks()
        }
    }
}
