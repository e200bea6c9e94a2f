import KairosControl
import Testing

/// What is learned, drawn: one column is one message of each row. A digit is where a control is, in tenths (a is the end);
/// `+` and `-` are an encoder's steps in two's complement; `#` and `_` are a key or button that goes down and up.
/// `learned` has each row's own letter where it is recognised. Each says what it fails on.
@Suite struct LearnTimelines {
    /// What `learned` should have been, where it was not as drawn. A row is called after what it sends and its letter:
    /// `cc 21 k`.
    private func draw(_ drawing: String, _ wish: Learner.Wish = .movement) -> String? {
        var learner = Learner(wish), rows: [(words: [String], cells: [Character])] = [], expected = ""
        for line in drawing.split(separator: "\n") {
            let halves = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            if line.hasPrefix("learned") {
                expected = halves[1]
            } else {
                rows.append((halves[0].split(separator: " ").map(String.init), Array(halves[1])))
            }
        }
        var learned = ""
        for column in 0..<expected.count {
            var letter = " "
            for row in rows where column < row.cells.count {
                guard let event = event(row.words, row.cells[column]), let found = learner.take(event) else {
                    continue
                }
                let all = rows.first {
                    $0.words.count > 2 && found.words.hasPrefix("\($0.words[0]): \($0.words[1])")
                }
                letter = all?.words[2] ?? "?"
                if case .controlPair = found.input { letter = "p" }
                learner = Learner(wish)
            }
            learned += letter
        }
        return learned == expected ? nil : "learned |\(learned)|"
    }

    private func event(_ words: [String], _ cell: Character) -> Event? {
        guard cell != " " else { return nil }
        let number = words.count > 1 ? UInt32(words[1]) ?? 0 : 0
        if words[0] == "clock" { return Event(.clock) }
        if words[0] == "note" {
            return Event(cell == "#" ? .noteOn : .noteOff, number: number, position: Position.scaled(100))
        }
        let value: UInt8
        switch cell {
        case "+": value = 1
        case "-": value = 127
        case "#", "a": value = 127
        case "_": value = 0
        default: value = UInt8((Float(cell.wholeNumberValue ?? 0) * 12.8).rounded())
        }
        return Event(.control, number: number, position: Position.scaled(value))
    }

    /// Fails where the first message wins (AetherSDR 2421): what a hand touches on its way is mapped.
    @Test func `a touch note, the clock, a bank and a mode message are no control`() {
        #expect(
            draw(
                """
                note 104 n  |#             _ |
                clock       |^^^^^^^^^^^^^^^^|
                cc 0 b      | 12345          |
                cc 32 b     | 12345          |
                cc 123 m    |  #             |
                cc 98 x     |  1234567       |
                cc 70 k     |    123456789a  |
                learned     |       k   k    |
                """) == nil)
    }

    /// Fails where a control that trembles beside the one that is turned is taken for it.
    @Test func `what trembles is not turned`() {
        #expect(
            draw(
                """
                cc 70 t     |5454545454545454|
                cc 71 k     |      4567      |
                learned     |         k      |
                """) == nil)
    }

    /// Fails where steps are taken for places: the parameter jumps between its ends.
    @Test func `an encoder, turned there and back`() {
        #expect(
            draw(
                """
                cc 70 e     |++++++----++++--|
                learned     |      e   e   e |
                """) == nil)
    }

    /// Fails where the coarse half alone is learned: 128 places instead of 16 384.
    @Test func `coarse and fine are one`() {
        #expect(
            draw(
                """
                cc 20 c     |123456          |
                cc 52 f     |482936          |
                learned     |   p            |
                """) == nil)
    }

    /// Fails where a button is learned when it is down: its going up is learned as the next one.
    @Test func `a button counts when it is up again, and a key only where one is looked for`() {
        #expect(
            draw(
                """
                cc 41 u     | #_   #_        |
                note 36 n   |   #_     #_    |
                learned     |  u n  u   n    |
                """, .press) == nil)
        #expect(
            draw(
                """
                note 36 n   |#_#_#_          |
                cc 41 u     |       #_#_     |
                learned     |          u     |
                """) == nil)
    }

    /// Fails where learning stops after the first, or where what is learned stays in the way of the next.
    @Test func `one after the other, until it is told to stop`() {
        #expect(
            draw(
                """
                cc 70 a     |1234            |
                cc 71 b     |    5678        |
                cc 72 c     |        8765    |
                learned     |   a   b   c    |
                """) == nil)
    }
}
