/// An instance that plays, as one word that two threads share.
package struct PublishedInstance: Equatable {
    /// The number of the instance.
    package let id: Int
    /// True where no edit fades: another instance may succeed it.
    package let isSettled: Bool

    init(id: Int, isSettled: Bool) {
        self.id = id
        self.isSettled = isSettled
    }

    /// The value of a word; nil where no instance plays.
    init?(word: Int) {
        guard word & 1 == 1 else { return nil }
        id = word >> 2
        isSettled = word & 2 != 0
    }

    /// The word of a value, or of no instance: bit 0 is set where there is a value, bit 1 where it is settled; the
    /// number is above.
    static func word(_ value: PublishedInstance?) -> Int {
        value.map { $0.id << 2 | ($0.isSettled ? 2 : 0) | 1 } ?? 0
    }
}
