import CALSA
import CRealtime
import Foundation
import KairosControl
import Synchronization

/// The ALSA sequencer door: a client `Kairos` whose port `in` any keyboard or program can connect to.
///
/// Every event carries the kernel's own time stamp of its delivery to the port. Hardware keyboards that are
/// there, or appear later, are subscribed by themselves.
public final class SequencerInput: @unchecked Sendable {
    /// What came or went, for whoever tells the player.
    public enum Notice: Sendable, Equatable {
        /// A device was connected, or connected itself.
        case connected(name: String, source: UInt16, address: SequencerPorts.Address)
        /// A device is gone; its notes and pedals were let go.
        case disconnected(name: String, address: SequencerPorts.Address)
        /// The kernel had no room for more events and dropped some: everything held was let go.
        case lostSync
        /// A device asks who is here.
        case asksIdentity(SequencerPorts.Address)
    }

    private let seq: OpaquePointer
    private let queue: Int32
    private let port: Int32
    private let client: Int32
    private let ring: Ring<Event>
    private let door: UInt8
    private let stopping = Atomic<Bool>(false)
    private let finished = DispatchSemaphore(value: 0)
    private let notices = Mutex<[Notice]>([])
    private let connections: Connections
    // The reader's own.
    private var sources = SourceTable()
    private var names: [Int: String] = [:]
    /// Sources whose release is still to be said.
    private var owed: UInt64 = 0
    /// Whether a loss was told of whose releases are not all said yet.
    private var isLosing = false
    private var decoders = (0..<Event.sourceLimit).map { _ in SequencerDecoder() }
    /// When the last packet of each source began.
    private var moments = [UInt64](repeating: 0, count: Event.sourceLimit)
    /// Ports that were connected, by whomever: when one comes back, so does its connection.
    private var faithful: Set<String> = []
    /// Why real-time priority was refused, or nil.
    public private(set) var priorityError: Int32 = 0

    /// Opens the sequencer. Throws ``DeviceError`` where there is none.
    ///
    /// `priority` is that of the reader's thread, above the audio thread's: it works for microseconds.
    public init(
        ring: Ring<Event>, door: UInt8 = 0, connections: Connections = Connections(), name: String = "Kairos"
    ) throws {
        seq = try SequencerPorts.open(SND_SEQ_OPEN_DUPLEX)
        self.ring = ring
        self.door = door
        self.connections = connections
        snd_seq_set_client_name(seq, name)
        client = snd_seq_client_id(seq)
        // The largest pool the kernel gives: at the default of 200 a controller's burst can lose notes.
        snd_seq_set_client_pool_input(seq, 2000)
        snd_seq_set_input_buffer_size(seq, 64 * 1024)
        queue = snd_seq_alloc_named_queue(seq, name)
        var info: OpaquePointer?
        snd_seq_port_info_malloc(&info)
        defer { snd_seq_port_info_free(info) }
        snd_seq_port_info_set_name(info, "in")
        snd_seq_port_info_set_capability(info, UInt32(SND_SEQ_PORT_CAP_WRITE | SND_SEQ_PORT_CAP_SUBS_WRITE))
        snd_seq_port_info_set_type(
            info,
            UInt32(
                SND_SEQ_PORT_TYPE_MIDI_GENERIC | SND_SEQ_PORT_TYPE_APPLICATION | SND_SEQ_PORT_TYPE_SYNTHESIZER
            ))
        snd_seq_port_info_set_midi_channels(info, 16)
        // At port level, so that whoever connects is stamped, however it connects.
        snd_seq_port_info_set_timestamping(info, 1)
        snd_seq_port_info_set_timestamp_real(info, 1)
        snd_seq_port_info_set_timestamp_queue(info, queue)
        let made = queue < 0 ? queue : snd_seq_create_port(seq, info)
        port = snd_seq_port_info_get_port(info)
        guard made >= 0 else {
            snd_seq_close(seq)
            throw DeviceError("the ALSA sequencer gives no port: \(reason(made))")
        }
        calmQueue()
        calsa_start_queue(seq, queue)
        snd_seq_drain_output(seq)
        snd_seq_connect_from(seq, port, Int32(SND_SEQ_CLIENT_SYSTEM), Int32(SND_SEQ_PORT_SYSTEM_ANNOUNCE))
        subscribeAll()
    }

