import KairosTerminal
import Testing

/// The decoding of a terminal's bytes to keys.
struct KeyTests {
    private func keys(_ bytes: some Sequence<UInt8>) -> [Key] {
        var decoder = KeyDecoder()
        return bytes.compactMap { decoder.decode($0) }
    }

    private func keys(_ text: String) -> [Key] { keys(text.utf8) }

    @Test func `a letter, an umlaut and a wide character are one key each`() {
        #expect(keys("aä大👍") == [.character("a"), .character("ä"), .character("大"), .character("👍")])
        #expect(
            keys("\r\n\u{7f}\u{8}\u{3}\u{4}") == [
                .enter, .enter, .backspace, .backspace, .interrupt, .endOfInput,
            ])
    }

    @Test func `arrows, function keys, Alt and the terminal's answers are ignored`() {
        for sequence in [
            "[A", "[1;5D", "OA", "OP", "[15~", "[[A", "a", "[?1;2c", "]11;rgb:00/00/00\u{7}",
            "]0;aaa\u{1b}\\", "P1$r\u{1b}\\",
            "[<0;10;10M", "[I",
        ] { #expect(keys("\u{1b}" + sequence + "x") == [.character("x")], "\(sequence)") }
        // C1 controls, as UTF-8.
        #expect(keys("\u{9b}\u{85}x") == [.character("x")])
    }

    @Test func `Escape alone is a key once nothing follows`() {
        var decoder = KeyDecoder()
        #expect(decoder.decode(0x1b) == nil)
        #expect(decoder.flush() == .escape)
        #expect(decoder.flush() == nil)
        #expect(decoder.decode(UInt8(ascii: "a")) == .character("a"))
    }

    @Test func `a paste is one key, whatever it contains`() {
        let text = "qawsed\r\u{1b}[A\u{1b}[20大!"
        #expect(keys("z\u{1b}[200~\(text)\u{1b}[201~x") == [.character("z"), .paste(text), .character("x")])
        let long = String(repeating: "a", count: 100_000)
        guard case .paste(let kept)? = keys("\u{1b}[200~\(long)\u{1b}[201~").first else {
            Issue.record("no paste")
            return
        }
        #expect(kept.count <= 4200)
    }

    @Test func `invalid UTF-8 is ignored`() {
        #expect(
            keys([0xff, 0xc3, 0x61, 0xe5, 0xa4, 0x62, 0x80, 0xf5, 0xed, 0xa0, 0x80]) == [
                .character("a"), .character("b"),
            ])
        var random = SystemRandomNumberGenerator(), decoder = KeyDecoder()
        for _ in 0..<200_000 { _ = decoder.decode(UInt8.random(in: 0...255, using: &random)) }
    }
}
