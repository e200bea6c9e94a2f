/// Reader of a number with a unit, as a person types it: "1.2 kHz", "-6 dB", "35 %". [any]
///
/// Patch files, mappings, set lists, sessions, presets and OSC texts all use it, so that they accept the same texts
/// and explain a wrong one with the same words. An error names the text that would be right wherever there is one.
struct ParamTextReader {
    /// The unit of the result.
    let unit: ParamUnit
    /// The values that are accepted, in the base unit of `unit`; nil for any number (a modulation depth).
    let range: ClosedRange<Float>?
    /// A usual value in the base unit, above 0. It decides between units that would both be possible, as s and ms.
    let typical: Float

    init(_ unit: ParamUnit, range: ClosedRange<Float>? = nil, typical: Float? = nil) {
        self.unit = unit
        self.range = range
        self.typical = typical.flatMap { $0 > 0 ? $0 : nil } ?? unit.typical
    }

    /// The value of `text` in the base unit. A value with a unit is not compared with the range.
    func read(_ text: String) throws(ParamError) -> Float {
        let word = String(text.trimmed)
        if unit == .gain, word == "-inf dB" { return 0 }
        if let odd = Self.oddCharacter(in: word) {
            throw ParamError("'\(word)' has \(odd)" + (repaired(word).map { "; write '\($0)'" } ?? ""))
        }
        let (numeral, suffix) = Self.split(word)
        guard let value = Double(numeral), value.isFinite else { throw notANumber(word) }
        guard !suffix.isEmpty else { return try bare(value, word) }
        guard let match = unit.suffixes.first(where: { $0.word == suffix }) else {
            throw unknown(suffix, word)
        }
        return try bounded(Self.converted(value, match, unit), word)
    }

    /// What is compared with a range may be infinite; what is not may not.
    private func bounded(_ value: Float, _ word: String) throws(ParamError) -> Float {
        guard value.isFinite || range != nil else { throw tooLarge(word) }
        return value
    }

    private func tooLarge(_ word: String) -> ParamError { ParamError("'\(word)' is too large a number") }

    /// A number without a unit: accepted where only one unit is usual, and zero everywhere.
    private func bare(_ value: Double, _ word: String) throws(ParamError) -> Float {
        let number = try bounded(Float(value), word)
        let fits = range?.contains(number) ?? true
        if fits, !unit.needsSuffix || number == 0 { return number }
        if let likely = likely(value, word) {
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
        return ParamError("'\(word)' is not a number\(expectation)")
    }

    private func unknown(_ suffix: String, _ word: String) -> ParamError {
        if let value = Self.hexadecimal(word) {
            return ParamError("'\(word)' is hexadecimal; write '\(value)'")
        }
        if let right = repaired(word) {
            return ParamError("'\(suffix)' is no unit here; did you mean '\(right)'?")
        }
        if suffix.first == "/" {
            return ParamError("'\(word)' is a note value, which is not possible here\(expectation)")
        }
        return ParamError("'\(suffix)' is no unit here\(expectation)")
    }

    private var expectation: String {
        if unit.suffixes.isEmpty { return " (a bare number was expected)" }
        return " (a number was expected, with \(unit.words)\(unit.needsSuffix ? "" : " or bare"))"
    }

    // MARK: what was meant

    /// The right text for a wrong one, or nil where nobody can tell.
    private func repaired(_ word: String) -> String? {
        let (numeral, suffix) = Self.split(Self.plainCharacters(word))
        guard let value = Double(numeral), value.isFinite else { return nil }
        let number = numeral.first == "+" ? String(numeral.dropFirst()) : numeral
        if suffix.isEmpty {
            guard unit.needsSuffix, value != 0 else { return fits(Float(value)) ? number : nil }
            return likely(value, number)
        }
        if unit == .seconds, ["min", "mins", "minute", "minutes"].contains(suffix.lowercased()) {
            return fits(Float(value * 60)) ? "\(plain(Float(value * 60))) s" : nil
        }
        let right = unit.suffixes.first { $0.word == suffix } ?? unit.meant(by: suffix)
        guard let right, fits(Self.converted(value, right, unit)) else { return nil }
        return "\(number) \(right.word)"
    }

    /// A number with the unit that fits the range and lies nearest to the usual value.
    private func likely(_ value: Double, _ numeral: String) -> String? {
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

    /// The numeral at the beginning, and what follows it without the spaces between.
    private static func split(_ word: String) -> (numeral: String, suffix: String) {
        let digits = word.prefix { "+-.0123456789".contains($0) }
        var numeral = String(digits)
        var rest = word.dropFirst(digits.count)
        // An exponent, unless the letter begins a unit.
        if let e = rest.first, e == "e" || e == "E" {
            let tail = rest.dropFirst().prefix { "+-0123456789".contains($0) }
            if !tail.isEmpty {
                numeral += "e" + tail
                rest = rest.dropFirst(1 + tail.count)
            }
        }
        return (numeral, String(rest.drop { $0 == " " }))
    }

    /// What a text has that looks like a part of a number and is none, with its name.
    private static func oddCharacter(in word: String) -> String? {
        for character in word {
            guard let scalar = character.unicodeScalars.first else { continue }
            let code = "U+" + hexadecimal(scalar.value)
            switch scalar {
            case "\t": return "a tab character"
            case "\u{a0}", "\u{202f}", "\u{2007}": return "a no-break space (\(code))"
            case _ where spaces.contains(scalar): return "a space that cannot be seen as one (\(code))"
            case "\u{2212}": return "a Unicode minus (\(code))"
            case _ where dashes.contains(scalar): return "a dash (\(code)) for a minus"
            case ",": return "a decimal comma"
            default: break
            }
        }
        return nil
    }

    /// The same with ordinary spaces, minus and decimal point.
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

    /// The value of `0x10`, or nil.
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
        // Divide where that is exact to the last bit, so that what is printed reads back the same.
        return Float(
            suffix.factor < 1 ? value / (1 / suffix.factor).rounded() : value * suffix.factor)
    }
}
