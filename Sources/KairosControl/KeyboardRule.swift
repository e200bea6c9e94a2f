import KairosDSP

/// How one keyboard's keys, pedals and zones are read, flat.
///
/// > A plain value; the audio thread reads it.
public struct KeyboardRule: Sendable, Equatable {
    /// What becomes of the velocity of a key that goes down.
    public var velocity = VelocityCurve.straight
    /// What becomes of the velocity of a key that comes up.
    public var release = VelocityCurve.straight
    /// Whether the sustain pedal damps little by little.
    public var hasHalfPedal = false
    /// Which end of its way the sustain pedal rests at.
    public var polarity = Polarity.normal
    /// Member channels of the lower zone of MPE, 0…15.
    public var lowerMembers: UInt8 = 0
    /// Member channels of the upper zone, 0…14.
    public var upperMembers: UInt8 = 0

    /// As the standard has it.
    public init() {}

    /// Which end of its way a pedal rests at.
    public enum Polarity: String, Sendable, CaseIterable {
        /// 0 is up.
        case normal
        /// 127 is up.
        case inverted
        /// Up is what it is not when it is first heard of: a pedal that is down at the start is inverted.
        case auto
    }
}

/// A curve from the velocity that is played to the one that is heard, through up to eight points.
public struct VelocityCurve: Sendable, Equatable {
    private var played = InlineArray<8, Float>(repeating: 1)
    private var heard = InlineArray<8, Float>(repeating: 1)
    private var count = 0

    /// As it is played.
    public static let straight = VelocityCurve([])

    /// Curves with a name.
    public static let presets: [(name: String, curve: VelocityCurve)] = [
        ("straight", straight),
        // A light touch is enough; a heavy one is needed.
        ("soft", power(0.6)), ("hard", power(1.7)),
        ("fixed", VelocityCurve([(0, 100 / 127)])),
    ]

    /// The points in order of what is played; both 0…1. Between them in straight lines, beyond the last level.
    public init(_ points: [(played: Float, heard: Float)]) {
        count = min(8, points.count)
        for index in 0..<count {
            played[index] = points[index].played
            heard[index] = points[index].heard
        }
    }

    /// A power, drawn through eight points.
    private static func power(_ exponent: Float) -> VelocityCurve {
        VelocityCurve((1...8).map { (Float($0) / 8, powPrecise(Float($0) / 8, exponent)) })
    }

    /// What is heard of `velocity`, 0…1; never 0 for a key that was struck.
    ///
    /// > Any thread.
    public func callAsFunction(_ velocity: Float) -> Float {
        guard count > 0 else { return velocity }
        var before: (Float, Float) = count == 1 ? (0, heard[0]) : (0, 0)
        for index in 0..<count {
            if velocity <= played[index] {
                let width = played[index] - before.0
                let part = width > 0 ? (velocity - before.0) / width : 1
                return max(1 / 127, before.1 + (heard[index] - before.1) * part)
            }
            before = (played[index], heard[index])
        }
        return max(1 / 127, before.1)
    }

    /// Point by point.
    public static func == (a: VelocityCurve, b: VelocityCurve) -> Bool {
        guard a.count == b.count else { return false }
        for index in 0..<a.count where a.played[index] != b.played[index] || a.heard[index] != b.heard[index]
        {
            return false
        }
        return true
    }
}
