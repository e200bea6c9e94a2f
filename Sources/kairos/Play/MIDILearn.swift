import Foundation
import KairosControl
import KairosOSC
import Synchronization

/// MIDI learn while the instrument plays: what comes in is looked at as well as played.
final class MIDILearn: Sendable {
    private struct State {
        var session: LearnSession?
        var names: [UInt16: String] = [:]
    }

    private let state = Mutex(State())

    /// What a device is called.
    func name(_ source: UInt16, _ name: String) {
        state.withLock {
            $0.names[source] = name
            $0.session?.name(source, name)
        }
    }

    /// An event; a line for the player where it completes something.
    func take(_ event: Event) -> String? {
        state.withLock { state in
            guard state.session != nil else { return nil }
            do { return try state.session?.take(event) } catch { return "\(error)" }
        }
    }

    /// What OSC asks for. Throws what is wrong with it.
    func carryOut(_ wish: OSCHost.MIDILearn) throws -> String {
        switch wish {
        case .start(let target):
            try LearnSession.check(target)
            return state.withLock { state in
                var session = LearnSession(target: target, file: nil)
                for (source, name) in state.names { session.name(source, name) }
                state.session = session
                return "move what should be '\(target)'"
            }
        case .stop:
            return try state.withLock { state in
                guard let session = state.session else { throw Failure("nothing is being learned") }
                state.session = nil
                return session.summary
            }
        case .undo:
            return try state.withLock { state in
                guard let line = try state.session?.undo() else { throw Failure("nothing was learned yet") }
                return line
            }
        }
    }
}
