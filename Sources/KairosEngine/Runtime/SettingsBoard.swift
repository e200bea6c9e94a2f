import KairosDSP

/// All settings of an instrument, and the pitches of its keys.
struct SettingsBoard: ~Copyable {
    /// All settings but the tunings.
    var settings = FlatSettings()
    /// The pitch of each key of each tuning program in semitones; NaN where no message set one.
    var tunings = FixedArray(count: InstrumentTuning.keyCount, repeating: Float.nan)
}
