import KairosDSP

/// A copy of the present settings, and the settings that a `restore` event sets.
///
/// The audio thread writes the copy when a `snapshot` event requests it. The thread that sends these events writes
/// the other half, and reads the copy once it is there.
struct SettingsBoard: ~Copyable {
    /// The copy, and the pitch of each key of each tuning program in semitones; NaN where no message set one.
    var copy = FlatSettings()
    var tunings = FixedArray(count: InstrumentTuning.keyCount, repeating: Float.nan)
    /// The settings to restore, and their pitches.
    var requested = FlatSettings()
    var requestedTunings = FixedArray(count: InstrumentTuning.keyCount, repeating: Float.nan)
}
