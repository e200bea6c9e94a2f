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

    /// Adds a control, in place of one that listens to the same or moves the same by the same words.
    ///
    /// `words` is the control without its target, as in `cc: 16`.
    public mutating func map(_ words: String, to target: String) {
        before.append(text)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        while lines.last == "" { lines.removeLast() }
        var line = "  - { \(words), to: \(target) }"
        if let same = lines.firstIndex(where: { Self.listens($0, to: words) }) {
            // What the player wrote of it counts for more than what was recognised.
            if lines[same].contains("takeover:") || lines[same].contains("encoding:") {
                line = Self.retargeted(lines[same], to: target) ?? line
            }
            // What stands behind it as a remark stays.
            let remark = lines[same].range(of: " #").map { lines[same][$0.lowerBound...] } ?? ""
            lines[same] = line + (remark.isEmpty ? "" : " " + remark.drop { $0 == " " })
        } else if let start = lines.firstIndex(where: { $0.hasPrefix("controls:") }) {
            // Where the list is empty so far, it begins here.
            if lines[start].hasPrefix("controls: []") { lines[start] = "controls:" }
            var end = start + 1
            var last = start
            while end < lines.count, lines[end].first.map({ $0 == " " || $0 == "-" || $0 == "#" }) ?? true {
                if lines[end].drop(while: { $0 == " " }).first == "-" { last = end }
                end += 1
            }
            lines.insert(line, at: last + 1)
        } else {
            lines += ["controls:", line]
        }
        text = lines.joined(separator: "\n") + "\n"
    }

    /// Takes the last addition back. False where there is none.
    public mutating func undo() -> Bool {
        guard let last = before.popLast() else { return false }
        text = last
        return true
    }

    /// A line with another target, all else as it was.
    private static func retargeted(_ line: String, to target: String) -> String? {
        guard let start = line.range(of: "to: "), let close = line.firstIndex(of: "}") else { return nil }
        let rest = line[start.upperBound..<close]
        let end = rest.firstIndex(of: ",") ?? close
        let tail = line[end...close]
        return line[..<start.upperBound] + target + (end == close ? " }" : String(tail))
    }

    /// Whether a line is a control that listens to the same.
    private static func listens(_ line: String, to words: String) -> Bool {
        let body = line.drop { $0 == " " }
        guard body.hasPrefix("- {") else { return false }
        let input = words.split(separator: "]").first.map { words.contains("[") ? $0 + "]" : $0 } ?? ""
        let first = words.contains("[") ? String(input) : String(words.split(separator: ",").first ?? "")
        let rest = body.dropFirst(3).drop { $0 == " " }
        guard rest.hasPrefix(first) else { return false }
        let next = rest.dropFirst(first.count).first
        return next == "," || next == " " || next == "}"
    }
}
