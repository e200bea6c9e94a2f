import CRealtime
import Glibc
import KairosControl
import KairosDSP
import KairosEngine
import Synchronization

/// Takes commands in and answers each. It knows nothing of sockets.
///
/// > What plays is carried out on the thread that brings it; everything else on one other, in the order it came.
public final class OSCDispatcher: Sendable {
    let engine: Engine
    let bench: PatchEditor
    let programs: LiveInstances
    let host: OSCHost
    /// Notes and programs, and values: a door each, because each has a thread of its own.
    let playing: Mutex<Ring<Event>>
    private let setting: Mutex<Ring<Event>>
    /// One look at the values at a time.
    let looking = Mutex(())
    /// Where the parameters of each sound begin.
    let presets = Mutex<[Int: SoundPresets]>([:])
    /// The MIDI decoder of each client.
    let decoders = Mutex(ClientDecoders())
    /// Files of patches as they were read last.
    let fileTexts = Mutex<[String: (stamp: [Int], text: String)]>([:])
    /// The serial number of the last answer; it starts again after 2³² of them.
    let serial = Atomic<Int32>(0)
    let clients = Mutex(ClientTable())
    private let ending = Atomic<Bool>(false)
    let subscriptions = Mutex<(Subscriptions, SubscriberState)>((Subscriptions(), SubscriberState()))
    let lines = Mutex<[String]>([])

    /// Over an engine that does not run yet: it adds two doors.
    public init(
        _ engine: Engine, editor: PatchEditor, programs: LiveInstances, host: OSCHost
    ) {
        self.engine = engine
        bench = editor
        self.programs = programs
        self.host = host
        playing = Mutex(engine.addDoor())
        setting = Mutex(engine.addDoor())
    }

    /// The door number that events from here have: behind all MIDI.
    private static let door: UInt8 = 8

    /// The longest time that one command waits for the sound, in nanoseconds.
    static let patience: UInt64 = 5_000_000_000

    /// The address space.
    public static let commands: [OSCCommand] =
        patchCommands + valueCommands + presetCommands + stateCommands + playingCommands + askingCommands

    private static let byAddress = Dictionary(
        commands.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })

    /// The command of an address without names in it. [any]
    static func command(_ address: String) -> OSCCommand? { byAddress[address] }

    /// Commands that wait for the sound stop waiting: the program ends. [any]
    func end() { ending.store(true, ordering: .releasing) }

    /// Whether a command should wait no longer. [any]
    func isOver(_ deadline: UInt64) -> Bool {
        ending.load(ordering: .acquiring) || crt_now() >= deadline
    }

    // MARK: what commands share

    /// The modules that there are now.
    var registry: ModuleRegistry { bench.registry }

    /// Puts an event through the door of notes and programs.
    func play(_ event: Event) throws(OSCError) {
        var event = event
        event.door = Self.door
        event.source = FixedSource.osc
        guard playing.withLock({ $0.push(event) }) else {
            throw OSCError(.busy, "more events at once than can be taken", name: "\(event.kind)")
        }
    }

    /// Puts an event through the door of values.
    func set(_ event: Event) throws(OSCError) { try set([event]) }

    /// Puts events through the door of values: all of them, or none where there is no room.
    func set(_ events: [Event]) throws(OSCError) {
        let isDone = setting.withLock { ring in
            guard ring.room >= events.count else { return false }
            for var event in events {
                event.door = Self.door + 1
                event.source = FixedSource.osc
                ring.push(event)
            }
            return true
        }
        if !isDone {
            throw OSCError(
                .busy, "more values at once than can be taken; none of these was set", name: "values")
        }
    }

    /// The layer that a client edits: 0…15, or 16 for the master effects.
    func layer(of client: String) -> Int { clients.withLock { $0.layer(of: client) } }

    /// Keeps a place in the table of clients for one that edits or chooses a layer. A draft that nobody has used for
    /// long makes room for it.
    func enter(_ client: String) throws(OSCError) {
        let now = crt_now()
        let outcome = clients.withLock { $0.enter(client, now: now, hasDraft: bench.hasDraft) }
        switch outcome {
        case .entered(let dismissed):
            if let dismissed { bench.abort(dismissed) }
        case .full:
            throw OSCError(
                .busy, "\(ClientTable.limit) clients have drafts or have chosen layers already", name: client)
        }
    }

    /// The sound that a client edits.
    func sound(of client: String) throws(OSCError) -> Int {
        let now = crt_now()
        if clients.withLock({ $0.use(client, now: now) == .dismissed }) {
            throw OSCError(
                .limit,
                "this client's draft and layer were given up, because others needed the room and it had not edited for \(ClientTable.patience / 60_000_000_000) minutes; nothing was done: begin anew",
                name: client)
        }
        let layer = layer(of: client)
        if layer == 16 {
            guard let master = engine.rig.master else {
                throw OSCError(.nothingPlays, "there are no master effects", name: "master")
            }
            return master
        }
        let (rig, place) = engine.playing
        guard let entry = rig.entry(at: place) else {
            throw OSCError(.nothingPlays, "no patch sounds yet", name: "patch")
        }
        guard entry.layers.indices.contains(layer) else {
            throw OSCError(
                .nothingPlays,
                "'\(entry.name)' has \(entry.layers.count) layers, and this is the layer \(layer + 1)",
                name: entry.name)
        }
        return entry.layers[layer].sound
    }

    /// Where every parameter of what plays stands now.
    func values() throws(OSCError) -> [LayerValues] { try look().values }

    /// Waits until what was committed sounds, where it plays at all, or until `deadline`. Returns milliseconds since
    /// `began`. Both in nanoseconds of CLOCK_MONOTONIC.
    func settle(_ commit: PatchEditor.Commit, began: UInt64, deadline: UInt64) -> Double {
        host.wake()
        let until = min(deadline, began + 2_000_000_000)
        while !isOver(until), !engine.isSounding(commit.sounds, programs) { usleep(100) }
        return Double(crt_now() - began) / 1e6
    }
}
