import KairosDSP

/// All settings of an instrument, and the pitches of its keys.
struct SettingsBoard: ~Copyable {
    /// All settings but the tunings.
    var settings = FlatSettings()
    /// The pitch of each key of each tuning program in semitones; nil where no message set one.
    var tunings = FixedArray<Float?>(count: InstrumentTuning.keyCount, repeating: nil)
}