    /// Makes the queue's timer tick ten times a second, the fewest that the kernel takes. Between ticks a stamp is
    /// exact; at each the queue's clock takes over how late the tick came, and a stamp from before it is wrong by
    /// that much. Nothing is ever scheduled here, and at the default of a thousand a busy machine's stamps shake.
    private func calmQueue() {
        var timer: OpaquePointer?
        snd_seq_queue_timer_malloc(&timer)
        defer { snd_seq_queue_timer_free(timer) }
        guard snd_seq_get_queue_timer(seq, queue, timer) >= 0 else { return }
        snd_seq_queue_timer_set_resolution(timer, 10)
        snd_seq_set_queue_timer(seq, queue, timer)
    }

    /// Starts the reader's thread at a real-time priority, where that is granted.
    public func start(priority: Int32) {
        let ready = DispatchSemaphore(value: 0)
        let thread = Thread { [self] in
            priorityError = crt_set_realtime_priority(priority)
            ready.signal()
            readAll()
            finished.signal()
        }
        thread.name = "kairos-midi"
        thread.start()
        ready.wait()
    }

    /// Ends the reader and closes the client. False where the reader has not ended after `seconds`; then the client
    /// stays open.
    ///
    /// > Thread: [control]
    @discardableResult public func stop(within seconds: Double = 1) -> Bool {
        stopping.store(true, ordering: .releasing)
        guard finished.wait(timeout: .now() + seconds) == .success else { return false }
        snd_seq_close(seq)
        return true
    }

    /// What came and went since the last call.
    public func takeNotices() -> [Notice] {
        notices.withLock { list in
            defer { list.removeAll() }
            return list
        }
    }

    // MARK: the reader's thread

    private func readAll() {
        var descriptors = [pollfd](
            repeating: pollfd(), count: Int(snd_seq_poll_descriptors_count(seq, Int16(POLLIN))))
        snd_seq_poll_descriptors(seq, &descriptors, UInt32(descriptors.count), Int16(POLLIN))
        var status: OpaquePointer?
        snd_seq_queue_status_malloc(&status)
        defer { snd_seq_queue_status_free(status) }
        while !stopping.load(ordering: .acquiring) {
            if owed != 0 { payOwed() }
            guard poll(&descriptors, UInt(descriptors.count), 50) > 0 else { continue }
            readSome(status)
        }
    }

    /// Takes what there is, a bounded number of events a wake-up.
    private func readSome(_ status: OpaquePointer?) {
        guard let offset = queueOffset(status) else { return }
        for _ in 0..<512 {
            var event: UnsafeMutablePointer<snd_seq_event_t>?
            let result = snd_seq_event_input(seq, &event)
            if result == -ENOSPC {
                for source in sources.used { decoders[Int(source)].forgetUnfinished() }
                loseSync()
                continue
            }
            guard result >= 0, let event else { return }
            take(event.pointee, offset)
        }
    }

    /// What our clock is ahead of the queue's, in nanoseconds: anew each time, so that there is no drift to follow.
    private func queueOffset(_ status: OpaquePointer?) -> Int64? {
        var offset: Int64?, shortest = UInt64.max
        // Whoever interrupts between the two clocks makes them look apart.
        for _ in 0..<3 where shortest > 5_000 {
            let before = crt_now()
            snd_seq_get_queue_status(seq, queue, status)
            let after = crt_now()
            guard after - before < shortest, let time = snd_seq_queue_status_get_real_time(status)?.pointee
            else { continue }
            shortest = after - before
            offset =
                Int64(before + shortest / 2) - Int64(time.tv_sec) * 1_000_000_000 - Int64(time.tv_nsec)
        }
        return offset
    }

    private func take(_ event: snd_seq_event_t, _ offset: Int64) {
        if event.source.client == UInt8(SND_SEQ_CLIENT_SYSTEM) { return announced(event) }
        let source = sources.index(of: event.source.client, event.source.port)
        let stamp = moment(
            of: source, SequencerDecoder.stamp(of: event, queue: queue, offset: offset, now: crt_now()))
        decoders[Int(source)].take(event) { push($0, source, stamp) }
        if decoders[Int(source)].wantsIdentity { notice(.asksIdentity(.init(event.source))) }
    }

