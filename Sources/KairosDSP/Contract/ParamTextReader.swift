/// Parser of a number with a unit, as a person types it: "1.2 kHz", "-6 dB", "35 %". [any]
///
/// Patch files, mappings, set lists, sessions, presets and OSC texts all use it, so that they accept the same
/// texts and report faults in the same words. An error names the correct text if there is one.
struct ParamTextReader {
    /// Unit of the result.
    let unit: ParamUnit
    /// Accepted values, in the base unit of `unit`; nil for any number (a modulation depth).
    let range: ClosedRange<Float>?
    /// Typical value in the base unit, above 0. It decides between units that are both possible, such as s
    /// and ms.
    let typical: Float
    /// True if a note value would be accepted too; for the text of an error.
    let takesNotes: Bool

    init(
        _ unit: ParamUnit, range: ClosedRange<Float>? = nil, typical: Float? = nil, takesNotes: Bool = false
    ) {
        self.takesNotes = takesNotes
        self.unit = unit
        self.range = range
        self.typical = typical.flatMap { $0 > 0 ? $0 : nil } ?? unit.typical
    }

    /// Value of `text` in the base unit. A value with a unit is not checked against the range. Throws
    /// ``ParamError``.
    func read(_ text: String) throws(ParamError) -> Float {
        let word = String(text.trimmed)
        if unit == .gain, word == "-inf dB" { return 0 }
        if let odd = Self.oddCharacter(in: word) {
            throw ParamError("'\(word)' has \(odd)" + (corrected(word).map { "; write '\($0)'" } ?? ""))
        }
        let (numeral, suffix) = Self.split(word)
        guard let value = Double(numeral), value.isFinite else { throw notANumber(word) }
        guard !suffix.isEmpty else { return try readWithoutUnit(value, word) }
        guard let match = unit.suffixes.first(where: { $0.word == suffix }) else {
            throw unknownUnit(suffix, word)
        }
        if unit == .octaves, match.factor == 0, value <= 0 {
            throw ParamError("'\(word)' is not a factor above 0")
        }
        return try checkFinite(Self.converted(value, match, unit), word)
    }

    /// Returns `value`; throws if it is infinite and there is no range to check it against.
    private func checkFinite(_ value: Float, _ word: String) throws(ParamError) -> Float {
        guard value.isFinite || range != nil else { throw tooLarge(word) }
        return value
    }

    private func tooLarge(_ word: String) -> ParamError { ParamError("'\(word)' is too large a number") }

    /// Value of a number without a unit. Accepted if the unit needs no suffix, and for 0.
    private func readWithoutUnit(_ value: Double, _ word: String) throws(ParamError) -> Float {
        let number = try checkFinite(Float(value), word)
        let fits = range?.contains(number) ?? true
        if fits, !unit.needsSuffix || number == 0 { return number }
        if let likely = suggestUnit(value, word) {
            throw ParamError("\(word) has no unit; did you mean \(likely)?")
        }
        if unit.needsSuffix { throw ParamError("\(word) has no unit; write \(unit.words)") }
        return number
    }

    // MARK: errors

    private func notANumber(_ word: String) -> ParamError {
        if let value = Self.hexadecimal(word) {
            return ParamError("'\(word)' is hexadecimal; write '\(value)'")
        }
        if Double(Self.split(word).numeral) != nil { return tooLarge(word) }
        if unit == .octaves, let sign = word.first, sign == "x" || sign == "×",
            let right = corrected(String(word.dropFirst()) + " x")
        {
            return ParamError("'\(word)' begins with the unit; write '\(right)'")
        }
        return ParamError("'\(word)' is not a number\(expectation)")
    }

    private func unknownUnit(_ suffix: String, _ word: String) -> ParamError {
        if let value = Self.hexadecimal(word) {
            return ParamError("'\(word)' is hexadecimal; write '\(value)'")
        }
        let isKnown = ParamUnit.allCases.contains { $0.suffixes.contains { $0.word == suffix } }
        let fault = isKnown ? "wrong" : "unknown"
        if let right = corrected(word) {
            return ParamError("\(fault) unit '\(suffix)'; did you mean '\(right)'?")
        }
        if suffix.first == "/" {
            return ParamError("'\(word)' is a note value, which this parameter does not accept\(expectation)")
        }
        return ParamError("\(fault) unit '\(suffix)'\(expectation)")
    }

    private var expectation: String {
        if unit.suffixes.isEmpty { return " (expected a number without a unit)" }
        let note = takesNotes ? ", or a note value such as 1/8" : ""
        return " (expected a number with \(unit.words)\(unit.needsSuffix ? "" : " or no unit")\(note))"
    }

    // MARK: suggestions

