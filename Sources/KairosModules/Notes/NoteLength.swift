import KairosDSP

/// Lengths of steps: the note values from `1/64t` to `1/1.`, without whole bars.
enum NoteLength {
    /// The number of note values that are no bars.
    private static var count: Int {
        (0..<NoteValue.count).count { if case .note = NoteValue(index: $0).form { true } else { false } }
    }

    /// The names, in ascending order of their lengths. [loader]
    static var words: [String] { (0..<count).map { word(NoteValue(index: $0)) } }

    /// The index of a name; 0 for any other text. [loader]
    static func index(of word: String) -> Int { words.firstIndex(of: word) ?? 0 }

    /// The length in beats of the note value with this index; a beat is a quarter. [audio]
    static func beats(_ index: Int) -> Double {
        Double(NoteValue(index: index).length(meter: 4).units) / Double(BeatPeriod.unitsPerBeat)
    }

    private static func word(_ note: NoteValue) -> String {
        switch note.form {
        case .note(let denominator, .straight): "1/\(denominator)"
        case .note(let denominator, .dotted): "1/\(denominator)."
        case .note(let denominator, .triplet): "1/\(denominator)t"
        case .bars(let count): "\(count) bars"
        }
    }
}