    /// What comes in one packet is one moment, though the kernel stamps it event by event, a microsecond apart: the
    /// notes of a chord stay on one frame.
    private func moment(of source: UInt16, _ stamp: UInt64) -> UInt64 {
        let first = moments[Int(source)]
        if stamp >= first, stamp - first < 10_000 { return first }
        moments[Int(source)] = stamp
        return stamp
    }

    private func push(_ event: Event, _ source: UInt16, _ stamp: UInt64) {
        var event = event
        event.stamp = stamp
        event.source = source
        event.door = door
        if !ring.push(event) { loseSync() }
    }

    // MARK: who comes and goes

    private func announced(_ event: snd_seq_event_t) {
        let address = event.data.addr, link = event.data.connect
        switch UInt32(event.type) {
        case SND_SEQ_EVENT_PORT_START.rawValue:
            subscribe(Int32(address.client), Int32(address.port))
        case SND_SEQ_EVENT_PORT_EXIT.rawValue: leave(address.client, address.port)
        case SND_SEQ_EVENT_PORT_SUBSCRIBED.rawValue
        where isOurs(link.dest) && link.sender.client != UInt8(SND_SEQ_CLIENT_SYSTEM):
            // It is told twice: as an announcement, and to the port itself.
            guard names[Int(link.sender.client) << 8 | Int(link.sender.port)] == nil else { return }
            let source = sources.index(of: link.sender.client, link.sender.port)
            let name = SequencerPorts.clientName(seq, Int32(link.sender.client))
            names[Int(link.sender.client) << 8 | Int(link.sender.port)] = name
            faithful.insert(stableName(link.sender))
            notice(.connected(name: name, source: source, address: .init(link.sender)))
        case SND_SEQ_EVENT_PORT_UNSUBSCRIBED.rawValue where isOurs(link.dest):
            // Taken apart on purpose, where the port is still there.
            if SequencerPorts.exists(seq, link.sender) { faithful.remove(stableName(link.sender)) }
            leave(link.sender.client, link.sender.port)
        default: break
        }
    }

    private func isOurs(_ address: snd_seq_addr_t) -> Bool {
        Int32(address.client) == client && Int32(address.port) == port
    }

    /// Lets go what a source held, and nothing else.
    private func leave(_ client: UInt8, _ port: UInt8) {
        let name = names.removeValue(forKey: Int(client) << 8 | Int(port))
        guard let source = sources.forget(client, port) else { return }
        owed |= 1 << UInt64(source)
        payOwed()
        decoders[Int(source)] = SequencerDecoder()
        notice(
            .disconnected(
                name: name ?? "client \(client)",
                address: .init(snd_seq_addr_t(client: client, port: port))))
    }

    /// Events of every source were lost: none knows which, so what each holds is let go.
    private func loseSync() {
        if !isLosing { notice(.lostSync) }
        isLosing = true
        owed |= sources.used.reduce(0) { $0 | 1 << UInt64($1) }
        payOwed()
    }

    /// The ring may be full just then: what could not be said is said as soon as there is room.
    private func payOwed() {
        for source in UInt16(0)..<UInt16(Event.sourceLimit) where owed >> UInt64(source) & 1 == 1 {
            guard ring.push(Event(.sourceGone, stamp: crt_now(), source: source, door: door)) else { return }
            owed &= ~(1 << UInt64(source))
        }
        isLosing = false
    }

    /// Bounded, for whoever takes the notices may be held up, and any program can ask for the identity at any rate.
    private func notice(_ notice: Notice) {
        notices.withLock { if $0.count < 4096 { $0.append(notice) } }
    }

    private func subscribeAll() {
        SequencerPorts.each(seq) { address in subscribe(address.client, address.port) }
    }

    /// Connects a port that is a keyboard, or is asked for by name, or was connected before it went away.
    private func subscribe(_ from: Int32, _ fromPort: Int32) {
        guard from != client, let port = SequencerPorts.port(seq, from, fromPort) else { return }
        let address = snd_seq_addr_t(client: UInt8(from), port: UInt8(fromPort))
        guard connections.wants(port) || faithful.contains(stableName(address)) else { return }
        snd_seq_connect_from(seq, self.port, from, fromPort)
    }

    /// Numbers are given anew each time; names stay.
    private func stableName(_ address: snd_seq_addr_t) -> String {
        "\(SequencerPorts.clientName(seq, Int32(address.client))):\(address.port)"
    }
}
