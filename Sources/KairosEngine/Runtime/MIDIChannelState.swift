import KairosControl

/// The state of one MIDI channel.
struct MIDIChannelState: BitwiseCopyable {
    /// The values of wheel, pressure and tuning messages.
    struct Expression: BitwiseCopyable {
        /// Pitch bend, −1…1.
        var bend: Float = 0
        /// Channel pressure, 0…1.
        var pressure: Float = 0
        /// Timbre (CC 74), 0…1.
        var timbre: Float = 0.5
        /// Bend range in semitones to each side; nil for the patch's own.
        var range: Float?
        /// Channel tuning (RPN 1 and 2) in semitones.
        var tuning: Float = 0

        /// The offset of the pitch in semitones, in a patch with this bend range.
        func offset(patchRange: Float) -> Float { bend * (range ?? patchRange) + tuning }
    }

    /// The values of the last messages: a new note begins with them.
    var now = Expression()
    /// The values that sounding notes have: those of the last control tick.
    var applied = Expression()
    /// The last value of each controller, scaled to 32 bits.
    var controllers = InlineArray<128, UInt32>(repeating: 0)
    /// True for each controller that had a message.
    var isKnown = InlineArray<128, Bool>(repeating: false)
    /// The bend range (RPN 0): semitones, and cents.
    var rangeSemitones: Float = 2
    var rangeCents: Float = 0
    /// Fine tuning (RPN 1) in 14 bits; 8 192 is the centre.
    var fineTuning: UInt32 = 8192
    /// Coarse tuning (RPN 2) in semitones.
    var coarseTuning: Float = 0
    /// The tuning program (RPN 3), 0…127.
    var tuningProgram: UInt8 = 0
    /// Offsets in semitones of the twelve pitch classes, from C (MIDI Tuning Standard, scale/octave).
    var octave = InlineArray<12, Float>(repeating: 0)
    /// True after CC 126 (mono), false after CC 127.
    var isMono = false
    /// The key that the next note glides from (CC 84).
    var portamentoKey: UInt8?
    /// The sources that moved the soft and the legato pedal (CC 67, 68) last.
    var footSources = InlineArray<2, UInt16>(repeating: 0)
    /// The frames in which the half-pedalled damper ends a note; nil where it is off the strings.
    var damping: Int?

    /// The offset of the pitch by RPN 1 and 2, in semitones.
    var channelTuning: Float { (Float(fineTuning) - 8192) / 8192 + coarseTuning }

    /// True where a pedal or switch is on.
    func isDown(_ controller: Int) -> Bool {
        isKnown[controller] && controllers[controller] >= NormalizedValue.centre
    }
}
