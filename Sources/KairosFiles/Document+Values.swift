import KairosControl
import KairosDSP
import KairosPatch
import Yams

// Values of nodes, each in the shape that its key needs.
extension Document {
    /// A scalar's text as written in the file. `what` names the value in messages.
    ///
    /// Scalars that other YAML readers convert to another type, such as `On`, `1e3` or `012`, stay text here,
    /// because the key determines the type of its value. Only an empty value, `null` and `~` are faults.
    mutating func text(_ node: Node, _ what: String) -> Patch.Text? {
        guard case .scalar(let scalar) = node else {
            report(
                node, "\(what) must be a single value, not a \(node.mapping == nil ? "list" : "mapping")"
            )
            return nil
        }
        if scalar.style == .plain {
            if scalar.string.isEmpty {
                report(node, "\(what) has no value")
                return nil
            }
            if ["~", "null", "Null", "NULL"].contains(scalar.string) {
                report(
                    node,
                    "\(what) has no value: \(scalar.string) means no value in YAML; to "
                        + "use it as text, write \"\(scalar.string)\" in quotes"
                )
                return nil
            }
        }
        return Patch.Text(scalar.string, place(node))
    }

    /// A key, which must be a word: see ``isWord(_:)``.
    mutating func key(_ node: Node) -> Patch.Text? {
        guard let text = text(node, "a key") else { return nil }
        guard isWord(text.text) else {
            report(node, invalidWord(text.text))
            return nil
        }
        return text
    }

    /// The message about a text that ``isWord(_:)`` rejects.
    private func invalidWord(_ text: String) -> String {
        let shown = String(text.prefix(80))
        if let odd = text.unicodeScalars.first(where: { $0.properties.isWhitespace && $0 != " " }) {
            let code = String(odd.value, radix: 16, uppercase: true)
            let name = odd == "\t" ? "a tab character" : "a special space character (U+\(code))"
            return "'\(shown)' contains \(name); write an ordinary space"
        }
        let rule = "invalid name '\(shown)'; use letters, digits, '-' and '_', beginning with a letter"
        if let colon = text.firstIndex(of: ":"), isWord(String(text[..<colon])) {
            return rule + "; is a space missing after ':'?"
        }
        return text.contains("{") ? rule + "; is a ':' missing?" : rule
    }

    /// True if a text can be a name or a key: ASCII letters, digits, '-' and '_', beginning with a letter, at
    /// most 64.
    func isWord(_ text: String) -> Bool {
        guard let first = text.first, first.isASCII, first.isLetter, text.utf8.count <= 64 else {
            return false
        }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
    }

    /// The pairs of a mapping whose keys are words; other keys are reported. `what` names the mapping in
    /// messages.
    mutating func pairs(_ node: Node, _ what: String) -> [(key: Patch.Text, value: Node)] {
        guard case .mapping(let mapping) = node else {
            report(node, "\(what) must be a mapping: lines of the form 'key: value'")
            return []
        }
        var result: [(key: Patch.Text, value: Node)] = []
        var before: Node?
        for pair in mapping {
            if let number = before.flatMap({ commaNumber($0, pair) }) {
                // YAML reads `{ cutoff: 1,2 kHz }` as the pair `cutoff: 1` and the key `2 kHz` without a
                // value.
                result.removeLast()
                report(number.node, "'\(number.text)' has a decimal comma; write '\(number.right)'")
                before = nil
            } else if let key = key(pair.key) {
                result.append((key, pair.value))
                before = pair.value
            } else {
                before = nil
            }
        }
        return result
    }

    /// The number with a decimal comma that YAML has split into a value and the key of the next pair: the
    /// node to report, the text as written, and the text with a decimal point. Nil for anything else.
    private func commaNumber(
        _ value: Node, _ next: (key: Node, value: Node)
    ) -> (node: Node, text: String, right: String)? {
        guard let whole = value.scalar?.string, !whole.isEmpty,
            whole.allSatisfy({ "+-0123456789".contains($0) }), let rest = next.key.scalar?.string,
            let first = rest.first, first.isASCII, first.isNumber, next.value.scalar?.string.isEmpty == true
        else { return nil }
        return (value, "\(whole),\(rest)", "\(whole).\(rest)")
    }

