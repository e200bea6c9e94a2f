import KairosControl
import KairosDSP
import KairosPatch
import Yams

/// A YAML document and the faults found in it so far, each with line and column.
///
/// Yams parses the text. This type checks that each node has the shape that a Kairos file needs, and reports
/// a diagnostic where it has another one. A function that reads a node returns nil after it has reported a
/// fault.
struct Document {
    /// The path, as diagnostics show it.
    let file: String
    /// The format and version that the first line must have, as in `patch/1`.
    let version: String
    private(set) var diagnostics: [Diagnostic] = []
    /// The lines of the text while it is parsed; messages about YAML syntax look for tabs in them.
    private var lines: [Substring] = []
    private static let tabRule = "tabs are not allowed here; indent with spaces"

    init(file: String, version: String) {
        self.file = file
        self.version = version
    }

    /// Adds a diagnostic at the start of `node`.
    mutating func report(_ node: Node, _ message: String) { report(place(node), message) }

    /// Adds a diagnostic at `place`.
    mutating func report(_ place: Patch.Place, _ message: String) {
        diagnostics.append(Diagnostic(file: file, line: place.line, column: place.column, message: message))
    }

    /// Line and column of a node, from 1; both 0 if the parser gave none.
    func place(_ node: Node) -> Patch.Place {
        node.mark.map { Patch.Place(line: $0.line, column: $0.column) } ?? Patch.Place()
    }

    /// Parses `text` and returns the pairs of its root mapping without the version line; nil, with a
    /// diagnostic, if the text is not one YAML document or does not begin with `kairos:` and the right
    /// version.
    mutating func open(_ text: String) -> [(key: Node, value: Node)]? {
        if let depth = nesting(text), depth.count > 64 {
            report(
                Patch.Place(line: depth.line, column: 1),
                "brackets are nested more than 64 levels deep; a Kairos file needs three levels")
            return nil
        }
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        defer { lines = [] }
        let root: Node
        do {
            let parser = try Parser(yaml: text)
            guard let node = try parser.singleRoot() else {
                report(
                    Patch.Place(line: 1, column: 1),
                    "the file has no content; the first line must be 'kairos: \(version)'")
                return nil
            }
            // A node's anchor is valid only while the parser exists.
            if let anchored = withExtendedLifetime(parser, { anchor(in: node) }) {
                report(anchored, "YAML anchors ('&name') are not supported; write the value itself")
                return nil
            }
            root = node
        } catch let error as YamlError {
            report(error)
            return nil
        } catch {
            report(Patch.Place(line: 1, column: 1), "\(error)")
            return nil
        }
        guard case .mapping(let mapping) = root else {
            report(
                root, "expected lines of the form 'key: value'; the first line must be 'kairos: \(version)'")
            return nil
        }
        let pairs = mapping.map { (key: $0.key, value: $0.value) }
        guard let first = pairs.first, first.key.string == "kairos" else {
            report(root, "the first line must be 'kairos: \(version)'")
            return nil
        }
        guard first.value.string == version else {
            let found = first.value.string.map { "'\($0)'" } ?? "a list or a mapping"
            report(first.value, "expected '\(version)', found \(found)")
            return nil
        }
        return Array(pairs.dropFirst())
    }

    /// The first node with an anchor or an alias, in document order; nil if there is none. The target of an
    /// alias has an anchor, so the search ends before it could visit a node twice.
    private func anchor(in node: Node) -> Node? {
        switch node {
        case .scalar(let scalar): scalar.anchor == nil ? nil : node
        case .alias: node
        case .sequence(let sequence):
            sequence.anchor == nil ? sequence.lazy.compactMap { anchor(in: $0) }.first : node
        case .mapping(let mapping):
            mapping.anchor == nil
                ? mapping.lazy.compactMap { anchor(in: $0.key) ?? anchor(in: $0.value) }.first : node
        }
    }

    /// The greatest nesting depth of brackets, and the line that reaches it first. The parser recurses once
    /// per level, so the depth is limited before the text is parsed.
    private func nesting(_ text: String) -> (count: Int, line: Int)? {
        var depth = 0, deepest = 0, line = 1, deepestLine = 1
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            case UInt8(ascii: "\n"): line += 1
            default: break
            }
            if depth > deepest { (deepest, deepestLine) = (depth, line) }
        }
        return (deepest, deepestLine)
    }

    /// Whether there is a tab at a place or in the indentation of its line.
    private func isTab(at place: Patch.Place) -> Bool {
        guard lines.indices.contains(place.line - 1) else { return false }
        let line = lines[place.line - 1]
        return line.prefix(while: { $0 == " " || $0 == "\t" }).contains("\t")
            || line.dropFirst(place.column - 1).first == "\t"
    }

    /// Adds a diagnostic for a syntax error that Yams found.
    private mutating func report(_ error: YamlError) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            let place = Patch.Place(line: mark.line, column: mark.column)
            report(place, "invalid YAML: " + (isTab(at: place) ? Self.tabRule : problem))
        case .duplicatedKeysInMapping(let duplicates, let context):
            let mark = context.mark
            let keys = duplicates.map { "'\($0)'" }.joined(separator: ", ")
            report(
                Patch.Place(line: mark.line, column: mark.column),
                "the key \(keys) is given more than once; keep one")
        case .reader(let problem, _, _, _):
            report(Patch.Place(line: 1, column: 1), "invalid YAML: \(problem)")
        default: report(Patch.Place(line: 1, column: 1), "invalid YAML: \(error)")
        }
    }

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

    /// Whether a text can be a name or a key: ASCII letters, digits, '-' and '_', beginning with a letter, at
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

    /// Keys of the format before its renaming, with their present names.
    private static let formerKeys = [
        "wires": "connections", "knobs": "macros", "from": "range", "upTo": "range", "rack": "master",
        "stays": "keepMacros", "values": "keepMacros", "parts": "layers", "greeting": "onConnect",
        "farewell": "onQuit",
    ]

    /// Reports a key that is not one of `words`, with its present name, the nearest of `words`, or all of
    /// them.
    mutating func reportUnknown(_ key: Patch.Text, among words: [String], in what: String) {
        if let name = Self.formerKeys[key.text], words.contains(name) {
            let example = name == "range" ? "range: [200 Hz, 9 kHz], for example" : "'\(name)'"
            return report(key.place, "'\(key.text)' was renamed to '\(name)'; write \(example)")
        }
        let near = didYouMean(key.text, among: words)
        report(
            key.place,
            "unknown key '\(key.text)' in \(what)"
                + (near.isEmpty ? "; the keys are \(words.joined(separator: ", "))" : near))
    }
}
