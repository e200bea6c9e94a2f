// Special numbers in ALSA's interface.
extension Int32 {
    /// The number with which ALSA's enumerations of cards, devices, clients and ports begin.
    static let beforeFirst: Int32 = -1
    /// The card number that stands for all cards.
    static let allCards: Int32 = -1
}
