/// Text functions for a terminal: escaping, measuring in columns, cutting and wrapping. [any]
///
/// Names of patches, files and devices come from outside, so control characters in them are escaped and never
/// reach the terminal.
public enum DisplayText {
    /// Escapes every control character, line breaks too, for one line of output.
    public static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return replacing(text) { scalar in
            switch scalar {
            case "\n": "\\n"
            case "\r": "\\r"
            case "\t": "\\t"
            default: scalar.value < 256 ? "\\x" + hex(scalar, 2) : "\\u{" + hex(scalar, 4) + "}"
            }
        }
    }

    /// Escapes every control character except line breaks.
    public static func escapedLines(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { isControl($0) && $0 != "\n" }) else { return text }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { escaped(String($0)) }
            .joined(separator: "\n")
    }

    /// Escapes the control characters of a JSON document as JSON escapes, except line breaks. Outside of
    /// strings they cannot occur, so the document stays valid.
    public static func escapedJSON(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { isControl($0) && $0 != "\n" }) else { return text }
        return replacing(text) { $0 == "\n" ? "\n" : "\\u" + hex($0, 4) }
    }

    private static func replacing(_ text: String, _ escape: (Unicode.Scalar) -> String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if isControl(scalar) { result += escape(scalar) } else { result.unicodeScalars.append(scalar) }
        }
        return result
    }

    private static func hex(_ scalar: Unicode.Scalar, _ digits: Int) -> String {
        let text = String(scalar.value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// True for a scalar that controls the terminal or changes the reading order: C0, DEL, C1, line and
    /// paragraph separators, and the marks, embeddings, overrides and isolates of bidirectional text.
    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0, 0x61c, 0x200e...0x200f, 0x2028...0x202e, 0x2066...0x2069: true
        default: false
        }
    }

    /// The width of a text in columns.
    public static func width(_ text: String) -> Int { text.reduce(0) { $0 + width($1) } }

    /// The width of a character in columns: 2 for East Asian wide and emoji, 0 for a lone combining mark,
    /// otherwise 1.
    public static func width(_ character: Character) -> Int {
        var width = 0
        for scalar in character.unicodeScalars {
            // Variation selector 16: the emoji form of a character that also has a text form.
            if scalar.value == 0xfe0f { return 2 }
            width = max(width, columns(scalar))
        }
        return width
    }

    private static func columns(_ scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return isControl(scalar) ? 0 : 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        // Hangul vowels and final consonants are combined with the consonant before them.
        if (0x1160...0x11ff).contains(scalar.value) { return 0 }
        return isWide(scalar) ? 2 : 1
    }

    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x1100...0x115f, 0x2329...0x232a, 0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf,
            0x4e00...0xa4cf, 0xa960...0xa97f, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f,
            0xff01...0xff60, 0xffe0...0xffe6, 0x16fe0...0x18aff, 0x1b000...0x1b2ff, 0x20000...0x3fffd:
            true
        default: scalar.properties.isEmojiPresentation
        }
    }

    /// The longest prefix of a text that fits into `columns`.
    public static func prefix(_ text: String, columns: Int) -> String {
        var used = 0
        for index in text.indices {
            used += width(text[index])
            if used > columns { return String(text[..<index]) }
        }
        return text
    }

    /// A text padded with spaces at its end to at least `columns`.
    public static func padded(_ text: String, columns: Int) -> String {
        text + String(repeating: " ", count: max(0, columns - width(text)))
    }

    /// Wraps a line between words to `columns`. The second and later lines are indented by two more spaces. A
    /// word that is longer stays whole. A line that begins with four spaces is not wrapped, because such
    /// lines are meant to be copied.
    public static func wrapped(_ line: String, columns: Int) -> [String] {
        guard columns > 8, width(line) > columns, !line.hasPrefix("    ") else { return [line] }
        let indent = String(repeating: " ", count: line.prefix { $0 == " " }.count + 2)
        var lines: [String] = [], current = "", used = 0, isFresh = true
        for word in line.split(separator: " ", omittingEmptySubsequences: false) {
            let size = width(String(word))
            if !isFresh, used + 1 + size > columns {
                lines.append(current)
                current = indent + word
                used = indent.count + size
            } else {
                current += (isFresh ? "" : " ") + word
                used += size + (isFresh ? 0 : 1)
            }
            isFresh = false
        }
        return lines + [current]
    }
}
