import CRealtime
import Foundation
import KairosControl
import Synchronization

/// Keeps RtMidi's ports open, and lets go of what a sender held that has closed.
///
/// A thread of its own opens and closes: under JACK both wait for the server, and the ports go and come with it.
public final class RtMidiEventInput: @unchecked Sendable {
    /// What a player should know.
    public enum Notice: Sendable, Equatable {
        /// A sender is connected.
        case connected(String)
        /// A sender is not connected any more; all that was held through this port was let go, because RtMidi does not
        /// say who sent what.
        case disconnected(String)
    }

    /// Seconds between two looks, and between two tries to open.
    private static let look = 0.05, pause: UInt64 = 1_000_000_000
    private let api: RtMidiInput.API
    private let ring: Ring<Event>
    private let releases: Ring<Event>
    private let door: UInt8
    private let name: String
    private let stopping = Atomic<Bool>(false)
    private let wake = DispatchSemaphore(value: 0)
    private let finished = DispatchSemaphore(value: 0)
    private let opened = DispatchSemaphore(value: 0)
    private let notices = Mutex<[Notice]>([])
    private let error = Mutex<DeviceError?>(nil)
    private struct Ports {
        var input: RtMidiInput?
        var output: RtMidiOutput?
    }
    private let ports = Mutex(Ports())
    /// Messages that wait to be sent; RtMidi's own call waits for a server that is frozen.
    private let outgoing = Mutex<[[UInt8]]>([])
    private let hasOutgoing = DispatchSemaphore(value: 0)
    private static let outgoingLimit = 512
    // The thread's own.
    private var watch: (any SenderWatch)?
    private var known: Set<String> = []
    private var nextTry: UInt64 = 0

    /// Opens the ports `name`:in and `name` feedback:out. Events go to `ring`; those that let go, to `releases`, which
    /// another thread fills. Throws ``DeviceError`` where there is no server, or none that answers within two seconds.
    ///
    /// > Thread: [control]
    public init(
        _ api: RtMidiInput.API, ring: Ring<Event>, releases: Ring<Event>, door: UInt8 = 1,
        name: String = "Kairos MIDI"
    ) throws {
        self.api = api
        self.ring = ring
        self.releases = releases
        self.door = door
        self.name = name
        let thread = Thread { [self] in
            run()
            finished.signal()
        }
        thread.name = "kairos-rtmidi"
        thread.stackSize = 1 << 20
        thread.start()
        let sender = Thread { [self] in sendAll() }
        sender.name = "kairos-lights"
        sender.stackSize = 1 << 20
        sender.start()
        guard opened.wait(timeout: .now() + AudioHost.patience) == .success else {
            stopping.store(true, ordering: .releasing)
            throw DeviceError(
                "RtMidi: \(api.rawValue.uppercased()) does not answer within \(Int(AudioHost.patience)) s: is the server frozen?"
            )
        }
        if let error = error.withLock({ $0 }) {
            stopping.store(true, ordering: .releasing)
            hasOutgoing.signal()
            throw error
        }
    }

    private func run() {
        do { try open() } catch {
            self.error.withLock { $0 = error as? DeviceError ?? DeviceError("\(error)") }
            return _ = opened.signal()
        }
        opened.signal()
        while !stopping.load(ordering: .acquiring) {
            if let watch {
                if watch.serverDied { drop() } else { lookForSenders(watch) }
            } else if crt_now() >= nextTry {
                nextTry = crt_now() + Self.pause
                try? open()
            }
            _ = wake.wait(timeout: .now() + Self.look)
        }
        close()
        releases.push(RtMidiInput.gone(crt_now(), door))
    }

    private func open() throws {
        // Asked first, so that a server that is not there is found before RtMidi prints what it thinks of that.
        let watch: any SenderWatch =
            api == .jack ? try JACKSenderWatch(name: name) : try SequencerSenderWatch(name: name)
        do {
            // RtMidi opens JACK clients of its own, and none may be opened before the dead ones are closed.
            guard !watch.serverDied else { throw DeviceError("RtMidi: the JACK server has died") }
            let input = try RtMidiInput(api, ring: ring, door: door, name: name)
            watch.findPort()
            let output = try? RtMidiOutput(api, name: "\(name) feedback")
            ports.withLock { $0 = Ports(input: input, output: output) }
            self.watch = watch
        } catch {
            watch.close()
            throw error
        }
    }

    /// The server is gone, and with it whoever sent.
    private func drop() {
        release(known)
        close()
        nextTry = crt_now() + Self.pause
    }

    private func lookForSenders(_ watch: any SenderWatch) {
        let senders = watch.senders()
        // Between the look and now the server may have gone.
        guard !watch.serverDied else { return }
        let gone = known.subtracting(senders), new = senders.subtracting(known)
        known = senders
        for name in new.sorted() { notice(.connected(name)) }
        if !gone.isEmpty { release(gone) }
    }

    private func release(_ senders: Set<String>) {
        releases.push(RtMidiInput.gone(crt_now(), door))
        for name in senders.sorted() { notice(.disconnected(name)) }
        known.subtract(senders)
    }

    private func notice(_ notice: Notice) {
        notices.withLock { if $0.count < 64 { $0.append(notice) } }
    }

    private func close() {
        let ports = ports.withLock { ports in
            defer { ports = Ports() }
            return ports
        }
        ports.input?.stop()
        ports.output?.stop()
        watch?.close()
        watch = nil
    }

    /// Sends one message to whoever is connected to `out`. It does not wait: what a server does not take is dropped.
    ///
    /// > Thread: [control]
    public func send(_ bytes: [UInt8]) {
        let isTaken = outgoing.withLock { queue in
            guard queue.count < Self.outgoingLimit else { return false }
            queue.append(bytes)
            return true
        }
        if isTaken { hasOutgoing.signal() }
    }

    private func sendAll() {
        while true {
            hasOutgoing.wait()
            guard !stopping.load(ordering: .acquiring) else { return }
            let messages = outgoing.withLock { queue in
                defer { queue = [] }
                return queue
            }
            // It holds the port, which is not freed under it where the server dies.
            let output = ports.withLock { $0.output }
            for message in messages { output?.send(message) }
        }
    }

    /// What happened since the last call.
    ///
    /// > Thread: [control]
    public func takeNotices() -> [Notice] {
        notices.withLock { list in
            defer { list = [] }
            return list
        }
    }

    /// How often events were lost since the last call; what was held is let go each time.
    ///
    /// > Thread: [control]
    public func takeLosses() -> Int { ports.withLock { $0.input?.takeLosses() ?? 0 } }

    /// Whether somebody asked who is here since the last call.
    ///
    /// > Thread: [control]
    public func takeIdentityRequest() -> Bool { ports.withLock { $0.input?.takeIdentityRequest() ?? false } }

    /// Closes the ports, and lets go of what they hold. False where the server does not answer within `seconds`; then
    /// they are left to the end of the process.
    ///
    /// > Thread: [control]
    @discardableResult public func stop(within seconds: Double) -> Bool {
        stopping.store(true, ordering: .releasing)
        wake.signal()
        hasOutgoing.signal()
        return finished.wait(timeout: .now() + seconds) == .success
    }
}
