/// The settings of one keyboard: velocity curves, sustain pedal, MPE zones. A plain value. [audio]
public struct KeyboardRule: BitwiseCopyable, Sendable, Equatable {
    /// The curve for note-on velocities.
    public var velocity = VelocityCurve.straight
    /// The curve for release velocities.
    public var release = VelocityCurve.straight
    /// True where the sustain pedal damps gradually (half pedalling).
    public var hasHalfPedal = false
    /// The polarity of the sustain pedal.
    public var polarity = Polarity.normal
    /// The number of member channels of the lower MPE zone, 0…15.
    public var lowerMembers: UInt8 = 0
    /// The number of member channels of the upper MPE zone, 0…14.
    public var upperMembers: UInt8 = 0

    /// The defaults of the MIDI standard: linear velocities, no half pedal, no MPE zones.
    public init() {}

    /// The value that a pedal sends when it is up.
    public enum Polarity: String, BitwiseCopyable, Sendable, CaseIterable {
        /// 0 is up.
        case normal
        /// 127 is up.
        case inverted
        /// Detected from the first message, which is taken as the pedal going down.
        case auto
    }
}
