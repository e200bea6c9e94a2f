import Glibc
import KairosTerminal
import Testing

@_silgen_name("wcwidth") private func wcwidth(_ character: Int32) -> Int32

/// Escaping, width and wrapping of text for a terminal.
struct DisplayTextTests {
    @Test func `every scalar that controls a terminal is escaped`() {
        let steering: [ClosedRange<UInt32>] = [
            0...0x1f, 0x7f...0x9f, 0x61c...0x61c, 0x200e...0x200f, 0x2028...0x202e, 0x2066...0x2069,
        ]
        for value in UInt32(0)...0x10ffff {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = "a\(Character(scalar))b"
            let shown = DisplayText.escaped(text)
            #expect((shown != text) == steering.contains { $0.contains(value) }, "\(value)")
            guard shown != text else { continue }
            #expect(shown.utf8.allSatisfy { (0x20..<0x7f).contains($0) }, "\(shown)")
        }
    }

    @Test func `an escape shows the original character`() {
        #expect(DisplayText.escaped("a\u{1b}]0;x\u{7}") == "a\\x1b]0;x\\x07")
        #expect(DisplayText.escaped("a\r\nb\tc") == "a\\r\\nb\\tc")
        #expect(DisplayText.escaped("\u{9b}2J\u{202e}") == "\\x9b2J\\u{202e}")
        #expect(DisplayText.escapedLines("a\u{1b}\nb\n") == "a\\x1b\nb\n")
        #expect(DisplayText.escapedJSON("\"\u{9b}\u{2028}é\"\n") == "\"\\u009b\\u2028é\"\n")
        #expect(DisplayText.escaped("Höhenzug 大 👩‍🎤") == "Höhenzug 大 👩‍🎤")
    }

    /// Compares with the C library's table for single code points.
    @Test func `widths are equal to those of the C library`() {
        guard let locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil) else {
            Issue.record("there is no locale C.UTF-8")
            return
        }
        let former = uselocale(locale)
        defer {
            uselocale(former)
            freelocale(locale)
        }
        // Letters, marks, Hangul, Han and full width. The C library may differ for emoji and newer
        // characters.
        let ranges: [ClosedRange<UInt32>] = [
            0x20...0x7e, 0xa0...0xac, 0xae...0x5ff, 0x900...0x97f, 0xe00...0xe7f, 0x1100...0x11ff,
            0x2010...0x2027,
            0x2500...0x259f, 0x3041...0x3096, 0x30a0...0x30ff, 0x4e00...0x9fff, 0xac00...0xd7a3,
            0xff01...0xffe6,
            0x1f300...0x1f320, 0x20000...0x2a6d6,
        ]
        for value in ranges.joined() {
            guard let scalar = Unicode.Scalar(value), scalar.properties.generalCategory != .unassigned,
                scalar.properties.generalCategory != .format
            else { continue }
            let ours = DisplayText.width(Character(scalar)), theirs = Int(wcwidth(Int32(bitPattern: value)))
            if theirs >= 0 { #expect(ours == theirs, "\(String(value, radix: 16))") }
        }
    }

    @Test func `the width of a character is its visible width`() {
        for (text, width) in [
            ("é", 1), ("e\u{301}", 1), ("大", 2), ("👩‍🎤", 2), ("❤️", 2), ("한", 2), ("한", 2), ("abc", 3), ("", 0),
        ] { #expect(DisplayText.width(text) == width, "\(text)") }
        #expect(DisplayText.prefix("大小a", columns: 3) == "大")
        #expect(DisplayText.prefix("大小a", columns: 4) == "大小")
        #expect(DisplayText.padded("大", columns: 4) == "大  ")
    }

    @Test func `lines are wrapped between words without loss`() {
        let text =
            "connected: Launchkey MK3 大大大大大 with the mapping launchkey, and a-very-long-word-that-stays-whole"
        for columns in 9...120 {
            let lines = DisplayText.wrapped(text, columns: columns)
            #expect(lines.map { $0.trimmingPrefix { $0 == " " } }.joined(separator: " ") == text)
            for line in lines where line.trimmingPrefix(while: { $0 == " " }).contains(" ") {
                #expect(DisplayText.width(line) <= columns, "\(line)")
            }
            #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("  ") })
        }
        let command = "    echo a b c d e f g h i j k l m n o p"
        #expect(DisplayText.wrapped(command, columns: 20) == [command])
    }
}
