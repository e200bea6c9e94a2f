import CRealtime
import Foundation
import KairosControl
import KairosDSP
import KairosEngine
import KairosFiles
import Synchronization

/// What the console cannot do by itself, because it is the instrument's.
public struct ConsoleHost: Sendable {
    /// Begins to learn a control for a target, takes the last back, or ends. Returns what to tell.
    public enum Learning: Sendable, Equatable { case start(String), undo, stop }

    /// The state of the machine: load (0…1), interruptions.
    public var machine: @Sendable () -> (load: Double, xruns: Int)
    /// Each entry's state in a word.
    public var states: @Sendable () -> [String]
    /// See ``Learning``. Throws what is wrong with the target.
    public var learn: @Sendable (Learning) throws -> String
    /// Folders of patches, the player's own first.
    public var folders: [String]
    /// Where the player's own patches are written.
    public var userFolder: String
    /// Where the player's own presets are written.
    public var presetFolder = Library.userFolder(.presets)
    /// Whose state is kept.
    public var owner = InstrumentState.Owner()
    /// How often the loader should look at once.
    public var wake: @Sendable () -> Void

    /// A host.
    public init(
        machine: @escaping @Sendable () -> (load: Double, xruns: Int),
        states: @escaping @Sendable () -> [String],
        learn: @escaping @Sendable (Learning) throws -> String, folders: [String], userFolder: String,
        wake: @escaping @Sendable () -> Void
    ) {
        self.machine = machine
        self.states = states
        self.learn = learn
        self.folders = folders
        self.userFolder = userFolder
        self.wake = wake
    }
}

/// Takes commands in and answers each. It knows nothing of sockets.
///
/// > What plays is carried out on the thread that brings it; everything else on one other, in the order it came.
public final class Console: Sendable {
    let engine: Engine
    let bench: Workbench
    let programs: LivePrograms
    let host: ConsoleHost
    /// Notes and programs, and values: a door each, because each has a thread of its own.
    private let playing: Mutex<Ring<Event>>
    private let setting: Mutex<Ring<Event>>
    /// One look at the values at a time.
    let looking = Mutex(())
    /// Where the parameters of each sound begin.
    let presets = Mutex<[Int: SoundPresets]>([:])
    /// The MIDI decoder of each client.
    let decoders = Mutex(ClientDecoders())
    /// Files of patches as they were read last.
    let fileTexts = Mutex<[String: (stamp: [Int], text: String)]>([:])
    private let serial = Atomic<Int32>(0)
    let parts = Mutex<[String: Int]>([:])
    let subscriptions = Mutex<(Subscriptions, Told)>((Subscriptions(), Told()))
    let lines = Mutex<[String]>([])

    /// Over an engine that does not run yet: it adds two doors.
    public init(
        _ engine: Engine, workbench: Workbench, programs: LivePrograms, host: ConsoleHost
    ) {
        self.engine = engine
        bench = workbench
        self.programs = programs
        self.host = host
        playing = Mutex(engine.addDoor())
        setting = Mutex(engine.addDoor())
    }

    /// The door number that events from here have: behind all MIDI.
    private static let door: UInt8 = 8

    /// The address space.
    public static let commands: [OSCCommand] =
        patchCommands + valueCommands + presetCommands + stateCommands + playingCommands + askingCommands

    // MARK: dispatch

    /// Where a command is carried out.
    func plays(_ message: OSCMessage) -> Bool {
        Self.commands.contains { $0.plays && $0.address == message.address }
    }

    /// Carries a message out and returns the answer. `endpoint` is where it came from, where that is not all of the
    /// client.
    func answer(_ message: OSCMessage, client: String, endpoint: String? = nil, stamp: UInt64) -> OSCMessage {
        let serial = serial.add(1, ordering: .relaxed).newValue
        var values = message.values
        var tag: [OSCValue] = []
        if case .string(let text)? = values.last, text.hasPrefix("#") {
            tag = [.string(text)]
            values.removeLast()
        }
        do {
            let found = try run(
                Call(
                    client: client, endpoint: endpoint ?? client, address: message.address, values: values,
                    stamp: stamp))
            return OSCMessage("/ok", [.string(message.address), .int(serial)] + found + tag)
        } catch {
            let error =
                switch error {
                case let error as OSCError: error
                case let error as EditError: OSCError(error)
                default: OSCError(.file, "\(error)", name: message.address)
                }
            return OSCMessage(
                "/error",
                [
                    .string(error.code), .string(Self.short(error.text, 1000)),
                    .string(Self.short(error.name, 200)), .string(message.address), .int(serial),
                ] + tag)
        }
    }

