import KairosControl
import KairosDSP
import KairosPatch

/// Start of a note in a patch instance: its serial number, pitch, velocity and expression. [audio]
struct NoteStart {
    /// Serial number of the note in the engine: the greater, the newer.
    var serial: UInt32
    /// Pitch in semitones, tuned and transposed.
    var pitch: Float
    /// MIDI note number as received, 0…127.
    var key: UInt8
    /// MIDI note number after transposition, whose tuning the pitch follows.
    var tunedKey: UInt8
    /// Index of the MIDI channel state whose bend, pressure and timbre the note follows.
    var channelState: UInt8
    /// Velocity, 0…1.
    var velocity: Float
    /// Expression at the start.
    var touch: Touch
    /// Gain of the layer for this velocity and key, 0…1.
    var gain: Float = 1
    /// Voice mode: polyphonic, mono or legato.
    var mode: Voicing.Mode
    /// Length of the glide from the previous pitch in frames; 0 for none.
    var glide: Int
    /// Pitch in semitones at which the glide begins; nil for the pitch of the previous note.
    var from: Float?
    /// MIDI channel states whose voices a mono or legato note may take over.
    var channelStates = ChannelMask.all
    /// Serial number of the note whose voice this note takes over without a new attack (portamento control, CC 84);
    /// nil for none.
    var takesOver: UInt32?
}

extension NoteStart {
    /// Start of a note in equal temperament, without bend or pressure, in the voice mode of the patch.
    init(serial: UInt32, key: UInt8, velocity: Float, in voices: Voices) {
        self.init(
            serial: serial, pitch: Float(key), key: key, tunedKey: key, channelState: 0, velocity: velocity,
            touch: Touch(), mode: voices.voicing.mode, glide: voices.voicing.glide)
    }
}
