import KairosEngine
import KairosFiles
import KairosOSC
import Synchronization

/// How the machine is doing, for whoever asks from another thread.
final class MachineState: Sendable {
    private let figures = Mutex<(load: Double, xruns: Int)>((0, 0))

    var now: (load: Double, xruns: Int) {
        get { figures.withLock { $0 } }
        set { figures.withLock { $0 = newValue } }
    }
}

// OSC's way in.
extension Session {
    /// The console over an engine that does not run yet.
    static func console(
        _ engine: Engine, _ bench: PatchEditor, _ loader: LoaderThread, _ learning: MIDILearn,
        _ machine: MachineState, folders: [String], owner: SavedSession.Owner
    ) -> OSCDispatcher {
        var host = OSCHost(
            machine: { machine.now }, states: { loader.states.all.map(\.word) },
            learn: { try learning.carryOut($0) }, folders: folders,
            userFolder: Library.userFolder(.patches), wake: { loader.wake() })
        host.owner = owner
        return OSCDispatcher(
            engine, editor: bench, programs: loader.programs, host: host)
    }

    /// Listens, or says why not.
    static func listen(_ console: OSCDispatcher, _ port: Int, everywhere: Bool) -> (OSCServer?, [String]) {
        do {
            let server = try OSCServer(console, port: port, everywhere: everywhere)
            server.start()
            let line = "OSC: port \(server.port), UDP and TCP, of this machine"
            guard everywhere else { return (server, [line + " only"]) }
            return (
                server,
                [
                    line + " and of every network it is in",
                    "WARNING: whoever can reach this machine can play, edit and save (--osc-allow)",
                ]
            )
        } catch { return (nil, [error.description]) }
    }
}
