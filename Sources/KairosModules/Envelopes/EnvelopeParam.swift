public import KairosDSP

/// Parameters of ``Envelope``.
public enum EnvelopeParam: Int, ParamKey {
    case stages, sustain, loopStart, loopEnd, release, releaseCurve
    case time1, time2, time3, time4, time5, time6, time7, time8
    case time9, time10, time11, time12, time13, time14, time15, time16
    case level1, level2, level3, level4, level5, level6, level7, level8
    case level9, level10, level11, level12, level13, level14, level15, level16
    case curve1, curve2, curve3, curve4, curve5, curve6, curve7, curve8
    case curve9, curve10, curve11, curve12, curve13, curve14, curve15, curve16

    /// Number of stages at most.
    static var stageLimit: Int { 16 }

    /// Declaration of the parameter.
    public var spec: ParamSpec {
        let time = rawValue - EnvelopeParam.time1.rawValue, level = rawValue - EnvelopeParam.level1.rawValue
        let curve = rawValue - EnvelopeParam.curve1.rawValue
        switch self {
        case .stages: return Self.stage("Number of stages.", from: 1, default: 3)
        case .sustain:
            return Self.stage(
                "Sustain stage: its level is held while the gate is high; 0 for none.", default: 2)
        case .loopStart: return Self.stage("Stage at which the loop begins; 0 for no loop.")
        case .loopEnd:
            return Self.stage(
                "Stage after which the envelope returns to `loopStart` while the gate is high; 0 for no loop."
            )
        case .release:
            return .time(
                "Release time to 0, when no stages are left and the gate is low: 60 dB, or all with a curve below 100 %.",
                default: 0.3)
        case .releaseCurve:
            return .stageCurve("Curve of the release: positive values fall fast first.", default: 1)
        default: break
        }
        if curve >= 0 {
            return .stageCurve("Curve of stage \(curve + 1): positive values move fast first.", default: 0.26)
        }
        if level >= 0 {
            return ParamSpec(
                "Level at the end of stage \(level + 1).", range: -1...1,
                default: level == 0 ? 1 : level == 1 ? 0.7 : 0, unit: .ratio, centre: 0, latched: true
            ).readAtNoteOn()
        }
        return .time("Time of stage \(time + 1).", default: time == 0 ? 0.005 : 0.3)
    }

    private static func stage(_ about: String, from: Float = 0, default value: Float = 0) -> ParamSpec {
        ParamSpec(about, kind: .int, range: from...Float(stageLimit), default: value).readAtNoteOn()
    }

    /// Time of stage `index`, 0…15.
    @inline(__always) static func time(_ index: Int) -> EnvelopeParam { time1.plus(index) }
    /// Level of stage `index`, 0…15.
    @inline(__always) static func level(_ index: Int) -> EnvelopeParam { level1.plus(index) }
    /// Curve of stage `index`, 0…15.
    @inline(__always) static func curve(_ index: Int) -> EnvelopeParam { curve1.plus(index) }

    @inline(__always) private func plus(_ index: Int) -> EnvelopeParam {
        EnvelopeParam(rawValue: rawValue &+ index) ?? self
    }
}
