import Foundation
import KairosControl
import KairosOSC
import Synchronization

/// MIDI learn while the instrument plays, requested over OSC: events are both played and learned from.
/// `[any]`
final class MIDILearn: Sendable {
    private struct State {
        var session: LearnSession?
        var names: [UInt16: String] = [:]
    }

    private let state = Mutex(State())

    /// Records the name of a device.
    func name(_ source: UInt16, _ name: String) {
        state.withLock {
            $0.names[source] = name
            $0.session?.name(source, name)
        }
    }

    /// Handles an event. Returns a message for the user if it completes a mapping or fails to; nil otherwise.
    func handle(_ event: Event) -> String? {
        state.withLock { state in
            guard state.session != nil else { return nil }
            do { return try state.session?.handle(event) } catch { return "\(error)" }
        }
    }

    /// Performs a request from OSC. Returns the answer; throws ``Failure`` if the request is invalid.
    func perform(_ request: OSCHost.LearnAction) throws -> String {
        switch request {
        case .start(let target):
            try LearnSession.check(target)
            return state.withLock { state in
                var session = LearnSession(target: target, file: nil)
                for (source, name) in state.names { session.name(source, name) }
                state.session = session
                return "move the control for '\(target)'"
            }
        case .stop:
            return try state.withLock { state in
                guard let session = state.session else { throw Failure("MIDI learn is not active") }
                state.session = nil
                return session.summary
            }
        case .undo:
            return try state.withLock { state in
                guard let line = try state.session?.undo() else { throw Failure("no mapping to undo") }
                return line
            }
        }
    }
}
