import KairosControl
import Testing

/// Tests of controller feedback as drawings: one letter is 10 ms. `target` is the parameter's value and
/// `hand` the control's (a dot: unknown), each in tenths; the result has the sent values in tenths, and a
/// blank where nothing is sent.
@Suite struct FeedbackTests {
    private func sent(target: String, hand: String, forget: Int? = nil) -> String {
        var feedback = Feedback(count: 1)
        var row = ""
        for (index, (target, hand)) in zip(target, hand).enumerated() {
            func value(_ letter: Character) -> Float? {
                letter.wholeNumberValue.map { Float($0) / 10 }
            }
            if forget == index { feedback.forget(0) }
            let due = feedback.due(
                [Feedback.State(target: value(target), control: value(hand))],
                now: 1_000_000_000 + UInt64(index) * 10_000_000
            ) { _ in true }
            row += due.first.map { String((Int($0.value) * 10 + 8192) / 16_384) } ?? " "
        }
        return row
    }

    /// Fails where nothing is sent at a patch change (hydrogen 265): the LED ring shows the old patch.
    @Test func `a patch change is sent once`() {
        #expect(
            sent(
                target: "2222222222777777777",
                hand: "...................") == "2         7        ")
    }

    /// Fails where each step is sent: a slow MIDI cable lags by seconds.
    @Test func `at most one message in 30 ms, and the last value is sent`() {
        #expect(
            sent(
                target: "0123456789999999",
                hand: "................") == "0  3  6  9      ")
    }

    /// Fails where a motor fader is driven against the hand that moves it.
    @Test func `nothing is sent while the control moves, and its own value is not sent back`() {
        #expect(
            sent(
                target: "123456666666666666666666666666",
                hand: "123456666666666666666666666666") == "                              ")
        // The parameter is changed elsewhere while the control moves: it is sent 200 ms after the last
        // movement.
        #expect(
            sent(
                target: "555555599999999999999999999999",
                hand: ".55555555555555555555555555555") == "5                    9        ")
    }

    /// Fails where a controller that was switched off and on stays dark (packone 236).
    @Test func `values are sent again on request`() {
        #expect(
            sent(
                target: "4444444444",
                hand: "..........", forget: 5) == "4    4    ")
    }

    /// Fails where a patch without the macro sends 0.
    @Test func `a control without a target is not sent`() {
        #expect(sent(target: "3333....3333", hand: "............") == "3           ")
    }

    @Test func `seven-bit values are the nearest, and the ends and the centre are exact`() {
        var feedback = Feedback(count: 3)
        let states = [0, 0.5, 1].map { Feedback.State(target: $0, control: nil) }
        let due = feedback.due(states, now: 1) { _ in true }
        #expect(due.map { $0.value >> 7 } == [0, 64, 127] && due.last?.value == 16_383)
    }

    @Test func `the messages for each kind of control`() {
        func messages(_ input: Mapping.Input, _ value: UInt16, channel: Int? = nil) -> [[UInt8]] {
            var mapping = Mapping(name: "m")
            mapping.controls = [.init(input, to: .macro(1), channel: channel)]
            return Feedback.messages(ControlSurface.controls([mapping]).all[0], value: value, channel: 2)
        }
        #expect(messages(.control(16), 8192) == [[0xb2, 16, 64]])
        #expect(messages(.control(16), 8192, channel: 9) == [[0xb9, 16, 64]])
        #expect(messages(.controlPair(16, 48), 8193) == [[0xb2, 16, 64], [0xb2, 48, 1]])
        #expect(messages(.bend, 16_383) == [[0xe2, 127, 127]])
        #expect(
            messages(.note(36), 16_383) == [[0x92, 36, 127]] && messages(.note(36), 0) == [[0x92, 36, 0]])
        #expect(
            messages(.nonRegistered(200), 129).prefix(4).elementsEqual([
                [0xb2, 99, 1], [0xb2, 98, 72], [0xb2, 6, 1], [0xb2, 38, 1],
            ]))
    }
}