    /// As much of a text as goes back: what came in half a megabyte is not repeated.
    private static func short(_ text: String, _ limit: Int) -> String {
        text.utf8.count <= limit ? text : String(decoding: text.utf8.prefix(limit), as: UTF8.self) + "…"
    }

    private func run(_ call: Call) throws -> [OSCValue] {
        if call.address == "/mod" || call.address.hasPrefix("/mod/") { return try mod(call) }
        if let rest = call.address.dropPrefix("/modules/") {
            guard call.values.isEmpty else {
                throw OSCError(.badArguments, "\(call.address) takes no values", name: call.address)
            }
            return try Self.moduleType(self, String(rest))
        }
        if let command = Self.commands.first(where: { $0.address == call.address }) {
            try command.check(call.values)
            return try command.run(self, call)
        }
        let fixed = Self.commands.filter { !$0.address.contains("<") }
        if OSCMessage.isPattern(call.address) {
            let matched = fixed.filter { OSCMessage.matches($0.address, call.address) }
            guard !matched.isEmpty else {
                throw OSCError(.unknownCommand, "no command is like '\(call.address)'", name: call.address)
            }
            for command in matched { try command.check(call.values) }
            return try matched.flatMap { try $0.run(self, call) }
        }
        throw OSCError(
            .unknownCommand,
            "there is no command '\(call.address.prefix(80))'"
                + didYouMean(String(call.address.prefix(80)), among: fixed.map(\.address)),
            name: String(call.address.prefix(80)))
    }

    // MARK: what commands share

    /// The modules that there are now.
    var catalog: ModuleCatalog { bench.catalog }

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
    func set(_ event: Event) throws(OSCError) {
        var event = event
        event.door = Self.door + 1
        event.source = FixedSource.osc
        guard setting.withLock({ $0.push(event) }) else {
            throw OSCError(.busy, "more values at once than can be taken", name: "\(event.kind)")
        }
    }

    /// The part that a client edits: 0…15, or 16 for the rack.
    func part(of client: String) -> Int { parts.withLock { $0[client] ?? 0 } }

    /// The sound that a client edits.
    func sound(of client: String) throws(OSCError) -> Int {
        let part = part(of: client)
        if part == 16 {
            guard let rack = engine.repertoire.rack else {
                throw OSCError(.nothingPlays, "there is no rack", name: "rack")
            }
            return rack
        }
        let (repertoire, place) = engine.playing
        guard let entry = repertoire.entry(at: place) else {
            throw OSCError(.nothingPlays, "no patch sounds yet", name: "patch")
        }
        guard entry.parts.indices.contains(part) else {
            throw OSCError(
                .nothingPlays,
                "'\(entry.name)' has \(entry.parts.count) parts, and this is the part \(part + 1)",
                name: entry.name)
        }
        return entry.parts[part].sound
    }

    /// Where every parameter of what plays stands now.
    func values() throws(OSCError) -> [PartValues] { try look().values }

    /// Waits until what was committed sounds, where it plays at all. Returns milliseconds.
    func settle(_ commit: Workbench.Commit, since: UInt64) -> Double {
        host.wake()
        let until = since + 2_000_000_000
        while crt_now() < until, !engine.isSounding(commit.sounds, programs) { usleep(100) }
        return Double(crt_now() - since) / 1e6
    }
}

extension StringProtocol {
    func dropPrefix(_ prefix: String) -> SubSequence? {
        hasPrefix(prefix) ? dropFirst(prefix.count) : nil
    }
}
