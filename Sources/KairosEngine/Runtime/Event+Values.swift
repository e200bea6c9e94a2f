import KairosControl

extension Event {
    /// An event that sets a parameter of an active patch instance, by its key (see ``ParamKeys``), to a value in its
    /// own unit. `layer` is 0…15, or 16 for the master effects. [any]
    public init(set key: UInt64, of layer: Int, to value: Float, stamp: UInt64 = 0) {
        self.init(
            .setParam, stamp: stamp, channel: UInt8(layer), number: UInt32(truncatingIfNeeded: key),
            normalized: value.bitPattern, detail: UInt32(truncatingIfNeeded: key >> 32))
    }

    /// The key of the parameter that a `setParam` event sets.
    var paramKey: UInt64 { UInt64(detail) << 32 | UInt64(number) }

    /// A note with an explicit pitch in semitones; `key` is the nearest key, for splits and key tracking. A velocity
    /// of 0 ends the note of exactly this pitch. [any]
    public init(pitch: Float, key: UInt8, velocity: UInt32, channel: UInt8, stamp: UInt64 = 0) {
        self.init(
            velocity == 0 ? .noteOffPitch : .noteOnPitch, stamp: stamp, channel: channel, number: UInt32(key),
            normalized: velocity, detail: pitch.bitPattern)
    }

    /// The explicit pitch of a note in semitones; nil where it has only a key.
    var explicitPitch: Float? {
        kind == .noteOnPitch || kind == .noteOffPitch ? Float(bitPattern: detail) : nil
    }
}
