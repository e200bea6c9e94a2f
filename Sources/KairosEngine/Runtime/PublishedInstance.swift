/// An instance that plays, as one word that two threads share.
package struct PublishedInstance: Equatable {
    /// The word where no instance plays.
    package static let none = -1

    /// The number of the instance.
    package let id: Int
    /// True where no edit fades: another instance may succeed it.
    package let isSettled: Bool

    package init(id: Int, isSettled: Bool) {
        self.id = id
        self.isSettled = isSettled
    }

    /// The value of a word; nil for ``none``.
    package init?(word: Int) {
        guard word != Self.none else { return nil }
        id = word >> 1
        isSettled = word & 1 == 1
    }

    /// The word.
    package var word: Int { id << 1 | (isSettled ? 1 : 0) }
}
