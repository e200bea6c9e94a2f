import KairosEngine
import KairosFiles
import KairosOSC
import KairosPatch
import KairosSession

extension Instrument {
    /// Creates the dispatcher for OSC requests; the engine must not be running yet.
    static func dispatcher(
        _ engine: Engine, _ editor: PatchEditor, _ loader: LoaderThread, _ midiLearn: MIDILearn,
        _ machineLoad: MachineLoad, folders: [String], owner: SavedSession.Owner
    ) -> OSCDispatcher {
        var host = OSCHost(
            machine: { machineLoad.current }, states: { loader.states.all.map(\.word) },
            learn: { try midiLearn.perform($0) }, folders: folders,
            userFolder: Library.userFolder(.patches), presetFolder: Library.userFolder(.presets),
            store: FileStore(), wake: { loader.wake() })
        host.owner = owner
        return OSCDispatcher(
            engine, editor: editor, instances: loader.instances, completions: loader.completions, host: host)
    }

    /// Starts the OSC server on `port`. Returns nil if the port cannot be opened, with messages for the user.
    static func listen(_ dispatcher: OSCDispatcher, _ port: Int, everywhere: Bool) -> (OSCServer?, [String]) {
        do {
            let server = try OSCServer(dispatcher, port: port, everywhere: everywhere)
            server.start()
            let line = "OSC: port \(server.port), UDP and TCP, from this machine"
            guard everywhere else { return (server, [line + " only"]) }
            return (
                server,
                [
                    line + " and from every network it is connected to",
                    "WARNING: anyone who can reach this machine can play, edit and save (--osc-allow)",
                ]
            )
        } catch { return (nil, [error.description]) }
    }
}
