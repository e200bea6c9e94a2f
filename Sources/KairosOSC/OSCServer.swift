import CRealtime
import Foundation
import Glibc
import KairosControl
import Synchronization

/// Takes OSC in over UDP and TCP, and answers.
///
/// liblo reads and writes the messages; the sockets are our own, because liblo 0.31 listens on every interface and
/// takes messages of any size. One thread reads and plays; one other does everything that may take time.
public final class OSCServer: Sendable {
    let console: OSCDispatcher
    private let listeners: [Listener]
    private let jobs = Mutex(OSCJobQueue())
    private let waiting = DispatchSemaphore(value: 0)
    private let stopping = Atomic<Bool>(false)
    private let finished = DispatchSemaphore(value: 0)
    private let known = Mutex<[String: Sender]>([:])
    private let scheduled = Mutex(OSCSchedule())
    /// The port it listens on.
    public let port: Int

    /// Listens on `port` (0 for any that is free) of this machine only, or of the network where `everywhere`.
    ///
    /// Throws what is wrong, as a text for the player.
    public init(_ console: OSCDispatcher, port: Int, everywhere: Bool = false) throws(OSCServerError) {
        self.console = console
        (listeners, self.port) = try Listener.open(port: port, everywhere: everywhere)
    }

    /// Begins.
    public func start() {
        for (name, work) in [("kairos-osc", readAll), ("kairos-edits", workAll)]
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

    /// Ends: nothing more is taken. It returns within half a second, also where a command is not finished by then; that
    /// command goes on until the process ends.
    public func stop() {
        stopping.store(true, ordering: .releasing)
        console.end()
        waiting.signal()
        let deadline = DispatchTime.now() + .milliseconds(500)
        guard finished.wait(timeout: deadline) == .success, finished.wait(timeout: deadline) == .success
        else {
            return
        }
        for listener in listeners { close(listener.socket) }
    }

    // MARK: reading

    @Sendable private func readAll() {
        var connections = ConnectionTable()
        // Until when no connection is accepted, because there is no descriptor for one.
        var acceptsFrom: UInt64 = 0
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
        defer { buffer.deallocate() }
        while !stopping.load(ordering: .acquiring) {
            let open = connections.connections, accepts = crt_now() >= acceptsFrom
            // poll passes over a negative descriptor.
            var polled = listeners.map {
                pollfd(fd: $0.isStream && !accepts ? -1 : $0.socket, events: Int16(POLLIN), revents: 0)
            }
            polled += open.map { pollfd(fd: $0.socket, events: Int16(POLLIN), revents: 0) }
            poll(&polled, nfds_t(polled.count), patience)
            release(crt_now())
            for (listener, ready) in zip(listeners, polled) where ready.revents != 0 {
                if !listener.isStream {
                    readPackets(listener, buffer)
                } else if !accept(listener, &connections) {
                    acceptsFrom = crt_now() + 1_000_000_000
                }
            }
            for (connection, ready) in zip(open, polled.dropFirst(listeners.count)) where ready.revents != 0 {
                readStream(connection, buffer)
            }
            for name in connections.removeEnded() {
                known.withLock { _ = $0.removeValue(forKey: name) }
                console.forget(name)
            }
        }
    }

    /// Milliseconds until there is something to do that no socket tells of.
    private var patience: Int32 {
        guard let next = scheduled.withLock({ $0.next }) else { return 50 }
        let now = crt_now(), ahead = next > now + Self.horizon ? next - now - Self.horizon : 0
        return Int32(min(50, ahead / 1_000_000))
    }

    /// Packets wait in the socket; each round takes some of them, so that no sender has the thread to itself.
    private func readPackets(_ listener: Listener, _ buffer: UnsafeMutableRawBufferPointer) {
        var packets = 0, messages = 0
        while packets < 64, messages < Self.roundLimit, let (count, address) = listener.receive(buffer) {
            packets += 1
            messages += take(
                UnsafeRawBufferPointer(rebasing: buffer[..<count]), Sender(udp: listener.socket, address))
        }
    }

    /// How many messages of UDP, and bytes of each TCP connection, are taken in one round, about.
    private static let roundLimit = 1024, streamRound = 16_384

    /// Accepts a connection. False where the system has none to give: it says at once again that one waits, so it is
    /// to be asked later.
    private func accept(_ listener: Listener, _ connections: inout ConnectionTable) -> Bool {
        let socket = Glibc.accept(listener.socket, nil, nil), reason = errno, now = crt_now()
        guard socket >= 0 else {
            if [EAGAIN, EINTR, ECONNABORTED].contains(reason) { return true }
            connections.endLongestIdle(now: now)
            return false
        }
        _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
        // Where it is not admitted, it is closed with its last reference.
        _ = connections.admit(Connection(socket, now: now), now: now)
        return true
    }

    private func readStream(_ connection: Connection, _ buffer: UnsafeMutableRawBufferPointer) {
        let count = recv(connection.socket, buffer.baseAddress, Self.streamRound, Int32(MSG_DONTWAIT))
        guard count > 0 else {
            if count == 0 || (errno != EAGAIN && errno != EINTR) { connection.end() }
            return
        }
        connection.take(UnsafeRawBufferPointer(rebasing: buffer[..<count]), now: crt_now()) { packet in
            packet.withUnsafeBytes { _ = take($0, Sender(tcp: connection)) }
        }
    }

    /// Takes a packet and returns how many messages it has.
    private func take(_ bytes: UnsafeRawBufferPointer, _ sender: Sender) -> Int {
        let now = crt_now(), packet = OSCPacket(bytes)
        for (stamp, message) in Self.inOrder(packet, now: now) where !OSCReply.isReply(message) {
            let job = OSCJob(message: message, sender: sender, stamp: stamp)
            if stamp > now + Self.horizon { schedule(job, now) } else { route(job) }
        }
        if let address = packet.unread, OSCReply(rawValue: address) == nil {
            let text = "\(bytes.count) bytes are no message of OSC, or hold what is not taken"
            sender.send(
                console.answer(to: OSCMessage(address), OSCError(.notOSC, text, name: "packet")))
        }
        return packet.items.count
    }

    // MARK: time tags

    /// The messages of a packet in the order of their times, so that the engine need not sort them; those of one time
    /// in the order they have in the packet.
    static func inOrder(_ packet: OSCPacket, now: UInt64) -> [(stamp: UInt64, message: OSCMessage)] {
        // Read once, so that equal time tags are equal stamps.
        var real = timespec()
        clock_gettime(CLOCK_REALTIME, &real)
        var isInOrder = true
        var found: [(stamp: UInt64, place: Int, message: OSCMessage)] = []
        for item in packet.items {
            let stamp = stamp(item.time, now, real)
            if let last = found.last, last.stamp > stamp { isInOrder = false }
            found.append((stamp, found.count, item.message))
        }
        if !isInOrder { found.sort { ($0.stamp, $0.place) < ($1.stamp, $1.place) } }
        return found.map { ($0.stamp, $0.message) }
    }

    /// How far ahead the engine is told of what is to come.
    private static let horizon: UInt64 = 500_000_000

    /// How long after it came something acts that has no time, or one that is over. So much may pass until the audio
    /// thread can see it, or a block would begin between two notes of a packet and part them.
    private static let grace: UInt64 = 1_000_000

    /// A time tag (seconds since 1900) on CLOCK_MONOTONIC, where that reads `now` and CLOCK_REALTIME `real`.
    private static func stamp(_ time: UInt64, _ now: UInt64, _ real: timespec) -> UInt64 {
        guard time > 1 else { return now + grace }
        let seconds = Int64(time >> 32) - 2_208_988_800 - Int64(real.tv_sec)
        let fraction = Int64(((time & 0xffff_ffff) * 1_000_000_000) >> 32) - Int64(real.tv_nsec)
        // Far from now, the difference in nanoseconds would not fit.
        guard seconds.magnitude < 1_000_000 else { return seconds < 0 ? now + grace : .max }
        let ahead = seconds * 1_000_000_000 + fraction
        return now + (ahead > 0 ? max(grace, UInt64(ahead)) : grace)
    }

    private func schedule(_ job: OSCJob, _ now: UInt64) {
        do throws(OSCError) {
            try scheduled.withLock { schedule throws(OSCError) in try schedule.add(job, now: now) }
        } catch { refuse(job, error) }
    }

    private func release(_ now: UInt64) {
        scheduled.withLock { $0.takeDue(now + Self.horizon) }.forEach(route)
    }

    // MARK: carrying out

    private func route(_ job: OSCJob) {
        if console.plays(job.message) {
            job.sender.send(console.answer(job.message, client: job.sender.name, stamp: job.stamp))
            return
        }
        if job.message.address == "/subscribe" { remember(job.sender) }
        if jobs.withLock({ $0.add(job) }) {
            waiting.signal()
        } else {
            refuse(
                job,
                OSCError(
                    .busy, "more commands at once than can be carried out; ask again",
                    name: String(job.message.address.prefix(80))))
        }
    }

    /// Keeps the way to somebody who wants to be told; those who want nothing any more are forgotten.
    private func remember(_ sender: Sender) {
        let name = sender.endpoint
        known.withLock { known in
            if known.count >= 2 * Subscriptions.limit {
                let wanted = console.subscribers
                known = known.filter { wanted.contains($0.key) }
            }
            if known.count < 2 * Subscriptions.limit || known[name] != nil { known[name] = sender }
        }
    }

    private func refuse(_ job: OSCJob, _ error: OSCError) {
        job.sender.send(console.answer(to: job.message, error))
    }

    @Sendable private func workAll() {
        while !stopping.load(ordering: .acquiring) {
            _ = waiting.wait(timeout: .now() + .milliseconds(50))
            while !stopping.load(ordering: .acquiring), let job = jobs.withLock({ $0.next() }) {
                // It may have waited for another.
                let stamp = max(job.stamp, crt_now() + Self.grace)
                job.sender.send(
                    console.answer(
                        job.message, client: job.sender.name, endpoint: job.sender.endpoint, stamp: stamp))
            }
            for (client, message) in console.due() { known.withLock { $0[client] }?.send(message) }
        }
    }
}

/// Why it cannot listen.
public struct OSCServerError: Error, CustomStringConvertible {
    /// For the player.
    public let description: String
}
