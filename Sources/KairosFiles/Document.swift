import KairosControl
import KairosDSP
import KairosEngine
import Yams

/// A YAML text with its places, and everything found wrong with it so far.
///
/// Yams parses; this only asks for the shapes a Kairos file has, and refuses the rest with a place.
struct Document {
    let file: String
    let version: String
    private(set) var diagnostics: [Diagnostic] = []
    /// The text's lines, for messages about what YAML refuses.
    private var lines: [Substring] = []
    private static let tabRule = "YAML takes no tab character here; indent with spaces"

    init(file: String, version: String) {
        self.file = file
        self.version = version
    }

    mutating func fault(_ node: Node, _ message: String) { fault(place(node), message) }

    mutating func fault(_ place: Patch.Place, _ message: String) {
        diagnostics.append(Diagnostic(file: file, line: place.line, column: place.column, message: message))
    }

    func place(_ node: Node) -> Patch.Place {
        node.mark.map { Patch.Place(line: $0.line, column: $0.column) } ?? Patch.Place()
    }

    /// The root mapping, when the text is one YAML document that begins with the right version.
    mutating func open(_ text: String) -> [(key: Node, value: Node)]? {
        if let depth = nesting(text), depth.count > 64 {
            fault(
                Patch.Place(line: depth.line, column: 1),
                "this is nested more than 64 deep; a Kairos file needs three")
            return nil
        }
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        defer { lines = [] }
        let root: Node
        do {
            let parser = try Parser(yaml: text)
            guard let node = try parser.singleRoot() else {
                fault(
                    Patch.Place(line: 1, column: 1),
                    "there is nothing here; the first line should be 'kairos: \(version)'")
                return nil
            }
            // A node knows its anchor only as long as the parser lives.
            if let anchored = withExtendedLifetime(parser, { anchor(in: node) }) {
                fault(anchored, "an anchor ('&name') has no meaning here; write the value where it belongs")
                return nil
            }
            root = node
        } catch let error as YamlError {
            fault(error)
            return nil
        } catch {
            fault(Patch.Place(line: 1, column: 1), "\(error)")
            return nil
        }
        guard case .mapping(let mapping) = root else {
            fault(
                root, "a file of lines 'word: value' was expected; the first should be 'kairos: \(version)'")
            return nil
        }
        let pairs = mapping.map { (key: $0.key, value: $0.value) }
        guard let first = pairs.first, first.key.string == "kairos" else {
            fault(root, "the first line should be 'kairos: \(version)'")
            return nil
        }
        guard first.value.string == version else {
            let read = first.value.string.map { "'\($0)'" } ?? "no text"
            fault(first.value, "this is \(read), and '\(version)' was expected")
            return nil
        }
        return Array(pairs.dropFirst())
    }

    /// The first node with an anchor. What an alias stands for has one, so none is walked twice.
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

