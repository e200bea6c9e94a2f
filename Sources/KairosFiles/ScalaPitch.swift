import KairosDSP

/// Parses a pitch of a Scala scale from its line: cents with a point (`701.955`), a ratio (`3/2`) or a whole
/// number (`2`). Spaces are allowed around it and around the slash; the text after a valid pitch is a
/// comment.
struct ScalaPitch {
    /// The error of a line that is not a pitch.
    struct Fault: Error {
        /// Column, from 1.
        var column: Int
        var message: String
    }

    private let characters: [Character]
    /// Index of the next character.
    private var at = 0

    init(_ line: String) { characters = Array(line) }

    /// The pitch in cents above the unison (1/1).
    mutating func read() -> Result<Double, Fault> {
        skipSpaces()
        let start = at
        let isNegative = peek == "-"
        if isNegative || peek == "+" { at += 1 }
        let whole = digits()
        if peek == "." || peek == "," {
            at += 1
            return cents(start, isNegative, whole, digits())
        }
        guard !whole.isEmpty else { return pitchFault(start) }
        return ratio(start, isNegative, whole)
    }

    /// The rest of a pitch in cents, after its digits.
    private mutating func cents(
        _ start: Int, _ isNegative: Bool, _ whole: String, _ fraction: String
    ) -> Result<Double, Fault> {
        guard !(whole + fraction).isEmpty, peek != ".", peek != "," else { return pitchFault(start) }
        var text = (isNegative ? "-0" : "0") + whole + "." + fraction + "0"
        if let exponent = exponent() { text += "e" + exponent }
        guard let cents = Double(text), cents.magnitude < 1e7 else {
            return fault(start, "is outside -10000000 to 10000000 cents")
        }
        guard !isWithinNumber else { return pitchFault(start) }
        return .success(cents)
    }

    /// The rest of a ratio or whole number, after the digits of its numerator.
    private mutating func ratio(
        _ start: Int, _ isNegative: Bool, _ numeratorDigits: String
    ) -> Result<Double, Fault> {
        guard exponent() == nil else { return exponentFault(start) }
        var denominatorDigits = "1"
        let end = at
        skipSpaces()
        if peek == "/" {
            at += 1
            skipSpaces()
            denominatorDigits = digits()
            guard !denominatorDigits.isEmpty else {
                return fault(start, "has no whole number after its slash")
            }
            guard exponent() == nil else { return exponentFault(start) }
            guard peek != "/" else { return fault(start, "has two slashes; a ratio has one") }
        } else {
            at = end
        }
        guard !isWithinNumber else { return pitchFault(start) }
        guard !isNegative, let numerator = Self.log2(numeratorDigits),
            let denominator = Self.log2(denominatorDigits)
        else {
            return fault(start, "is not a ratio: both numbers must be greater than 0")
        }
        return .success(1200 * (numerator - denominator))
    }

    /// log₂ of a whole number of any length; nil for 0.
    private static func log2(_ digits: String) -> Double? {
        let significant = digits.drop { $0 == "0" }
        guard !significant.isEmpty else { return nil }
        // A Double holds numbers of up to 308 digits, so the further digits are counted as a power of ten.
        let head = significant.prefix(300)
        guard let value = Double(head) else { return nil }
        return log2Exact(value) + Double(significant.count - head.count) * log2Exact(10)
    }

    // MARK: Characters

    private var peek: Character? { at < characters.count ? characters[at] : nil }

    /// True if the next character continues a number in a form that Scala does not have, as in `3:2` and
    /// `1_000.`, and does not begin a comment.
    private var isWithinNumber: Bool { peek.map { $0.isNumber || ":_^*=".contains($0) } ?? false }

    private mutating func skipSpaces() { while peek == " " || peek == "\t" { at += 1 } }

    private mutating func digits() -> String {
        let start = at
        while let next = peek, ("0"..."9").contains(next) { at += 1 }
        return String(characters[start..<at])
    }

    /// The exponent of ten directly after a number; nil, without advancing, if there is none.
    private mutating func exponent() -> String? {
        let start = at
        guard peek == "e" || peek == "E" else { return nil }
        at += 1
        var sign = ""
        if let next = peek, next == "-" || next == "+" {
            sign = String(next)
            at += 1
        }
        let digits = digits()
        if digits.isEmpty {
            at = start
            return nil
        }
        return sign + digits
    }

    // MARK: Faults

    private func pitchFault(_ start: Int) -> Result<Double, Fault> {
        fault(
            start,
            "is not a pitch; write cents with a point (701.955), a ratio (3/2) or a whole number (2)")
    }

    private func exponentFault(_ start: Int) -> Result<Double, Fault> {
        fault(start, "has an exponent; only cents with a point may have one (2.5e2)")
    }

    private func fault(_ start: Int, _ what: String) -> Result<Double, Fault> {
        let shown = String(characters[start...].prefix(24))
        return .failure(Fault(column: start + 1, message: "'\(shown)' \(what)"))
    }
}
