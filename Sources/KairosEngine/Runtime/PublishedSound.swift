/// The sound of a slot, as one word that two threads share.
struct PublishedSound: Equatable {
    /// The index of the sound.
    let sound: Int
    /// True where the slot plays new notes.
    let isActive: Bool

    init(sound: Int, isActive: Bool) {
        self.sound = sound
        self.isActive = isActive
    }

    /// The value of a word; nil for a free slot.
    init?(word: Int) {
        guard word & 1 == 1 else { return nil }
        sound = word >> 2
        isActive = word & 2 != 0
    }

    /// The word of a value, or of a free slot: bit 0 is set where there is a value, bit 1 where the slot is active; the
    /// sound is above.
    static func word(_ value: PublishedSound?) -> Int {
        value.map { $0.sound << 2 | ($0.isActive ? 2 : 0) | 1 } ?? 0
    }
}