    private func nesting(_ text: String) -> (count: Int, line: Int)? {
        var depth = 0, deepest = 0, line = 1, at = 1
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            case UInt8(ascii: "\n"): line += 1
            default: break
            }
            if depth > deepest { (deepest, at) = (depth, line) }
        }
        return (deepest, at)
    }

    /// Whether a tab stands at a place, or in the white space before it.
    private func isTab(at place: Patch.Place) -> Bool {
        guard lines.indices.contains(place.line - 1) else { return false }
        let line = lines[place.line - 1]
        return line.prefix(while: { $0 == " " || $0 == "\t" }).contains("\t")
            || line.dropFirst(place.column - 1).first == "\t"
    }

    private mutating func fault(_ error: YamlError) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            let place = Patch.Place(line: mark.line, column: mark.column)
            fault(place, "this is no YAML: " + (isTab(at: place) ? Self.tabRule : problem))
        case .duplicatedKeysInMapping(let duplicates, let context):
            let mark = context.mark
            let words = duplicates.map { "'\($0)'" }.joined(separator: ", ")
            fault(
                Patch.Place(line: mark.line, column: mark.column),
                "the word \(words) stands here more than once")
        case .reader(let problem, _, _, _):
            fault(Patch.Place(line: 1, column: 1), "this is no YAML: \(problem)")
        default: fault(Patch.Place(line: 1, column: 1), "this is no YAML: \(error)")
        }
    }

    /// A single value as it is written. Words that other YAML readers take for another type, as `On`, `1e3` or `012`,
    /// are texts here, because every value's type is known from its key. Only `null` and `~` are no value.
    mutating func text(_ node: Node, _ what: String) -> Patch.Text? {
        guard case .scalar(let scalar) = node else {
            fault(
                node, "\(what) should be one value, and this is a \(node.mapping == nil ? "list" : "mapping")"
            )
            return nil
        }
        if scalar.style == .plain {
            if scalar.string.isEmpty {
                fault(node, "\(what) has no value")
                return nil
            }
            if ["~", "null", "Null", "NULL"].contains(scalar.string) {
                fault(
                    node,
                    "\(what) has no value: \(scalar.string) is none in YAML; write \"\(scalar.string)\" in quotes if it is the text"
                )
                return nil
            }
        }
        return Patch.Text(scalar.string, place(node))
    }

    /// A key, which must be a word.
    mutating func key(_ node: Node) -> Patch.Text? {
        guard let text = text(node, "a key") else { return nil }
        guard isWord(text.text) else {
            fault(node, noWord(text.text))
            return nil
        }
        return text
    }

    private func noWord(_ text: String) -> String {
        let shown = String(text.prefix(80))
        if let odd = text.unicodeScalars.first(where: { $0.properties.isWhitespace && $0 != " " }) {
            let code = String(odd.value, radix: 16, uppercase: true)
            let name = odd == "\t" ? "a tab character" : "a space that is no ordinary one (U+\(code))"
            return "'\(shown)' has \(name); write an ordinary space"
        }
        let rule = "'\(shown)' is no word: letters, digits and '-', beginning with a letter"
        if let colon = text.firstIndex(of: ":"), isWord(String(text[..<colon])) {
            return rule + "; is a space missing after ':'?"
        }
        return text.contains("{") ? rule + "; is a ':' missing?" : rule
    }

    func isWord(_ text: String) -> Bool {
        guard let first = text.first, first.isASCII, first.isLetter, text.utf8.count <= 64 else {
            return false
        }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
    }

    /// The pairs of a mapping whose keys are words.
    mutating func pairs(_ node: Node, _ what: String) -> [(key: Patch.Text, value: Node)] {
        guard case .mapping(let mapping) = node else {
            fault(node, "\(what) should be a mapping of lines 'word: value'")
            return []
        }
        var result: [(key: Patch.Text, value: Node)] = []
        var before: Node?
        for pair in mapping {
            if let number = before.flatMap({ commaNumber($0, pair) }) {
                // `{ cutoff: 1,2 kHz }` is the pair `cutoff: 1` and the key `2 kHz`.
                result.removeLast()
                fault(number.node, "'\(number.text)' has a decimal comma; write '\(number.right)'")
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

    /// The number with a decimal comma that a value and the pair after it are, or nil.
    private func commaNumber(
        _ value: Node, _ next: (key: Node, value: Node)
    ) -> (node: Node, text: String, right: String)? {
        guard let whole = value.scalar?.string, !whole.isEmpty,
            whole.allSatisfy({ "+-0123456789".contains($0) }), let rest = next.key.scalar?.string,
            let first = rest.first, first.isASCII, first.isNumber, next.value.scalar?.string.isEmpty == true
        else { return nil }
        return (value, "\(whole),\(rest)", "\(whole).\(rest)")
    }

    mutating func list(_ node: Node, _ what: String) -> [Node] {
        guard case .sequence(let sequence) = node else {
            fault(node, "\(what) should be a list of lines that begin with '-'")
            return []
        }
        return Array(sequence)
    }

    /// Two values, `[200 Hz, 9 kHz]`.
    mutating func range(_ node: Node) -> TypedRange<Patch.Text>? {
        guard case .sequence(let ends) = node, ends.count == 2 else {
            fault(node, "range should be two values: range: [200 Hz, 9 kHz], for example")
            return nil
        }
        guard let first = text(ends[0], "range"), let last = text(ends[1], "range") else { return nil }
        return TypedRange(first, last)
    }

    /// One of a type's words.
    mutating func word<T: RawRepresentable & CaseIterable>(_ node: Node, _ what: String) -> T?
    where T.RawValue == String {
        guard let text = text(node, what) else { return nil }
        if let value = T(rawValue: text.text) { return value }
        let all = T.allCases.map(\.rawValue)
        fault(node, "\(what) is \(all.joined(separator: ", ")), and this is '\(text.text)'")
        return nil
    }

    mutating func flag(_ node: Node, _ what: String) -> Bool? {
        guard let text = text(node, what) else { return nil }
        if text.text == "true" || text.text == "false" { return text.text == "true" }
        fault(node, "\(what) is true or false, and this is '\(text.text)'")
        return nil
    }

    mutating func integer(_ node: Node, _ what: String, _ range: ClosedRange<Int>) -> Int? {
        guard let text = text(node, what) else { return nil }
        guard let value = Int(text.text), range.contains(value) else {
            let rule = "\(what) should be a whole number from \(range.lowerBound) to \(range.upperBound)"
            let meant = Self.whole(text.text).flatMap { range.contains($0) ? "; write \($0)" : nil } ?? ""
            fault(node, "\(rule), and this is '\(text.text.prefix(80))'\(meant)")
            return nil
        }
        return value
    }

    /// The whole number that another spelling means, as `3.0`, `0x10`, `1e2`, `−12` or `12 st`, or nil.
    private static func whole(_ text: String) -> Int? {
        if text.hasPrefix("0x") { return Int(text.dropFirst(2), radix: 16) }
        let plain = String(text.map { "\u{2212}\u{2013}\u{2012}".contains($0) ? "-" : $0 })
        let number = plain.split(separator: " ").first.map(String.init) ?? plain
        guard let value = Double(number), value == value.rounded(), value.magnitude < 1e9 else { return nil }
        return Int(value)
    }

    mutating func number(_ node: Node, _ what: String, _ unit: ParamUnit, _ range: ClosedRange<Float>)
        -> Float?
    {
        guard let text = text(node, what) else { return nil }
        do {
            let value = try ParamSpec.number(text.text, unit: unit, range: range)
            if range.contains(value) { return value }
            fault(
                node,
                "\(what): '\(text.text)' is outside \(range.lowerBound) … \(range.upperBound) (\(unit.rawValue))"
            )
        } catch { fault(node, "\(what): \(error)") }
        return nil
    }

    /// Keys that had another name in an earlier version, and their names now.
    private static let formerKeys = [
        "wires": "connections", "knobs": "macros", "from": "range", "upTo": "range", "rack": "master",
        "stays": "keepMacros", "values": "keepMacros", "parts": "layers", "greeting": "onConnect",
        "farewell": "onQuit",
    ]

    /// Reports a key that is none of `words`.
    mutating func unknown(_ key: Patch.Text, among words: [String], in what: String) {
        if let name = Self.formerKeys[key.text], words.contains(name) {
            let example = name == "range" ? "range: [200 Hz, 9 kHz], for example" : "'\(name)'"
            return fault(key.place, "'\(key.text)' is called '\(name)' now; write \(example)")
        }
        let near = didYouMean(key.text, among: words)
        fault(
            key.place,
            "\(what) has no '\(key.text)'"
                + (near.isEmpty ? " (it has \(words.joined(separator: ", ")))" : near))
    }
}
