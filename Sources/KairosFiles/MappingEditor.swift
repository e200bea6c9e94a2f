import Foundation
import KairosControl
public import KairosPatch

/// Edits the text of a mapping file: adds controls and undoes additions. The rest of the text, comments
/// included, stays as the player wrote it.
public struct MappingEditor: Sendable {
    /// The present text of the file.
    public private(set) var text: String
    /// The text before each addition, for ``undo()``.
    private var history: [String] = []

    /// An editor of the text of a mapping file.
    public init(_ text: String) { self.text = text }

    /// An editor of a new mapping for a device, without controls.
    public init(device: String) {
        text = "kairos: mapping/1\ndevice: \(PatchFile.quoted(device))\ncontrols:\n"
    }

    /// Adds a control, or replaces the one with the same input.
    ///
    /// `words` are the keys of the control except `to`, as in `cc: 16`. Throws ``Diagnostics``, and changes
    /// nothing, if the `controls` list is written in a form that cannot be extended by a line.
    public mutating func map(_ words: String, to target: String) throws(Diagnostics) {
        let old = text
        let end = text.contains("\r\n") ? "\r\n" : "\n"
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
        while lines.last == "" { lines.removeLast() }
        edit(&lines, words, Self.plain(target))
        text = lines.joined(separator: end) + end
        do throws(Diagnostics) { _ = try MappingFile.parse(text, file: "") } catch {
            text = old
            throw Diagnostics(
                "controls",
                "the list cannot be extended, nothing was added; write one "
                    + "line per control, as in '- { cc: 16, to: macro 1 }'"
            )
        }
        history.append(old)
    }

    /// Undoes the last addition. Returns false if there is none.
    public mutating func undo() -> Bool {
        guard let last = history.popLast() else { return false }
        text = last
        return true
    }

    // MARK: Lines

    /// A control in the text: the indices of its lines, and its indentation in spaces.
    private struct Item {
        var lines: Range<Int>
        var indent: Int
    }

    /// Adds or replaces a control in the lines of the file.
    private func edit(_ lines: inout [String], _ words: String, _ target: String) {
        guard let start = lines.firstIndex(where: { $0.hasPrefix("controls:") }) else {
            lines += ["controls:", "  - { \(words), to: \(target) }"]
            return
        }
        let items = Self.items(lines, after: start)
        let input = Self.parts(words).first ?? words
        if let same = items.first(where: { Self.keys(lines[$0.lines]).contains(input) }) {
            return replace(&lines, same, words, target)
        }
        // An empty list in flow style becomes a list in block style.
        if lines[start].hasPrefix("controls: []") { lines[start] = "controls:" }
        let indent = String(repeating: " ", count: items.last?.indent ?? 2)
        lines.insert("\(indent)- { \(words), to: \(target) }", at: items.last?.lines.upperBound ?? start + 1)
    }

    /// Replaces a control and keeps its comment. If the player has written `takeover` or `encoding`, or
    /// several lines, only the target is replaced: these settings take precedence over those that
    /// MIDI learn has detected.
    private func replace(_ lines: inout [String], _ item: Item, _ words: String, _ target: String) {
        let keys = Self.keys(lines[item.lines])
        let hasOwnSettings = keys.contains { $0.hasPrefix("takeover:") || $0.hasPrefix("encoding:") }
        if hasOwnSettings || item.lines.count > 1 {
            for index in item.lines {
                guard let range = Self.target(in: lines[index]) else { continue }
                return lines[index].replaceSubrange(range, with: target)
            }
        }
        let first = lines[item.lines.lowerBound]
        let indent = String(repeating: " ", count: item.indent)
        let comment = first.range(of: " #").map { " " + first[$0.lowerBound...].drop { $0 == " " } } ?? ""
        lines.replaceSubrange(item.lines, with: ["\(indent)- { \(words), to: \(target) }\(comment)"])
    }

    /// The controls that follow the line `controls:`. Blank lines and comments between controls belong to
    /// none.
    private static func items(_ lines: [String], after start: Int) -> [Item] {
        var items: [Item] = []
        for index in start + 1..<max(start + 1, lines.count) {
            let indent = lines[index].prefix { $0 == " " }.count, body = lines[index].dropFirst(indent)
            if body.isEmpty || body.first == "#" { continue }
            if body.first == "-", indent == items.first?.indent ?? indent {
                items.append(Item(lines: index..<index + 1, indent: indent))
            } else if let last = items.last, indent > last.indent {
                items[items.count - 1].lines = last.lines.lowerBound..<index + 1
            } else {
                break
            }
        }
        return items
    }

    /// The `key: value` pairs of a control, in flow or block style.
    private static func keys(_ lines: ArraySlice<String>) -> [String] {
        lines.flatMap { line -> [String] in
            var body = line.drop { $0 == " " || $0 == "-" }
            if let comment = body.range(of: " #") { body = body[..<comment.lowerBound] }
            if body.first == "#" { return [] }
            return parts(String(body.drop { $0 == "{" || $0 == " " }.prefix { $0 != "}" }))
        }
    }

    /// The parts of a text between commas, trimmed. Commas within brackets do not separate.
    private static func parts(_ text: String) -> [String] {
        var depth = 0
        let parts = text.split { letter in
            if letter == "[" { depth += 1 } else if letter == "]" { depth -= 1 }
            return letter == "," && depth == 0
        }
        return parts.map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// The range of the value of `to:` in a line, with its quotes; nil if the line has none.
    private static func target(in line: String) -> Range<String.Index>? {
        guard let key = line.range(of: #"(^|[\s{,])to:\s+"#, options: .regularExpression) else { return nil }
        let rest = line[key.upperBound...]
        if let quote = rest.first, quote == "\"" || quote == "'" {
            guard let end = rest.dropFirst().firstIndex(of: quote) else { return nil }
            return key.upperBound..<line.index(after: end)
        }
        var end = rest.firstIndex { $0 == "," || $0 == "}" } ?? line.endIndex
        if let comment = rest.range(of: " #")?.lowerBound, comment < end { end = comment }
        while end > key.upperBound, line[line.index(before: end)] == " " { end = line.index(before: end) }
        return key.upperBound..<end
    }

    /// A target as YAML text, quoted if necessary.
    private static func plain(_ target: String) -> String {
        let words = target.filter { $0 != "/" }
        return PatchFile.quoted(words) == words ? target : PatchFile.quoted(target)
    }
}
