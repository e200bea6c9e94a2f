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

    /// True if there is a tab at a place or in the indentation of its line.
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

    /// Reports a key that is not one of `words`, with its present name, the nearest of `words`, or all of
    /// them.
    mutating func reportUnknown(_ key: Patch.Text, among words: [String], in what: String) {
        if let message = FormerName.message(key: key.text, among: words) {
            return report(key.place, message)
        }
        let near = didYouMean(key.text, among: words)
        report(
            key.place,
            "unknown key '\(key.text)' in \(what)"
                + (near.isEmpty ? "; the keys are \(words.joined(separator: ", "))" : near))
    }
}
