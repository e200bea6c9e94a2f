/// An entry or nil, and the rig that its index belongs to, as one word that two threads share.
struct PublishedEntry: Equatable {
    /// The entry, or nil.
    let entry: EntryID?
    /// The number of the rig, counted from the first one, 0.
    let generation: Int

    init(_ entry: EntryID?, generation: Int) {
        self.entry = entry
        self.generation = generation
    }

    /// The value of a word.
    init(word: Int) {
        let index = word & 0xff_ffff
        entry = index == 0 ? nil : EntryID(index - 1)
        generation = word >> 24
    }

    /// The word: the index plus 1 in the lower 24 bits, 0 for none, and the generation above.
    var word: Int { generation << 24 | (entry.map { $0.index + 1 } ?? 0) }
}
