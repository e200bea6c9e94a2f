import KairosDSP

/// One pitch of a Scala scale, read from its line: cents with a point (`701.955`), a ratio (`3/2`) or a whole number
/// (`2`). Spaces may stand around it and around the slash; what follows a valid pitch is a remark.
struct ScalaPitch {
    /// Why a line is no pitch.
    struct Fault: Error {
        /// From 1.
        var column: Int
        var message: String
    }

    private let characters: [Character]
    private var at = 0

    init(_ line: String) { characters = Array(line) }

    /// Cents above the unison.
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
        guard !whole.isEmpty else { return noPitch(start) }
        return ratio(start, isNegative, whole)
    }

    private mutating func cents(
        _ start: Int, _ isNegative: Bool, _ whole: String, _ fraction: String
    ) -> Result<Double, Fault> {
        guard !(whole + fraction).isEmpty, peek != ".", peek != "," else { return noPitch(start) }
        var text = (isNegative ? "-0" : "0") + whole + "." + fraction + "0"
        if let exponent = exponent() { text += "e" + exponent }
        guard let cents = Double(text), cents.magnitude < 1e7 else {
            return fault(start, "is outside -10000000 to 10000000 cents")
        }
        guard !isWithinNumber else { return noPitch(start) }
        return .success(cents)
    }

    private mutating func ratio(
        _ start: Int, _ isNegative: Bool, _ above: String
    ) -> Result<Double, Fault> {
        guard exponent() == nil else { return exponentFault(start) }
        var below = "1"
        let end = at
        skipSpaces()
        if peek == "/" {
            at += 1
            skipSpaces()
            below = digits()
            guard !below.isEmpty else { return fault(start, "has no whole number behind its slash") }
            guard exponent() == nil else { return exponentFault(start) }
            guard peek != "/" else { return fault(start, "has two slashes; a ratio has one") }
        } else {
            at = end
        }
        guard !isWithinNumber else { return noPitch(start) }
        guard !isNegative, let numerator = Self.log2(above), let denominator = Self.log2(below) else {
            return fault(start, "is no ratio: both of its numbers are more than 0")
        }
        return .success(1200 * (numerator - denominator))
    }

    /// log₂ of a whole number of any length; nil for 0.
    private static func log2(_ digits: String) -> Double? {
        let significant = digits.drop { $0 == "0" }
        guard !significant.isEmpty else { return nil }
        // Fifteen more digits than any interval needs; the rest is a power of ten.
        let head = significant.prefix(300)
        guard let value = Double(head) else { return nil }
        return log2Exact(value) + Double(significant.count - head.count) * log2Exact(10)
    }

    // MARK: characters

    private var peek: Character? { at < characters.count ? characters[at] : nil }

    /// Whether what follows belongs to a number in a form that Scala does not have, as in `3:2` and `1_000.`, and is no
    /// remark.
    private var isWithinNumber: Bool { peek.map { $0.isNumber || ":_^*=".contains($0) } ?? false }

    private mutating func skipSpaces() { while peek == " " || peek == "\t" { at += 1 } }

    private mutating func digits() -> String {
        let start = at
        while let next = peek, ("0"..."9").contains(next) { at += 1 }
        return String(characters[start..<at])
    }

    /// An exponent of ten directly behind a number; nil, and nothing taken, where there is none.
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

    // MARK: faults

    private func noPitch(_ start: Int) -> Result<Double, Fault> {
        fault(
            start,
            "is no pitch: cents with a point (701.955), a ratio (3/2) or a whole number (2) was expected")
    }

    private func exponentFault(_ start: Int) -> Result<Double, Fault> {
        fault(start, "has an exponent; only cents with a point may have one (2.5e2)")
    }

    private func fault(_ start: Int, _ what: String) -> Result<Double, Fault> {
        let shown = String(characters[start...].prefix(24))
        return .failure(Fault(column: start + 1, message: "'\(shown)' \(what)"))
    }
}
