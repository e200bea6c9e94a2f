import CRealtime
import Foundation
public import KairosControl
import Synchronization

/// The RtMidi event input: keeps RtMidi's ports open, and releases held notes when a sender disconnects.
///
/// Its own thread opens and closes the ports: under JACK both calls wait for the server, and the ports are
/// reopened when the server returns.
public final class RtMidiEventInput: Sendable {
    /// A change of the connections that is reported to the user.
    public enum Notice: Sendable, Equatable {
        /// A sender was connected.
        case connected(String)
        /// A sender was disconnected. All notes held through this port were released, because RtMidi does not
        /// identify the sender of a message.
        case disconnected(String)
    }

    /// The poll interval in seconds, and the time in nanoseconds between two attempts to open.
    private static let pollInterval = 0.05, retryInterval: UInt64 = 1_000_000_000
    private let api: RtMidiInput.API
    private let ring: Ring<Event>
    private let releases: Ring<Event>
    private let inputNumber: UInt8
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
    /// Messages that wait to be sent: RtMidi's send call blocks while the server is frozen.
    private let outgoing = Mutex<[[UInt8]]>([])
    private let hasOutgoing = DispatchSemaphore(value: 0)
    private static let outgoingLimit = 512
    /// The state of the thread that opens and closes the ports.
    private struct Server {
        /// Nil while no port is open.
        var watch: (any SenderWatch)?
        var knownSenders: Set<String> = []
        /// The time in nanoseconds of the next attempt to open.
        var nextTry: UInt64 = 0
    }

    /// Opens the ports `name`:in and `name` feedback:out. Events go to `ring`; the releases of disconnected
    /// senders, which come from another thread, go to `releases`. `number` is the event input's number.
    /// Throws ``DeviceError`` if no server answers within two seconds. [control]
    public init(
        _ api: RtMidiInput.API, ring: Ring<Event>, releases: Ring<Event>, input number: UInt8 = 1,
        name: String = "Kairos MIDI"
    ) throws {
        self.api = api
        self.ring = ring
        self.releases = releases
        inputNumber = number
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
        guard opened.wait(timeout: .now() + AudioHost.answerTimeout) == .success else {
            stopping.store(true, ordering: .releasing)
            throw DeviceError(
                "RtMidi: \(api.rawValue.uppercased()) does not answer within "
                    + "\(Int(AudioHost.answerTimeout)) s: is the server frozen? Restart it"
            )
        }
        if let error = error.withLock({ $0 }) {
            stopping.store(true, ordering: .releasing)
            hasOutgoing.signal()
            throw error
        }
    }

    private func run() {
        var server = Server()
        do { server.watch = try open() } catch {
            self.error.withLock { $0 = error as? DeviceError ?? DeviceError("\(error)") }
            return _ = opened.signal()
        }
        opened.signal()
        while !stopping.load(ordering: .acquiring) {
            if let watch = server.watch {
                if watch.serverDied { handleDeath(of: &server) } else { updateSenders(&server, watch) }
            } else if crt_now() >= server.nextTry {
                server.nextTry = crt_now() + Self.retryInterval
                server.watch = try? open()
            }
            _ = wake.wait(timeout: .now() + Self.pollInterval)
        }
        close(&server)
        releases.push(RtMidiInput.gone(crt_now(), inputNumber))
    }

    /// Opens the ports. Returns the watch of their senders. Throws ``DeviceError``.
    private func open() throws -> any SenderWatch {
        // Opened first: where there is no server, this fails before RtMidi prints its own message.
        let watch: any SenderWatch =
            api == .jack ? try JACKSenderWatch(name: name) : try SequencerSenderWatch(name: name)
        do {
            // RtMidi opens JACK clients of its own; none may be opened before the dead ones are closed.
            guard !watch.serverDied else { throw DeviceError("RtMidi: the JACK server has died") }
            let input = try RtMidiInput(api, ring: ring, input: inputNumber, name: name)
            watch.findPort()
            let output = try? RtMidiOutput(api, name: "\(name) feedback")
            ports.withLock { $0 = Ports(input: input, output: output) }
            return watch
        } catch {
            watch.close()
            throw error
        }
    }

    /// Releases all senders and closes the ports after the server has died.
    private func handleDeath(of server: inout Server) {
        release(server.knownSenders, &server)
        close(&server)
        server.nextTry = crt_now() + Self.retryInterval
    }

    private func updateSenders(_ server: inout Server, _ watch: any SenderWatch) {
        let senders = watch.senders()
        // The server may have died during the query.
        guard !watch.serverDied else { return }
        let gone = server.knownSenders.subtracting(senders), new = senders.subtracting(server.knownSenders)
        server.knownSenders = senders
        for name in new.sorted() { append(.connected(name)) }
        if !gone.isEmpty { release(gone, &server) }
    }

    private func release(_ senders: Set<String>, _ server: inout Server) {
        releases.push(RtMidiInput.gone(crt_now(), inputNumber))
        for name in senders.sorted() { append(.disconnected(name)) }
        server.knownSenders.subtract(senders)
    }

    private func append(_ notice: Notice) {
        notices.withLock { if $0.count < 64 { $0.append(notice) } }
    }

    private func close(_ server: inout Server) {
        let ports = ports.withLock { ports in
            defer { ports = Ports() }
            return ports
        }
        ports.input?.stop()
        ports.output?.stop()
        server.watch?.close()
        server.watch = nil
    }

    /// Sends one message to all receivers connected to `out`. It does not wait: if more than 512 messages
    /// are waiting, the message is dropped. [control]
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
            // If the server dies meanwhile, the closed port ignores further messages.
            let output = ports.withLock { $0.output }
            for message in messages { output?.send(message) }
        }
    }

    /// Returns the notices since the last call. [control]
    public func popNotices() -> [Notice] {
        notices.withLock { list in
            defer { list = [] }
            return list
        }
    }

    /// Returns the number of times that events were lost since the last call; held notes are released each
    /// time. [control]
    public func popLosses() -> Int { ports.withLock { $0.input?.popLosses() ?? 0 } }

    /// Returns true if an identity request came since the last call. [control]
    public func popIdentityRequest() -> Bool { ports.withLock { $0.input?.popIdentityRequest() ?? false } }

    /// Closes the ports and releases held notes. Returns false if the server does not answer within
    /// `seconds`; the ports then stay open until the process ends. [control]
    @discardableResult public func stop(within seconds: Double) -> Bool {
        stopping.store(true, ordering: .releasing)
        wake.signal()
        hasOutgoing.signal()
        return finished.wait(timeout: .now() + seconds) == .success
    }
}
