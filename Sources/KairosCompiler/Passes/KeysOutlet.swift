package import KairosDSP

/// Outlets of `keys`, the note source of a patch: pitch, gate and expression of each voice's note.
///
/// The raw value is the index of the outlet's cell in ``Schedule/keyCells``.
package enum KeysOutlet: Int, OutletKey {
    case pitch, gate, velocity, release, pressure, bend, note, spread, timbre, keytrack, dynamics

    /// Declaration of the outlet.
    package var info: OutletInfo {
        switch self {
        case .pitch:
            .audio("Pitch in semitones (MIDI note number), with glide, bend, unison and tuning.")
        case .gate: .gate("High while the key or a pedal holds the note.")
        case .velocity: .audio("Note-on velocity, 0 … 1.")
        case .release: .audio("Note-off velocity, 0 … 1.")
        case .pressure: .audio("Channel and key pressure, 0 … 1.")
        case .bend: .audio("Pitch bend, −1 … 1.")
        case .note: .audio("MIDI note number, 0 … 127, without glide or bend.")
        case .spread: .audio("Position among the unison voices, −1 … 1; 0 without unison.")
        case .timbre: .audio("Timbre (CC 74, MPE slide), 0 … 1; ½ at rest.")
        case .keytrack:
            .audio("Key in octaves above middle C (note 60), −5 … 5.6, without glide or bend.")
        case .dynamics:
            .audio(
                "Note-on velocity by its level in dB, 0 … 1: 1 at full velocity, ¼ less for each halving.")
        }
    }
}
