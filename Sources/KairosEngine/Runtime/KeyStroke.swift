import KairosControl

/// A note-on or note-off of one key, as received. [audio]
struct KeyStroke: BitwiseCopyable {
    /// The number of the device.
    let source: UInt16
    /// The MIDI channel, 0…15.
    let channel: UInt8
    /// The key, 0…127.
    let key: UInt8
    /// The normalized velocity, or release velocity.
    let velocity: UInt32
    /// The explicit pitch in semitones, or nil.
    let pitch: Float?

    /// The stroke that `event` brings.
    init(_ event: Event, key: UInt8, velocity: UInt32, pitch: Float? = nil) {
        source = event.source
        channel = event.channel & 15
        self.key = key & 127
        self.velocity = velocity
        self.pitch = pitch
    }
}
