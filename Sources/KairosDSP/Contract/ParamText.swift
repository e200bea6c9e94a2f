extension StringProtocol where SubSequence == Substring {
    /// The text without leading and trailing spaces.
    public var trimmed: Substring {
        var text = self[...]
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}

extension ParamSpec {
    /// Value of a text as a person types it: "1.2 kHz", "-6 dB", "35 %", "triangle", "true". Throws if the
    /// text is not a valid value or is outside the range. [any]
    public func parse(_ text: String) throws(ParamError) -> Float {
        let word = String(text.trimmed)
        switch kind {
        case .choice(let words):
            if let index = words.firstIndex(of: word) { return Float(index) }
            throw ParamError(
                "'\(word)' is not one of \(words.joined(separator: ", "))\(didYouMean(word, among: words))")
        case .bool:
            if word == "true" { return 1 }
            if word == "false" { return 0 }
            throw ParamError("'\(word)' is neither true nor false")
        case .float, .int:
            let value = try number(word)
            guard value >= range.lowerBound, value <= range.upperBound else {
                throw ParamError(
                    "\(word) is outside \(display(range.lowerBound)) … \(display(range.upperBound))")
            }
            if kind == .int, value != value.rounded() { throw ParamError("\(word) is not a whole number") }
            return value
        }
    }

    /// Value of a modulation depth, as in `@ 24 st`, in ``depthUnit``. Unlike ``parse(_:)`` it has no range,
    /// and a gain is a ratio. [any]
    public func parseDepth(_ text: String) throws(ParamError) -> Float {
        try ParamTextReader(depthUnit, typical: depthUnit == .semitones ? 12 : nil).read(text)
    }

    /// Unit of a modulation depth: semitones on an exponential scale, octaves for a time that is read at
    /// note-on, a ratio for a gain, otherwise the parameter's unit.
    public var depthUnit: ParamUnit {
        if law.curve == .exponential { return .semitones }
        if isReadAtNoteOn, unit == .seconds { return .octaves }
        return unit == .gain ? .ratio : unit
    }

    private func number(_ word: String) throws(ParamError) -> Float {
        try ParamTextReader(unit, range: range, typical: defaultValue, takesNotes: canFollowTempo).read(word)
    }

    /// A number with one of `unit`'s suffixes, in the base unit. `range` helps an error to suggest the
    /// intended unit; only a number without a unit must lie in it. Throws if the text is not a number with
    /// such a unit. [any]
    public static func number(
        _ word: String, unit: ParamUnit, range: ClosedRange<Float>? = nil
    ) throws(ParamError) -> Float {
        try ParamTextReader(unit, range: range).read(word)
    }

    /// The shortest text that parses back to the same bits. [any]
    public func text(_ value: Float) -> String {
        switch kind {
        case .choice(let words): return words[Int(law.clamp(value))]
        case .bool: return value == 0 ? "false" : "true"
        case .int: return plain(value) + (unit.symbol.isEmpty ? "" : " " + unit.symbol)
        case .float: break
        }
        if unit == .gain, value == 0 { return "-inf dB" }
        var candidates = [plain(value)]
        for suffix in unit.suffixes {
            let scaled =
                suffix.factor == 0 ? Double(decibels(amplitude: value)) : Double(value) / suffix.factor
            for numeral in [plain(Float(scaled)), scaled.description] where !numeral.contains("inf") {
                candidates.append(numeral + " " + suffix.word)
            }
        }
        let same = candidates.filter { (try? parse($0))?.bitPattern == value.bitPattern }
        let withUnit = same.filter { $0.contains(" ") }
        return (withUnit.isEmpty ? same : withUnit).min { $0.count < $1.count } ?? plain(value)
    }

    /// Rounded text of about three digits, for display only. [any]
    public func display(_ value: Float) -> String {
        switch kind {
        case .choice, .bool, .int: return text(value)
        case .float: break
        }
        switch unit {
        case .hertz where value >= 1000: return threeDigits(value / 1000) + " kHz"
        case .seconds where value != 0 && value < 1: return threeDigits(value * 1000) + " ms"
        case .gain: return value == 0 ? "-inf dB" : threeDigits(decibels(amplitude: value)) + " dB"
        case .ratio: return threeDigits(value * 100) + " %"
        case .semitones where value != 0 && value.magnitude < 1: return threeDigits(value * 100) + " ct"
        default: return threeDigits(value) + (unit.symbol.isEmpty ? "" : " " + unit.symbol)
        }
    }
}

/// A float without a trailing ".0".
func plain(_ value: Float) -> String {
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// A float rounded to about three digits, without trailing zeros.
func threeDigits(_ value: Float) -> String {
    let size = value.magnitude
    let places = size >= 100 ? 1 : size >= 10 ? 10 : 100
    return plain((value * Float(places)).rounded() / Float(places))
}

/// Suggestion ". Did you mean 'cutoff'?"; empty if no candidate is similar. A word of more than 80 bytes gets
/// none, because the cost of the edit distance is the product of both lengths. [any]
public func didYouMean(_ word: String, among candidates: [String]) -> String {
    guard word.utf8.count <= 80 else { return "" }
    let nearest = candidates.map { ($0, editDistance(word.lowercased(), $0.lowercased())) }.min {
        $0.1 < $1.1
    }
    guard let nearest, nearest.1 <= max(1, word.count / 3) else { return "" }
    return ". Did you mean '\(nearest.0)'?"
}

/// Edit distance of two texts (V. Levenshtein, 1966).
func editDistance(_ a: String, _ b: String) -> Int {
    let b = Array(b)
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for j in b.indices {
            let substituted = diagonal + (letter == b[j] ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
        }
    }
    return row[b.count]
}
