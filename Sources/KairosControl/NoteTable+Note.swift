extension NoteTable {
    /// One note that is held by a key or a pedal.
    public struct Note: Sendable, BitwiseCopyable {
        /// The engine's number of the note-on; greater is newer. The notes of all layers of one note-on share
        /// it.
        public var serial: UInt32 = 0
        /// The number of the device.
        public var source: UInt16 = 0
        /// The channel as received, 0…15.
        public var channel: UInt8 = 0
        /// The key as received, 0…127.
        public var key: UInt8 = 0
        /// The channel whose pedals hold it: its own, or the master channel of its MPE zone.
        public var home: UInt8 = 0
        /// The index of the MIDI channel state whose bend and pressure it has.
        public var channelState: UInt8 = 0
        /// The slot where it sounds.
        public var slot: Int16 = 0
        /// The explicit pitch of its note-on, in semitones, which its note-off must match; nil where the
        /// note-on had only a key.
        public var namedPitch: Float?
        /// The serial of the note-on that started its voice. Of several notes of a slot that share a voice
        /// (mono, legato), the newest plays and the others wait.
        public var voice: UInt32 = 0
        /// The pitch that the slot plays, in semitones.
        public var pitch: Float = 0
        /// The velocity that the slot plays, 0…1.
        public var velocity: Float = 0
        /// The layer's gain at this velocity, 0…1.
        public var gain: Float = 1
        /// The release velocity, 0…1; valid once the key is up.
        public var releaseVelocity: Float = 0
        /// True while the key is down.
        public var isDown = true
        /// True while the sustain or second hold pedal holds it after its key came up.
        public var isSustained = false
        /// True while the sostenuto pedal holds it.
        public var isCaught = false
        /// True while a note stage that latches holds it after its key came up.
        public var isLatched = false
        /// True while its key or a pedal holds it.
        public var isPlayed: Bool { isDown || isSustained || isCaught }

        /// A note whose key is down.
        public init(
            serial: UInt32 = 0, source: UInt16 = 0, channel: UInt8 = 0, key: UInt8 = 0, home: UInt8 = 0,
            channelState: UInt8 = 0, slot: Int16 = 0, namedPitch: Float? = nil, pitch: Float = 0,
            velocity: Float = 0,
            gain: Float = 1
        ) {
            self.serial = serial
            voice = serial
            self.source = source
            self.channel = channel
            self.key = key
            self.home = home
            self.channelState = channelState
            self.slot = slot
            self.namedPitch = namedPitch
            self.pitch = pitch
            self.velocity = velocity
            self.gain = gain
        }
    }
}
