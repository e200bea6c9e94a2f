import CRealtime
import Foundation
import Glibc
import KairosControl
import Synchronization

/// Receives OSC over UDP and TCP, and sends the answers.
///
/// liblo parses and formats the messages. The sockets are opened here, because liblo 0.31 listens on every
/// interface and accepts messages of any size. One thread receives and runs the real-time commands; another
/// one runs all commands that may take time.
public final class OSCServer: Sendable {
    let dispatcher: OSCDispatcher
    private let listeners: [Listener]
    private let jobs = Mutex(OSCJobQueue())
    /// Signalled for each job in the queue.
    private let jobsAvailable = DispatchSemaphore(value: 0)
    private let isStopping = Atomic<Bool>(false)
    /// Signalled when a thread ends.
    private let finished = DispatchSemaphore(value: 0)
    /// The senders that subscriptions may go to, by endpoint.
    private let senders = Mutex<[String: Sender]>([:])
    private let scheduled = Mutex(OSCSchedule())
    /// The port that the server listens on.
    public let port: Int

    /// Opens the sockets on `port` (0: any free port), for this machine only, or on all network interfaces if
    /// `everywhere`. Throws an ``OSCServerError`` if that fails. [control]
    public init(_ dispatcher: OSCDispatcher, port: Int, everywhere: Bool = false) throws(OSCServerError) {
        self.dispatcher = dispatcher
        (listeners, self.port) = try Listener.open(port: port, onAllInterfaces: everywhere)
    }

    /// Starts the two threads. [control]
    public func start() {
        for (name, work) in [("kairos-osc", runReceiver), ("kairos-edits", runJobs)]
            as [(String, @Sendable () -> Void)]
        {
            let thread = Thread {
                work()
                self.finished.signal()
            }
            thread.name = name
            thread.stackSize = 4 << 20
            thread.start()
        }
    }

    /// Stops receiving and ends the threads. Returns within half a second even if a command has not finished;
    /// that command runs on until the process ends. [control]
    public func stop() {
        isStopping.store(true, ordering: .releasing)
        dispatcher.end()
        jobsAvailable.signal()
        let deadline = DispatchTime.now() + .milliseconds(500)
        guard finished.wait(timeout: deadline) == .success, finished.wait(timeout: deadline) == .success
        else {
            return
        }
        for listener in listeners { close(listener.socket) }
    }

    // MARK: receiving

    @Sendable private func runReceiver() {
        var connections = ConnectionTable()
        // No connection is accepted before this time, because there is no descriptor for one.
        var acceptTime: UInt64 = 0
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !isStopping.load(ordering: .acquiring) {
            let open = connections.connections, accepts = crt_now() >= acceptTime
            // poll ignores a negative descriptor.
            var polled = listeners.map {
                pollfd(fd: $0.isStream && !accepts ? -1 : $0.socket, events: Int16(POLLIN), revents: 0)
            }
            polled += open.map { pollfd(fd: $0.socket, events: Int16(POLLIN), revents: 0) }
            Socket.poll(&polled, milliseconds: pollTimeout)
            runDue(crt_now())
            for (listener, ready) in zip(listeners, polled) where ready.revents != 0 {
                if !listener.isStream {
                    readPackets(listener, &buffer)
                } else if !accept(listener, &connections) {
                    acceptTime = crt_now() + 1_000_000_000
                }
            }
            for (connection, ready) in zip(open, polled.dropFirst(listeners.count)) where ready.revents != 0 {
                readStream(connection, &buffer)
            }
            for name in connections.removeClosed() {
                senders.withLock { _ = $0.removeValue(forKey: name) }
                dispatcher.remove(name)
            }
        }
    }

    /// The time until the next scheduled command is due, in milliseconds; at most 50.
    private var pollTimeout: Int32 {
        guard let next = scheduled.withLock({ $0.next }) else { return 50 }
        let now = crt_now(), ahead = next > now + Self.lookahead ? next - now - Self.lookahead : 0
        return Int32(min(50, ahead / 1_000_000))
    }

    /// Receives a limited number of packets per round, so that no sender occupies the thread.
    private func readPackets(_ listener: Listener, _ buffer: inout [UInt8]) {
        var packets = 0, messages = 0
        while packets < 64, messages < Self.roundLimit, let (count, address) = listener.receive(into: &buffer)
        {
            packets += 1
            messages += receive(buffer[..<count], Sender(udp: listener.socket, address))
        }
    }

    /// The approximate number of UDP messages, and of bytes per TCP connection, that are received in one
    /// round.
    private static let roundLimit = 1024, streamRound = 16_384

    /// Accepts a connection. Returns false if the system has no descriptor for it: poll would report it again
    /// at once, so the caller tries again later.
    private func accept(_ listener: Listener, _ connections: inout ConnectionTable) -> Bool {
        let socket = Socket.accept(listener.socket), reason = errno, now = crt_now()
        guard socket >= 0 else {
            if [EAGAIN, EINTR, ECONNABORTED].contains(reason) { return true }
            connections.closeLongestIdle(now: now)
            return false
        }
        _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
        // If the table is full, the connection has no other reference, and its deinitializer closes the
        // socket.
        _ = connections.add(Connection(socket, now: now), now: now)
        return true
    }

    private func readStream(_ connection: Connection, _ buffer: inout [UInt8]) {
        let count = Socket.receive(connection.socket, into: &buffer, atMost: Self.streamRound)
        guard count > 0 else {
            if count == 0 || (errno != EAGAIN && errno != EINTR) { connection.markClosed() }
            return
        }
        connection.append(buffer[..<count], now: crt_now()) { packet in
            _ = receive(packet[...], Sender(tcp: connection))
        }
    }

