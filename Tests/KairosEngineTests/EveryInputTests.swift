import KairosControl
import KairosTestSupport
import Testing

/// Runs a test as written, then through every event input.
struct EveryInput: TestTrait, SuiteTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await function()
        for input in EventInput.allCases {
            let naming = IssueHandlingTrait.compactMapIssues { issue in
                var issue = issue
                issue.comments.append("through \(input.rawValue)")
                return issue
            }
            try await naming.provideScope(for: test, testCase: testCase) {
                try await Score.$input.withValue(Score.Input(input.events)) { try await function() }
            }
        }
    }
}

extension Trait where Self == EveryInput {
    static var everyInput: Self { EveryInput() }
}

/// All inputs make the same events of the same messages.
@Suite struct EveryInputSaysTheSame {
    private static func message(_ draw: (UInt32) -> UInt8) -> [UInt8] {
        let channel = draw(16), first = draw(128), second = draw(128)
        switch draw(10) {
        case 0: return [0x80 | channel, first, second]
        case 1, 2: return [0x90 | channel, first, second]
        case 3: return [0xa0 | channel, first, second]
        case 4: return [0xd0 | channel, first]
        case 5: return [0xe0 | channel, first, second]
        case 6: return [0xc0 | channel, first % 3]
        case 7:
            return [
                0xb0 | channel, [0, 32, 6, 38, 88, 96, 97, 98, 99, 100, 101, 121][Int(draw(12))], second % 3,
            ]
        case 8 where draw(20) == 0:
            return [
                [0xf0, 0x7e, 0x7f, 9, 1, 0xf7], [0xf0, 0x41, 0x10, 0x42, 0x12, 0x40, 0, 0x7f, 0, 0x41, 0xf7],
                [0xf0, 0x7f, 0x7f, 4, 1, first, second, 0xf7],
            ][Int(draw(3))]
        default: return [0xb0 | channel, first, second]
        }
    }

    /// Fails where an input decodes on its own, or forgets state that the others keep.
    @Test func `a hundred thousand messages, event by event`() {
        var numbers = Draw(state: 5)
        func draw(_ limit: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: numbers.next(limit)) }
        for _ in 0..<100 {
            let messages = (0..<1000).map { (index: $0, bytes: Self.message(draw)) }
            let expected = EventInput.bytes.events(messages)
            #expect(expected.count > 500)
            for input in [EventInput.sequencer, .file] {
                #expect(same(input.events(messages), expected), "\(input)")
            }
            // OSC has no system exclusive, and a program change on the first channel only.
            let played = messages.filter { $0.bytes[0] < 0xf0 && $0.bytes[0] & 0xf0 != 0xc0 }
            #expect(same(EventInput.osc.events(played), EventInput.bytes.events(played)), "osc")
        }
    }

    private func same(_ a: [(index: Int, event: Event)], _ b: [(index: Int, event: Event)]) -> Bool {
        guard a.count == b.count else { return false }
        return zip(a, b).allSatisfy { a, b in
            a.index == b.index && a.event.message == b.event.message && a.event.channel == b.event.channel
        }
    }

    /// Fails where a selection of one client affects another.
    @Test func `two OSC clients select a parameter each`() {
        let select: [[UInt8]] = [[0xb0, 101, 0], [0xb0, 100, 2]], entry: [UInt8] = [0xb0, 6, 70]
        func numbered(_ bytes: [[UInt8]]) -> [EventInput.Message] { bytes.enumerated().map { ($0, $1) } }
        #expect(EventInput.osc.events(numbered(select + [entry])).map(\.event.kind) == [.registered])
        #expect(EventInput.osc.events(numbered([entry])).map(\.event.kind) == [.control])
    }
}