    /// Corrected form of a faulty text; nil if there is no plausible one.
    private func corrected(_ word: String) -> String? {
        let (numeral, suffix) = Self.split(Self.plainCharacters(word))
        guard let value = Double(numeral), value.isFinite else { return nil }
        let number = numeral.first == "+" ? String(numeral.dropFirst()) : numeral
        if suffix.isEmpty {
            guard unit.needsSuffix, value != 0 else { return fits(Float(value)) ? number : nil }
            return suggestUnit(value, number)
        }
        if unit == .seconds, ["min", "mins", "minute", "minutes"].contains(suffix.lowercased()) {
            return fits(Float(value * 60)) ? "\(plain(Float(value * 60))) s" : nil
        }
        let right = unit.suffixes.first { $0.word == suffix } ?? unit.correctSuffix(for: suffix)
        guard let right, fits(Self.converted(value, right, unit)) else { return nil }
        return "\(number) \(right.word)"
    }

    /// The number with the unit that puts it into the range and nearest to the typical value; nil if no unit
    /// does.
    private func suggestUnit(_ value: Double, _ numeral: String) -> String? {
        func distance(_ suffix: ParamUnit.Suffix) -> Double? {
            let number = Self.converted(value, suffix, unit)
            guard fits(number) else { return nil }
            return abs(Double(log2Precise(max(number.magnitude, 1e-9) / typical)))
        }
        let candidates = unit.suffixes.filter { !ParamUnit.secondSpellings.contains($0.word) }
            .compactMap { suffix in distance(suffix).map { (suffix, $0) } }
        return candidates.min { $0.1 < $1.1 }.map { "\(numeral) \($0.0.word)" }
    }

    private func fits(_ value: Float) -> Bool { value.isFinite && (range?.contains(value) ?? true) }

    // MARK: characters

    /// The number at the beginning of `word`, and the rest without leading spaces.
    private static func split(_ word: String) -> (numeral: String, suffix: String) {
        let digits = word.prefix { "+-.0123456789".contains($0) }
        var numeral = String(digits)
        var rest = word.dropFirst(digits.count)
        // Reads an exponent, unless the letter begins a unit.
        if let e = rest.first, e == "e" || e == "E" {
            let tail = rest.dropFirst().prefix { "+-0123456789".contains($0) }
            if !tail.isEmpty {
                numeral += "e" + tail
                rest = rest.dropFirst(1 + tail.count)
            }
        }
        return (numeral, String(rest.drop { $0 == " " }))
    }

    /// Name of the first character in `word` that resembles a part of a number but is not one; nil if there
    /// is none.
    private static func oddCharacter(in word: String) -> String? {
        for character in word {
            guard let scalar = character.unicodeScalars.first else { continue }
            let code = "U+" + hexadecimal(scalar.value)
            switch scalar {
            case "\t": return "a tab character"
            case "\u{a0}", "\u{202f}", "\u{2007}": return "a no-break space (\(code))"
            case _ where spaces.contains(scalar): return "a Unicode space (\(code))"
            case "\u{2212}": return "a Unicode minus (\(code))"
            case _ where dashes.contains(scalar): return "a dash (\(code)) instead of a minus sign"
            case ",": return "a decimal comma"
            default: break
            }
        }
        return nil
    }

    /// `word` with ASCII spaces, ASCII minus and a decimal point in place of similar characters.
    private static func plainCharacters(_ word: String) -> String {
        var text = ""
        for character in word {
            guard let scalar = character.unicodeScalars.first else { continue }
            if scalar == "\t" || spaces.contains(scalar) {
                text += " "
            } else if dashes.contains(scalar) {
                text += "-"
            } else {
                text += character == "," ? "." : String(character)
            }
        }
        return String(text.trimmed)
    }

    private static let spaces: [Unicode.Scalar] = [
        "\u{a0}", "\u{202f}", "\u{2007}", "\u{2002}", "\u{2003}", "\u{2008}", "\u{2009}", "\u{200a}",
        "\u{200b}",
        "\u{3000}", "\u{feff}",
    ]
    private static let dashes: [Unicode.Scalar] = [
        "\u{2212}", "\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}", "\u{2014}", "\u{fe63}", "\u{ff0d}",
    ]

    /// Value of a hexadecimal number (`0x10`); nil if `word` is not one.
    private static func hexadecimal(_ word: String) -> Int32? {
        let word = word.lowercased()
        return word.hasPrefix("0x") ? Int32(word.dropFirst(2), radix: 16) : nil
    }

    private static func hexadecimal(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private static func converted(_ value: Double, _ suffix: ParamUnit.Suffix, _ unit: ParamUnit) -> Float {
        if unit == .gain, suffix.word == "dB" { return amplitude(decibels: Float(value)) }
        if unit == .octaves, suffix.factor == 0 { return Float(log2Exact(value)) }
        // Divides where division is exact to the last bit, so that a printed value parses back to the same
        // bits.
        return Float(
            suffix.factor < 1 ? value / (1 / suffix.factor).rounded() : value * suffix.factor)
    }
}
