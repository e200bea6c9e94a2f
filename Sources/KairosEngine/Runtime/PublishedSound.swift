/// The sound of a slot, as one word that two threads share.
struct PublishedSound: Equatable {
    /// The word of a free slot.
    static let none = -1

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
        guard word != Self.none else { return nil }
        sound = word >> 1
        isActive = word & 1 == 1
    }

    /// The word.
    var word: Int { sound << 1 | (isActive ? 1 : 0) }
}
