/// An instance that plays, as one word that two threads share.
package struct PublishedInstance: Equatable {
    /// The word where no instance plays.
    static let none = 0

    /// The number of the instance.
    package let id: Int
    /// True where no edit fades: another instance may succeed it.
    package let isSettled: Bool

    init(id: Int, isSettled: Bool) {
        self.id = id
        self.isSettled = isSettled
    }

    /// The value of a word; nil for ``none``.
    init?(word: Int) {
        guard word & 1 == 1 else { return nil }
        id = word >> 2
        isSettled = word & 2 != 0
    }

    /// The word: bit 0 is set, bit 1 where the instance is settled; its number is above.
    var word: Int { id << 2 | (isSettled ? 2 : 0) | 1 }
}
