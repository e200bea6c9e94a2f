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
    /// The largest packet that is taken, in bytes, and the most connections and waiting commands.
    static let packetLimit = 1 << 20, connectionLimit = 32, jobLimit = 1024

    private struct Job: Sendable {
        var message: OSCMessage
        var sender: Sender
        var stamp: UInt64
    }

    let console: Console
    private let listeners: [Listener]
    private let jobs = Mutex<[Job]>([])
    private let waiting = DispatchSemaphore(value: 0)
    private let stopping = Atomic<Bool>(false)
    private let finished = DispatchSemaphore(value: 0)
    private let known = Mutex<[String: Sender]>([:])
    private let scheduled = Mutex<[(stamp: UInt64, job: Job)]>([])
    /// The port it listens on.
    public let port: Int

    /// Listens on `port` (0 for any that is free) of this machine only, or of the network where `everywhere`.
    ///
    /// Throws what is wrong, as a text for the player.
    public init(_ console: Console, port: Int, everywhere: Bool = false) throws(OSCServerError) {
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

    /// Ends: nothing more is taken.
    public func stop() {
        stopping.store(true, ordering: .releasing)
        waiting.signal()
        finished.wait()
        finished.wait()
        for listener in listeners { close(listener.socket) }
    }

    // MARK: reading

    @Sendable private func readAll() {
        var connections: [Connection] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
        defer { buffer.deallocate() }
        while !stopping.load(ordering: .acquiring) {
            var polled = listeners.map { pollfd(fd: $0.socket, events: Int16(POLLIN), revents: 0) }
            polled += connections.map { pollfd(fd: $0.socket, events: Int16(POLLIN), revents: 0) }
            poll(&polled, nfds_t(polled.count), patience)
            release(crt_now())
            for (index, listener) in listeners.enumerated() where polled[index].revents != 0 {
                if listener.isStream {
                    if let new = accept(listener, connections.count) { connections.append(new) }
                } else {
                    readPackets(listener, buffer)
                }
            }
            for index in connections.indices
            where polled[min(polled.count - 1, listeners.count + index)].revents != 0
                && listeners.count + index < polled.count
            {
                readStream(connections[index], buffer)
            }
            for connection in connections where connection.isOver {
                known.withLock { _ = $0.removeValue(forKey: connection.name) }
                console.forget(connection.name)
            }
            connections.removeAll { $0.isOver }
        }
    }

    /// Milliseconds until there is something to do that no socket tells of.
    private var patience: Int32 {
        let next = scheduled.withLock { $0.first?.stamp }
        guard let next else { return 50 }
        let now = crt_now(), ahead = next > now + Self.horizon ? next - now - Self.horizon : 0
        return Int32(min(50, ahead / 1_000_000))
    }

    /// Packets wait in the socket; each round takes some of them, so that no sender has the thread to itself.
    private func readPackets(_ listener: Listener, _ buffer: UnsafeMutableRawBufferPointer) {
        for _ in 0..<64 {
            guard let (count, address) = listener.receive(buffer) else { return }
            take(
                UnsafeRawBufferPointer(rebasing: buffer[..<count]),
                Sender(udp: listener.socket, address))
        }
    }

    private func accept(_ listener: Listener, _ count: Int) -> Connection? {
        let socket = Glibc.accept(listener.socket, nil, nil)
        guard socket >= 0 else { return nil }
        guard count < Self.connectionLimit else {
            close(socket)
            return nil
        }
        return Connection(socket)
    }

    private func readStream(_ connection: Connection, _ buffer: UnsafeMutableRawBufferPointer) {
        let count = recv(connection.socket, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
        guard count > 0 else {
            if count == 0 || (errno != EAGAIN && errno != EINTR) { connection.end() }
            return
        }
        connection.take(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { packet in
            packet.withUnsafeBytes { take($0, Sender(tcp: connection)) }
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer, _ sender: Sender) {
        let now = crt_now(), packet = OSCPacket(bytes)
        for item in packet.items {
            let stamp = Self.stamp(item.time, now)
            let job = Job(message: item.message, sender: sender, stamp: stamp)
            if stamp > now + Self.horizon { schedule(job) } else { route(job) }
        }
        if !packet.isWhole {
            let text = "\(bytes.count) bytes are no message of OSC, or hold what is not taken"
            sender.send(
                OSCMessage(
                    "/error", [.string(OSCError.Code.notOSC.rawValue), .string(text), .string("packet")]))
        }
    }

    // MARK: time tags

    /// How far ahead the engine is told of what is to come.
    private static let horizon: UInt64 = 500_000_000

    /// How long after it came something acts that has no time, or one that is over. So much may pass until the audio
    /// thread can see it, or a block would begin between two notes of a packet and part them.
    private static let grace: UInt64 = 1_000_000

    /// A time tag (seconds since 1900) on CLOCK_MONOTONIC.
    private static func stamp(_ time: UInt64, _ now: UInt64) -> UInt64 {
        guard time > 1 else { return now + grace }
        var real = timespec()
        clock_gettime(CLOCK_REALTIME, &real)
        let seconds = Int64(time >> 32) - 2_208_988_800 - Int64(real.tv_sec)
        let fraction = Int64(((time & 0xffff_ffff) * 1_000_000_000) >> 32) - Int64(real.tv_nsec)
        guard seconds.magnitude < 1_000_000 else { return seconds < 0 ? now + grace : .max }
        let ahead = seconds * 1_000_000_000 + fraction
        return ahead > 0 ? crt_now() + UInt64(ahead) : now + grace
    }

    private func schedule(_ job: Job) {
        let hasRoom = scheduled.withLock { list in
            guard list.count < Self.jobLimit, job.stamp < .max else { return false }
            let at = list.firstIndex { $0.stamp > job.stamp } ?? list.count
            list.insert((job.stamp, job), at: at)
            return true
        }
        if !hasRoom { refuse(job, "too much waits for its time already, or the time is too far away") }
    }

    private func release(_ now: UInt64) {
        let due = scheduled.withLock { list in
            let count = list.firstIndex { $0.stamp > now + Self.horizon } ?? list.count
            defer { list.removeFirst(count) }
            return list[..<count].map(\.job)
        }
        due.forEach(route)
    }

    // MARK: carrying out

    private func route(_ job: Job) {
        if console.plays(job.message) {
            job.sender.send(console.answer(job.message, client: job.sender.name, stamp: job.stamp))
            return
        }
        if job.message.address == "/subscribe" { remember(job.sender) }
        let hasRoom = jobs.withLock { list in
            guard list.count < Self.jobLimit else { return false }
            list.append(job)
            return true
        }
        if hasRoom {
            waiting.signal()
        } else {
            refuse(job, "more commands at once than can be carried out; ask again")
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

    private func refuse(_ job: Job, _ text: String) {
        var values: [OSCValue] = [
            .string(OSCError.Code.busy.rawValue), .string(text), .string(job.message.address),
        ]
        if case .string(let tag)? = job.message.values.last, tag.hasPrefix("#") {
            values.append(.string(tag))
        }
        job.sender.send(OSCMessage("/error", values))
    }

    @Sendable private func workAll() {
        while !stopping.load(ordering: .acquiring) {
            _ = waiting.wait(timeout: .now() + .milliseconds(50))
            while let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
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