    /// Runs or queues the messages of a packet, and returns their number.
    private func receive(_ bytes: ArraySlice<UInt8>, _ sender: Sender) -> Int {
        let now = crt_now(), packet = OSCPacket(bytes)
        for (stamp, message) in Self.timeOrdered(packet, now: now) where !OSCReply.isReply(message) {
            let job = OSCJob(message: message, sender: sender, stamp: stamp)
            if stamp > now + Self.lookahead { schedule(job, now) } else { run(job) }
        }
        if let address = packet.unread, OSCReply(rawValue: address) == nil {
            let text = "the \(bytes.count) bytes are not a valid OSC message, or exceed a limit"
            sender.send(
                dispatcher.answer(to: OSCMessage(address), OSCError(.notOSC, text, name: "packet")))
        }
        return packet.items.count
    }

    // MARK: time tags

    /// The messages of a packet ordered by time, so that the engine need not sort them; messages with the
    /// same time keep their order in the packet. Stamps are in nanoseconds of CLOCK_MONOTONIC.
    static func timeOrdered(_ packet: OSCPacket, now: UInt64) -> [(stamp: UInt64, message: OSCMessage)] {
        // Read once, so that equal time tags give equal stamps.
        var real = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &real)
        var isSorted = true
        var found: [(stamp: UInt64, index: Int, message: OSCMessage)] = []
        for item in packet.items {
            let stamp = stamp(item.time, now, real)
            if let last = found.last, last.stamp > stamp { isSorted = false }
            found.append((stamp, found.count, item.message))
        }
        if !isSorted { found.sort { ($0.stamp, $0.index) < ($1.stamp, $1.index) } }
        return found.map { ($0.stamp, $0.message) }
    }

    /// How long before its time a scheduled command is passed on, in nanoseconds.
    private static let lookahead: UInt64 = 500_000_000

    /// The delay after reception of a message without a time, or with one in the past, in nanoseconds.
    /// Without it a block could begin between two notes of one packet, so that they sound in different
    /// blocks.
    private static let minimumDelay: UInt64 = 1_000_000

    /// Converts a time tag (seconds since 1900) to CLOCK_MONOTONIC, given one reading of both clocks: `now`
    /// of CLOCK_MONOTONIC and `real` of CLOCK_REALTIME.
    private static func stamp(_ time: UInt64, _ now: UInt64, _ real: timespec) -> UInt64 {
        guard time > 1 else { return now + minimumDelay }
        let seconds = Int64(time >> 32) - 2_208_988_800 - Int64(real.tv_sec)
        let fraction = Int64(((time & 0xffff_ffff) * 1_000_000_000) >> 32) - Int64(real.tv_nsec)
        // A time far from now would overflow the difference in nanoseconds.
        guard seconds.magnitude < 1_000_000 else { return seconds < 0 ? now + minimumDelay : .max }
        let ahead = seconds * 1_000_000_000 + fraction
        return now + (ahead > 0 ? max(minimumDelay, UInt64(ahead)) : minimumDelay)
    }

    private func schedule(_ job: OSCJob, _ now: UInt64) {
        do throws(OSCError) {
            try scheduled.withLock { schedule throws(OSCError) in try schedule.insert(job, now: now) }
        } catch { answer(job, error) }
    }

    /// Runs or queues the scheduled commands that are due within the lookahead.
    private func runDue(_ now: UInt64) {
        scheduled.withLock { $0.popDue(now + Self.lookahead) }.forEach(run)
    }

    // MARK: running

    /// Runs a real-time command at once, and queues every other one.
    private func run(_ job: OSCJob) {
        if dispatcher.isRealTime(job.message) {
            job.sender.send(dispatcher.answer(job.message, client: job.sender.name, stamp: job.stamp))
            return
        }
        if job.message.address == "/subscribe" { register(job.sender) }
        if jobs.withLock({ $0.append(job) }) {
            jobsAvailable.signal()
        } else {
            answer(
                job,
                OSCError(
                    .busy, "the command queue is full; try again",
                    name: String(job.message.address.prefix(80))))
        }
    }

    /// Stores the sender of a subscription. When the table is full, senders without a subscription are
    /// removed.
    private func register(_ sender: Sender) {
        let endpoint = sender.endpoint
        senders.withLock { senders in
            if senders.count >= 2 * Subscriptions.limit {
                let wanted = dispatcher.subscribers.endpoints
                senders = senders.filter { wanted.contains($0.key) }
            }
            if senders.count < 2 * Subscriptions.limit || senders[endpoint] != nil {
                senders[endpoint] = sender
            }
        }
    }

    private func answer(_ job: OSCJob, _ error: OSCError) {
        job.sender.send(dispatcher.answer(to: job.message, error))
    }

    @Sendable private func runJobs() {
        while !isStopping.load(ordering: .acquiring) {
            _ = jobsAvailable.wait(timeout: .now() + .milliseconds(50))
            while !isStopping.load(ordering: .acquiring), let job = jobs.withLock({ $0.pop() }) {
                // The job may have waited in the queue beyond its time.
                let stamp = max(job.stamp, crt_now() + Self.minimumDelay)
                job.sender.send(
                    dispatcher.answer(
                        job.message, client: job.sender.name, endpoint: job.sender.endpoint, stamp: stamp))
            }
            for (client, message) in dispatcher.subscribers.dueMessages() {
                senders.withLock { $0[client] }?.send(message)
            }
        }
    }
}
