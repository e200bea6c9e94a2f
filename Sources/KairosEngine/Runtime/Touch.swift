/// Expression of a note that bend, pressure, timbre and tuning messages control while it sounds.
struct Touch {
    /// Pitch offset from bend and tuning in semitones.
    var offset: Float = 0
    /// Pitch bend, −1…1.
    var bend: Float = 0
    /// Pressure, 0…1.
    var pressure: Float = 0
    /// Timbre, 0…1.
    var timbre: Float = 0.5
}
