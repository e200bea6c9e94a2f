import CRealtime
import Dispatch
import KairosTestSupport
import Testing

@testable import KairosOSC

/// The answer to `/patch/commit` if the commit cannot sound.
@Suite(.serialized) struct CommitAnswerTests {
    /// The milliseconds in the answer to a commit, while no block is rendered and no loader runs.
    private static func milliseconds(_ body: (OSCRig) -> Void = { _ in }) throws -> Float {
        let osc = try OSCRig([TonePatch.text()], isRunning: false)
        #expect(osc.ask("/patch/create", .string("more"), .string("sine")) == [])
        body(osc)
        guard case .float(let milliseconds) = try #require(osc.ask("/patch/commit")?.first) else { return 0 }
        return milliseconds
    }

    @Test func `it comes after two seconds`() throws {
        let milliseconds = try Self.milliseconds()
        #expect((2000..<4000).contains(milliseconds), "\(milliseconds) ms")
    }

    @Test func `it comes at once when the program ends`() throws {
        let milliseconds = try Self.milliseconds { osc in
            let dispatcher = osc.dispatcher
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(50)) { dispatcher.end() }
        }
        #expect(milliseconds < 1900, "\(milliseconds) ms")
    }
}
