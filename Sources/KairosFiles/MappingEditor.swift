import Foundation
import KairosControl

/// Adds lines to a mapping's text and takes them back, and leaves everything else as the player wrote it.
public struct MappingEditor: Sendable {
    /// The text as it is now.
    public private(set) var text: String
    private var before: [String] = []

    /// Over a mapping's text; empty for a new one.
    public init(_ text: String) { self.text = text }

    /// A new mapping for a device.
    public init(device: String) {
        text = "kairos: mapping/1\ndevice: \(PatchFile.quoted(device))\ncontrols:\n"
    }

    /// Adds a control, in place of one that listens to the same.
    ///
    /// `words` is the control without its target, as in `cc: 16`. Throws ``Diagnostics``, and changes nothing, where
    /// the list is written in a form that no line can be added to.
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
                "a line for every control was expected, as in '- { cc: 16, to: macro 1 }'; nothing was added")
        }
        before.append(old)
    }

    /// Takes the last addition back. False where there is none.
    public mutating func undo() -> Bool {
        guard let last = before.popLast() else { return false }
        text = last
        return true
    }

    // MARK: lines

    /// One control as it is written: its lines, and how far they are from the left.
    private struct Item {
        var lines: Range<Int>
        var indent: Int
    }

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
        // Where the list is empty so far, it begins here.
        if lines[start].hasPrefix("controls: []") { lines[start] = "controls:" }
        let indent = String(repeating: " ", count: items.last?.indent ?? 2)
        lines.insert("\(indent)- { \(words), to: \(target) }", at: items.last?.lines.upperBound ?? start + 1)
    }

    /// What the player wrote of a control counts for more than what was recognised, and remarks stay.
    private func replace(_ lines: inout [String], _ item: Item, _ words: String, _ target: String) {
        let keys = Self.keys(lines[item.lines])
        let isTold = keys.contains { $0.hasPrefix("takeover:") || $0.hasPrefix("encoding:") }
        if isTold || item.lines.count > 1 {
            for index in item.lines {
                guard let range = Self.target(in: lines[index]) else { continue }
                return lines[index].replaceSubrange(range, with: target)
            }
        }
        let first = lines[item.lines.lowerBound]
        let indent = String(repeating: " ", count: item.indent)
        let remark = first.range(of: " #").map { " " + first[$0.lowerBound...].drop { $0 == " " } } ?? ""
        lines.replaceSubrange(item.lines, with: ["\(indent)- { \(words), to: \(target) }\(remark)"])
    }

    /// The controls behind the line `controls:`; blank lines and remarks between them belong to none.
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

    /// `word: value` of a control, however it is written.
    private static func keys(_ lines: ArraySlice<String>) -> [String] {
        lines.flatMap { line -> [String] in
            var body = line.drop { $0 == " " || $0 == "-" }
            if let remark = body.range(of: " #") { body = body[..<remark.lowerBound] }
            if body.first == "#" { return [] }
            return parts(String(body.drop { $0 == "{" || $0 == " " }.prefix { $0 != "}" }))
        }
    }

    /// What commas part, but for those within brackets.
    private static func parts(_ text: String) -> [String] {
        var depth = 0
        let parts = text.split { letter in
            if letter == "[" { depth += 1 } else if letter == "]" { depth -= 1 }
            return letter == "," && depth == 0
        }
        return parts.map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// Where a line has the value of its `to:`.
    private static func target(in line: String) -> Range<String.Index>? {
        guard let key = line.range(of: #"(^|[\s{,])to:\s+"#, options: .regularExpression) else { return nil }
        let rest = line[key.upperBound...]
        if let quote = rest.first, quote == "\"" || quote == "'" {
            guard let end = rest.dropFirst().firstIndex(of: quote) else { return nil }
            return key.upperBound..<line.index(after: end)
        }
        var end = rest.firstIndex { $0 == "," || $0 == "}" } ?? line.endIndex
        if let remark = rest.range(of: " #")?.lowerBound, remark < end { end = remark }
        while end > key.upperBound, line[line.index(before: end)] == " " { end = line.index(before: end) }
        return key.upperBound..<end
    }

    /// A target as YAML has it, in quotes where it needs them.
    private static func plain(_ target: String) -> String {
        let words = target.filter { $0 != "/" }
        return PatchFile.quoted(words) == words ? target : PatchFile.quoted(target)
    }
}
