import CRealtime
import Dispatch
import KairosCompiler
import KairosControl
public import KairosEngine
public import KairosPatch
public import KairosSession
import Synchronization

/// Carries out OSC commands and answers each. It is independent of sockets.
///
/// Real-time commands (``OSCCommand/isRealTime``) run on the thread that receives them; all others on one
/// other thread, in the order in which they came.
public final class OSCDispatcher: Sendable {
    let engine: Engine
    let editor: PatchEditor
    let host: OSCHost
    let inputs: OSCEventInputs
    let snapshots: SnapshotReader
    let subscribers: Subscribers
    let patchTexts = PatchTextCache()
    /// The MIDI decoder of each client.
    let decoders = Mutex(ClientDecoders())
    /// The serial number of the last answer; after 2³² answers it starts again.
    let serial = Atomic<Int32>(0)
    private let completions: CommitCompletions
    private let clients = Mutex(ClientTable())
    private let isEnding = Atomic<Bool>(false)

    /// A dispatcher over an engine that does not run yet; it adds two event inputs to it. `instances` and
    /// `completions` are those of the engine's loader. [control]
    public init(
        _ engine: Engine, editor: PatchEditor, instances: LiveInstances, completions: CommitCompletions,
        host: OSCHost
    ) {
        self.engine = engine
        self.editor = editor
        self.completions = completions
        self.host = host
        inputs = OSCEventInputs(engine)
        snapshots = SnapshotReader(engine, instances, inputs)
        subscribers = Subscribers(engine, snapshots, host)
    }

    /// The time in nanoseconds after which a command stops waiting for the sound.
    static let timeout: UInt64 = 5_000_000_000

    /// All commands, in the order of the reference.
    public static let commands: [OSCCommand] =
        PatchCommands.commands + ValueCommands.commands + PresetCommands.commands
        + SessionCommands.commands + PlayCommands.commands + QueryCommands.commands

    private static let byAddress = Dictionary(
        commands.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })

    /// The command with an address, or nil. Addresses with names in them are found as declared only. [any]
    static func command(_ address: String) -> OSCCommand? { byAddress[address] }

    /// Ends the waiting of all commands, because the program ends. [any]
    func end() {
        isEnding.store(true, ordering: .releasing)
        completions.end()
    }

    /// True if a command must stop waiting: after its deadline, in nanoseconds of CLOCK_MONOTONIC, or because
    /// the program ends. [any]
    func isOver(_ deadline: UInt64) -> Bool {
        isEnding.load(ordering: .acquiring) || crt_now() >= deadline
    }

    /// Sends a line to the subscribers of `errors`. Locks. [any]
    public func log(_ line: String) { subscribers.append(line: line) }

    /// The session as it is now, without the time of saving. Throws an ``OSCError`` if the audio driver
    /// renders nothing. [control]
    public func savedSession() throws -> SavedSession { try SessionCommands(self).savedSession() }

    /// The module types that patches can use now. Locks. [any]
    var registry: ModuleRegistry { editor.registry }

    /// The current values of each sounding layer, and of the master effects. [control]
    func values() throws(OSCError) -> [LayerValues] { try snapshots.read().values }

    // MARK: clients

    /// The layer that a client edits: 0…15, or 16 for the master effects. Locks. [any]
    func layer(of client: String) -> Int { clients.withLock { $0.layer(of: client) } }

    /// Sets the layer that a client edits: 0…15, or 16 for the master effects. The client has entered.
    /// Locks. [any]
    func setLayer(_ layer: Int, for client: String) { clients.withLock { $0.setLayer(layer, for: client) } }

    /// Adds a client that edits or selects a layer to the table. A draft that has not been used for long
    /// may be discarded for it. Throws `busy` if the table is full. Locks. [any]
    func enter(_ client: String) throws(OSCError) {
        let now = crt_now()
        let outcome = clients.withLock { $0.enter(client, now: now, hasDraft: editor.hasDraft) }
        switch outcome {
        case .entered(let dismissed):
            if let dismissed { editor.abort(dismissed) }
        case .full:
            throw OSCError(
                .busy,
                "\(ClientTable.limit) clients already have a draft or a selected layer, the maximum",
                name: client)
        }
    }

    /// Removes everything that is kept for a client, or an endpoint, that is gone. Locks. [any]
    func remove(_ client: String) {
        subscribers.remove(client)
        clients.withLock { $0.remove(client) }
        decoders.withLock { $0.remove(client) }
        editor.abort(client)
    }

    /// The sound that a client edits. Throws `nothing-plays`, or `limit` once after the client lost its
    /// draft. Locks. [any]
    func sound(of client: String) throws(OSCError) -> Int {
        let now = crt_now()
        if clients.withLock({ $0.recordUse(client, now: now) == .dismissed }) {
            throw OSCError(
                .limit,
                "the draft and the layer of this client were discarded to make room, because it had not edited for \(ClientTable.idleLimit / 60_000_000_000) minutes; nothing was done; start again",
                name: client)
        }
        let layer = layer(of: client)
        if layer == 16 {
            guard let master = engine.rig.master else {
                throw OSCError(.nothingPlays, "there are no master effects", name: "master")
            }
            return master
        }
        let (rig, index) = engine.playing
        guard let entry = index.flatMap({ rig.entry(at: $0) }) else {
            throw OSCError(.nothingPlays, "no patch sounds yet", name: "patch")
        }
        guard entry.layers.indices.contains(layer) else {
            throw OSCError(
                .nothingPlays, "'\(entry.name)' has no layer \(layer + 1); it has \(entry.layers.count)",
                name: entry.name)
        }
        return entry.layers[layer].sound
    }

    /// Waits until a commit sounds wherever its patch plays, for two seconds at most. `start` and `deadline` are
    /// in nanoseconds of CLOCK_MONOTONIC. Returns the milliseconds since `start`. [control]
    func waitUntilSounding(_ commit: PatchEditor.Commit, since start: UInt64, deadline: UInt64) -> Double {
        let until = min(deadline, start + 2_000_000_000), answered = DispatchSemaphore(value: 0)
        completions.add(commit, deadline: until) { _ in answered.signal() }
        host.wake()
        // The loader keeps the time limit; this one is for a loader that does not run.
        let now = crt_now()
        _ = answered.wait(timeout: .now() + .nanoseconds(until > now ? Int(until - now) : 0))
        return Double(crt_now() - start) / 1e6
    }
}
