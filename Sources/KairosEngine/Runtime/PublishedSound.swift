/// The sound of a slot, as one word that two threads share.
struct PublishedSound: Equatable {
    /// The word of a free slot.
    static let none = 0

    /// The index of the sound.
    let sound: Int
    /// True where the slot plays new notes.
    let isActive: Bool

    init(sound: Int, isActive: Bool) {
        self.sound = sound
        self.isActive = isActive
    }

    /// The value of a word; nil for ``none``.
    init?(word: Int) {
        guard word & 1 == 1 else { return nil }
        sound = word >> 2
        isActive = word & 2 != 0
    }

    /// The word: bit 0 is set, bit 1 where the slot is active; the sound is above.
    var word: Int { sound << 2 | (isActive ? 2 : 0) | 1 }
}
