/// Notes that a layer plays (keys, velocities, channel), with its transposition and gains.
public struct LayerRule: Sendable, Equatable, BitwiseCopyable {
    /// Lowest key, as received, 0…127.
    public var lowKey: UInt8 = 0
    /// Highest key, as received, 0…127.
    public var highKey: UInt8 = 127
    /// Lowest velocity, 1…127.
    public var lowVelocity: UInt8 = 1
    /// Highest velocity, 1…127.
    public var highVelocity: UInt8 = 127
    /// Width of the velocity crossfade in velocity steps, at each end that is not 1 or 127; 0 for none.
    public var fade: UInt8 = 0
    /// MIDI channel, 0…15; nil for all.
    public var channel: UInt8?
    /// Transposition in semitones.
    public var transpose: Float = 0
    /// Gain on the left, a linear amplitude.
    public var left: Float = 1
    /// Gain on the right, a linear amplitude.
    public var right: Float = 1

    /// Creates a rule for all notes, at unity gain.
    public init() {}

    /// True if the layer plays this channel (0…15).
    @inlinable public func accepts(_ channel: UInt8) -> Bool {
        self.channel == nil || self.channel == channel
    }

    /// True if the layer plays a note of this key, velocity and channel.
    @inlinable public func accepts(key: UInt8, velocity: UInt8, channel: UInt8) -> Bool {
        accepts(channel) && (lowKey...max(lowKey, highKey)).contains(key)
            && (lowVelocity...max(lowVelocity, highVelocity)).contains(velocity)
    }

    /// The gain of a velocity inside the range, 0…1. It is an equal-power crossfade: two layers that overlap
    /// by `fade` have constant power together.
    @inlinable public func gain(velocity: UInt8) -> Float {
        guard fade > 0 else { return 1 }
        let steps = Float(fade) + 1
        var gain: Float = 1
        if lowVelocity > 1 { gain = min(gain, Float(velocity - lowVelocity + 1) / steps) }
        if highVelocity < 127 { gain = min(gain, Float(highVelocity - velocity + 1) / steps) }
        return gain.squareRoot()
    }
}
