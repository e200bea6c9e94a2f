/// Notes of a scale. The names of the cases are the words of patch files.
enum ScaleShape: Int, CaseIterable {
    case chromatic, major, minor, harmonicMinor, melodicMinor, dorian, phrygian, lydian, mixolydian, locrian
    case majorPentatonic, minorPentatonic, blues, wholeTone, diminished

    /// One bit for each semitone above the root, 0…11. Bit 0 is always set.
    var notes: UInt16 {
        switch self {
        case .chromatic: 0b1111_1111_1111
        case .major: 0b1010_1011_0101
        case .minor: 0b0101_1010_1101
        case .harmonicMinor: 0b1001_1010_1101
        case .melodicMinor: 0b1010_1010_1101
        case .dorian: 0b0110_1010_1101
        case .phrygian: 0b0101_1010_1011
        case .lydian: 0b1010_1101_0101
        case .mixolydian: 0b0110_1011_0101
        case .locrian: 0b0101_0110_1011
        case .majorPentatonic: 0b0010_1001_0101
        case .minorPentatonic: 0b0100_1010_1001
        case .blues: 0b0100_1110_1001
        case .wholeTone: 0b0101_0101_0101
        case .diminished: 0b1011_0110_1101
        }
    }
}
