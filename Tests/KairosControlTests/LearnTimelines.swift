import KairosControl
import KairosTestSupport
import Testing

/// Tests of MIDI learn as drawings: a column is one message of each row. A digit is the value of a control in
/// tenths (a is the maximum); `+` and `-` are an encoder's steps in two's complement; `#` and `_` are a key
/// or button that goes down and up. The row `learned` has the letter of a row where its control is
/// recognised.
@Suite struct LearnTimelines {
    /// Plays a drawing. Returns the actual row `learned` where it differs from the drawn one, otherwise nil.
    /// A row begins with its message and its letter: `cc 21 k`.
    private func draw(_ drawing: String, _ gesture: Learner.Gesture = .movement) -> String? {
        var learner = Learner(gesture), rows: [(words: [String], cells: [Character])] = [], expected = ""
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
                guard let event = event(row.words, row.cells[column]), let found = learner.receive(event)
                else {
                    continue
                }
                let all = rows.first {
                    $0.words.count > 2 && found.mappingText.hasPrefix("\($0.words[0]): \($0.words[1])")
                }
                letter = all?.words[2] ?? "?"
                if case .controlPair = found.input { letter = "p" }
                learner = Learner(gesture)
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
            return Event(
                cell == "#" ? .noteOn : .noteOff, number: number, normalized: NormalizedValue.scaled(100))
        }
        let value: UInt8
        switch cell {
        case "+": value = 1
        case "-": value = 127
        case "#", "a": value = 127
        case "_": value = 0
        default: value = UInt8((Float(cell.wholeNumberValue ?? 0) * 12.8).rounded())
        }
        return Event(.control, number: number, normalized: NormalizedValue.scaled(value))
    }

    /// Fails where the first message wins (AetherSDR 2421): any control touched in passing is mapped.
    @Test func `a touch note, the clock, bank select and mode messages are not controls`() {
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

    /// Fails where a control with a noisy value is learned instead of the one that is turned.
    @Test func `a noisy control is not learned`() {
        #expect(
            draw(
                """
                cc 70 t     |5454545454545454|
                cc 71 k     |      4567      |
                learned     |         k      |
                """) == nil)
    }

    /// Fails where steps are taken for absolute values: the parameter jumps between its ends.
    @Test func `an encoder turned both ways`() {
        #expect(
            draw(
                """
                cc 70 e     |++++++----++++--|
                learned     |      e   e   e |
                """) == nil)
    }

    /// Fails where only the coarse controller is learned: 128 values instead of 16 384.
    @Test func `a coarse and a fine controller are one control`() {
        #expect(
            draw(
                """
                cc 20 c     |123456          |
                cc 52 f     |482936          |
                learned     |   p            |
                """) == nil)
    }

    /// Fails where a button is learned when it goes down: its release is learned as the next control.
    @Test func `a button is learned on release, and a key only where a press is expected`() {
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

    /// Fails where learning stops after the first control, or where a learned control hides the next.
    @Test func `several controls are learned in sequence`() {
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
