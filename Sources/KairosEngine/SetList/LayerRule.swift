/// What a layer answers and how loud it is, flat.
public struct LayerRule: Sendable, Equatable, BitwiseCopyable {
    /// The lowest key, as received.
    public var lowKey: UInt8 = 0
    /// The highest key, as received.
    public var highKey: UInt8 = 127
    /// The softest velocity, 1…127.
    public var lowVelocity: UInt8 = 1
    /// The hardest velocity, 1…127.
    public var highVelocity: UInt8 = 127
    /// Over how many velocities it fades at an end that is not 1 or 127.
    public var fade: UInt8 = 0
    /// 0…15, or 255 for any.
    public var channel: UInt8 = 255
    /// Semitones.
    public var transpose: Float = 0
    /// The amplitude on the left.
    public var left: Float = 1
    /// The amplitude on the right.
    public var right: Float = 1

    /// Answers everything.
    public init() {}

    /// Whether it listens to a channel.
    public func hears(_ channel: UInt8) -> Bool { self.channel == 255 || self.channel == channel }

    /// Whether a key of this velocity is its own.
    public func answers(key: UInt8, velocity: UInt8, channel: UInt8) -> Bool {
        hears(channel) && (lowKey...max(lowKey, highKey)).contains(key)
            && (lowVelocity...max(lowVelocity, highVelocity)).contains(velocity)
    }

    /// How loud a velocity is within its range. Two layers that overlap by their `fade` have the same power
    /// everywhere between.
    public func gain(velocity: UInt8) -> Float {
        guard fade > 0 else { return 1 }
        let way = Float(fade) + 1
        var gain: Float = 1
        if lowVelocity > 1 { gain = min(gain, Float(velocity - lowVelocity + 1) / way) }
        if highVelocity < 127 { gain = min(gain, Float(highVelocity - velocity + 1) / way) }
        return gain.squareRoot()
    }
}
