/// Shapes of a chord. The names of the cases are the words of patch files.
enum ChordShape: Int, CaseIterable {
    case custom, octave, fifth, power, major, minor, sus2, sus4, diminished, augmented, sixth, minorSixth
    case majorSeventh, minorSeventh, dominantSeventh, halfDiminished, diminishedSeventh, addNine, ninth

    /// The intervals above the root in semitones; those from ``count`` on are 0.
    var notes: SIMD4<Int32> {
        switch self {
        case .custom: SIMD4(0, 0, 0, 0)
        case .octave: SIMD4(12, 0, 0, 0)
        case .fifth: SIMD4(7, 0, 0, 0)
        case .power: SIMD4(7, 12, 0, 0)
        case .major: SIMD4(4, 7, 0, 0)
        case .minor: SIMD4(3, 7, 0, 0)
        case .sus2: SIMD4(2, 7, 0, 0)
        case .sus4: SIMD4(5, 7, 0, 0)
        case .diminished: SIMD4(3, 6, 0, 0)
        case .augmented: SIMD4(4, 8, 0, 0)
        case .sixth: SIMD4(4, 7, 9, 0)
        case .minorSixth: SIMD4(3, 7, 9, 0)
        case .majorSeventh: SIMD4(4, 7, 11, 0)
        case .minorSeventh: SIMD4(3, 7, 10, 0)
        case .dominantSeventh: SIMD4(4, 7, 10, 0)
        case .halfDiminished: SIMD4(3, 6, 10, 0)
        case .diminishedSeventh: SIMD4(3, 6, 9, 0)
        case .addNine: SIMD4(4, 7, 14, 0)
        case .ninth: SIMD4(4, 7, 10, 14)
        }
    }

    /// The number of intervals.
    var count: Int {
        let notes = notes
        var count = 0
        while count < 4, notes[count] != 0 { count += 1 }
        return count
    }
}