    /// The items of a list; none, with a diagnostic, for any other node.
    mutating func list(_ node: Node, _ what: String) -> [Node] {
        guard case .sequence(let sequence) = node else {
            report(node, "\(what) must be a list; begin each item with '-'")
            return []
        }
        return Array(sequence)
    }

    /// A range of two values, as in `[200 Hz, 9 kHz]`; the second may be the smaller.
    mutating func range(_ node: Node) -> TypedRange<Patch.Text>? {
        guard case .sequence(let ends) = node, ends.count == 2 else {
            report(node, "range must be a list of two values, for example range: [200 Hz, 9 kHz]")
            return nil
        }
        guard let first = text(ends[0], "range"), let last = text(ends[1], "range") else { return nil }
        return TypedRange(first, last)
    }

    /// One of the raw values of an enumeration.
    mutating func word<T: RawRepresentable & CaseIterable>(_ node: Node, _ what: String) -> T?
    where T.RawValue == String {
        guard let text = text(node, what) else { return nil }
        if let value = T(rawValue: text.text) { return value }
        let all = T.allCases.map(\.rawValue)
        report(
            node,
            "\(what) must be one of \(all.joined(separator: ", ")), not '\(text.text)'"
                + didYouMean(text.text, among: all))
        return nil
    }

    /// `true` or `false`.
    mutating func flag(_ node: Node, _ what: String) -> Bool? {
        guard let text = text(node, what) else { return nil }
        if text.text == "true" || text.text == "false" { return text.text == "true" }
        report(node, "\(what) must be true or false, not '\(text.text)'")
        return nil
    }

    /// A whole number within `range`.
    mutating func integer(_ node: Node, _ what: String, _ range: ClosedRange<Int>) -> Int? {
        guard let text = text(node, what) else { return nil }
        guard let value = Int(text.text), range.contains(value) else {
            let rule = "\(what) must be a whole number from \(range.lowerBound) to \(range.upperBound)"
            let hint = Self.whole(text.text).flatMap { range.contains($0) ? "; write \($0)" : nil } ?? ""
            report(node, "\(rule), not '\(text.text.prefix(80))'\(hint)")
            return nil
        }
        return value
    }

    /// The whole number that is written in another form, such as `3.0`, `0x10`, `1e2`, `−12` or `12 st`; else
    /// nil.
    private static func whole(_ text: String) -> Int? {
        if text.hasPrefix("0x") { return Int(text.dropFirst(2), radix: 16) }
        let plain = String(text.map { "\u{2212}\u{2013}\u{2012}".contains($0) ? "-" : $0 })
        let number = plain.split(separator: " ").first.map(String.init) ?? plain
        guard let value = Double(number), value == value.rounded(), value.magnitude < 1e9 else { return nil }
        return Int(value)
    }

    /// A number in `unit`, within `range`.
    mutating func number(_ node: Node, _ what: String, _ unit: ParamUnit, _ range: ClosedRange<Float>)
        -> Float?
    {
        guard let text = text(node, what) else { return nil }
        do {
            let value = try ParamSpec.number(text.text, unit: unit, range: range)
            if range.contains(value) { return value }
            report(
                node,
                "\(what): '\(text.text)' is outside \(range.lowerBound) "
                    + "… \(range.upperBound) (\(unit.rawValue))"
            )
        } catch { report(node, "\(what): \(error)") }
        return nil
    }

    /// A mapping from `module.parameter` to values. `what` names it in messages.
    mutating func values(_ node: Node, _ what: String) -> [SetList.Value] {
        guard case .mapping(let mapping) = node else {
            report(node, "\(what) must be a mapping: lines of the form 'module.parameter: value'")
            return []
        }
        return mapping.compactMap { pair in
            guard let name = text(pair.key, "a parameter"), let value = text(pair.value, "'\(name.text)'")
            else { return nil }
            return SetList.Value(name, value)
        }
    }
}
