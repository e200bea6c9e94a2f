extension NoteValue: CustomStringConvertible {
    /// The note value as a patch has it: `1/8`, `1/4.`, `1/16t`, `1 bar`, `2 bars`. [any]
    public var description: String {
        switch form {
        case .note(let denominator, .straight): "1/\(denominator)"
        case .note(let denominator, .dotted): "1/\(denominator)."
        case .note(let denominator, .triplet): "1/\(denominator)t"
        case .bars(1): "1 bar"
        case .bars(let count): "\(count) bars"
        }
    }

    /// Every note value, in ascending order. [any]
    public static var all: [NoteValue] { (0..<count).map { NoteValue(index: $0) } }

    /// The note value of a text; nil if the text does not look like one. Throws if it does and is none, with the
    /// nearest right form. [any]
    public static func read(_ text: String) throws(ParamError) -> NoteValue? {
        let word = String(text.trimmed)
        if let same = all.first(where: { $0.description == word }) { return same }
        guard let length = wholeNotes(word) else { return nil }
        let lower = word.lowercased()
        let nearest = closest(to: length, inBars: lower.contains("bar") || lower.contains("measure"))
        if isSpacing(word, of: nearest) { return nearest }
        throw ParamError("'\(word)' is not a note value; did you mean '\(nearest)'?")
    }

    /// The length that a text probably means, in whole notes; nil if it does not look like a note value.
    private static func wholeNotes(_ text: String) -> Double? {
        var word = text.lowercased().filter { $0 != " " }
        var factor = 1.0
        for (ending, value) in endings where word.hasSuffix(ending) && word.count > ending.count {
            word.removeLast(ending.count)
            factor = value
            break
        }
        for (ending, value) in units where word.hasSuffix(ending) {
            word.removeLast(ending.count)
            guard factor == 1, let count = Double(word), count > 0, count.isFinite else { return nil }
            return count * value
        }
        let parts = word.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let above = Double(parts[0]), let below = Double(digits(parts[1])),
            above > 0, below > 0, (above / below).isFinite
        else { return nil }
        return above / below * factor
    }

    /// The digits of `2`, `4th` or `8n`.
    private static func digits(_ text: Substring) -> Substring {
        for ending in ["th", "nd", "n"] where text.hasSuffix(ending) { return text.dropLast(ending.count) }
        return text
    }

    private static let endings: [(String, Double)] = [
        ("dotted", 1.5), ("dot", 1.5), ("triplets", 2.0 / 3), ("triplet", 2.0 / 3), ("trip", 2.0 / 3),
        ("d", 1.5), (".", 1.5), ("t", 2.0 / 3),
    ]
    private static let units: [(String, Double)] = [
        ("bars", 1), ("bar", 1), ("measures", 1), ("measure", 1), ("beats", 0.25), ("beat", 0.25),
    ]

    /// True if `word` differs from the note value by spaces alone.
    private static func isSpacing(_ word: String, of note: NoteValue) -> Bool {
        word.filter { $0 != " " } == note.description.filter { $0 != " " }
    }

    private static func closest(to length: Double, inBars: Bool) -> NoteValue {
        let candidates = all.filter { ($0.index >= firstBars) == inBars }
        func distance(_ note: NoteValue) -> Double {
            let ratio = length / (Double(note.length(meter: 4).beats) / 4)
            return max(ratio, 1 / ratio)
        }
        return candidates.min { distance($0) < distance($1) } ?? NoteValue(index: 0)
    }
}

extension ParamSpec {
    /// Value of a text as a person types it: as ``parse(_:)``, and note values if the parameter can follow the tempo.
    /// Throws if the text is not a valid value or is outside the range. [any]
    public func parseValue(_ text: String) throws(ParamError) -> ParamValue {
        if canFollowTempo, let note = try NoteValue.read(text) { return .note(note) }
        return .number(try parse(text))
    }

    // Disfavoured: a literal number is a `Float`.

    /// The shortest text that parses back to the same value. [any]
    @_disfavoredOverload public func text(_ value: ParamValue) -> String {
        switch value {
        case .number(let number): text(number)
        case .note(let note): note.description
        }
    }

    /// Rounded text of about three digits, for display only. [any]
    @_disfavoredOverload public func display(_ value: ParamValue) -> String {
        switch value {
        case .number(let number): display(number)
        case .note(let note): note.description
        }
    }
}
