import Testing

@testable import KairosEngine

/// Values and settings on their way between the audio thread and the control side.
@Suite struct ValueBoardTests {
    /// Fails where the audio thread writes a copy that is being read.
    @Test func `a copy that is read is not written`() {
        let board = ValueBoard()
        board.write { $0.settings.settings.volume = 0.25 }
        let read = board.read { copy in
            board.write { $0.settings.settings.volume = 0.5 }
            return copy.settings.settings.volume
        }
        let copies = board.copyCount, after = board.read { $0.settings.settings.volume }
        #expect(read == 0.25 && copies == 1 && after == 0.25)
        board.write { $0.settings.settings.volume = 0.5 }
        let next = board.copyCount
        #expect(next == 2)
    }

    /// Fails where the audio thread restores settings that are half written.
    @Test func `settings that are written are not restored`() {
        let board = ValueBoard()
        var restored: [Float] = []
        board.request { request in
            request.settings.volume = 0.5
            board.readRequest { restored.append($0.settings.volume) }
        }
        board.readRequest { restored.append($0.settings.volume) }
        #expect(restored == [0.5])
    }
}
