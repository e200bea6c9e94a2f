import CALSA
import CRealtime
import Foundation
import KairosControl

/// The client of the ALSA sequencer, with its port `in`. Opened by one thread, then used and closed by the reader
/// thread.
final class SequencerReader {
    private let seq: OpaquePointer
    private let queue: Int32
    private let port: Int32
    private let client: Int32
    private let ring: Ring<Event>
    private let input: UInt8
    private let notices: SequencerNotices
    private let connections: Connections
    private var sources = SourceTable()
    private var names: [Int: String] = [:]
    /// The sources whose release could not be pushed yet, one bit each.
    private var pendingReleases: UInt64 = 0
    /// True after a loss was reported, until all releases are pushed.
    private var isOverrun = false
    private var decoders = (0..<Event.sourceLimit).map { _ in SequencerDecoder() }
    /// The time stamp of the first event of each source's last packet.
    private var packetStamps = [UInt64](repeating: 0, count: Event.sourceLimit)
    /// The names of ports that were connected, automatically or by the user; they are reconnected when they
    /// return.
    private var remembered: Set<String> = []

    /// Opens the sequencer and connects the keyboards. `input` is the event input's number. Throws
    /// ``DeviceError`` where there is no sequencer. [control]
    init(
        ring: Ring<Event>, input: UInt8, connections: Connections, name: String, notices: SequencerNotices
    ) throws {
        seq = try SequencerPorts.open(SND_SEQ_OPEN_DUPLEX)
        self.ring = ring
        self.input = input
        self.connections = connections
        self.notices = notices
        snd_seq_set_client_name(seq, name)
        client = snd_seq_client_id(seq)
        // The largest pool that the kernel allows: at the default of 200 events, a controller's burst can
        // lose notes.
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
        // Set for the port, so that the events of every sender are stamped, however it connects.
        snd_seq_port_info_set_timestamping(info, 1)
        snd_seq_port_info_set_timestamp_real(info, 1)
        snd_seq_port_info_set_timestamp_queue(info, queue)
        let made = queue < 0 ? queue : snd_seq_create_port(seq, info)
        port = snd_seq_port_info_get_port(info)
        guard made >= 0 else {
            snd_seq_close(seq)
            throw DeviceError("cannot create an ALSA sequencer port: \(reason(made))")
        }
        slowQueueTimer()
        calsa_start_queue(seq, queue)
        snd_seq_drain_output(seq)
        snd_seq_connect_from(seq, port, Int32(SND_SEQ_CLIENT_SYSTEM), Int32(SND_SEQ_PORT_SYSTEM_ANNOUNCE))
        subscribeAll()
    }

    /// Sets the queue's timer to 10 ticks a second, the lowest rate that the kernel accepts. Between ticks
    /// a time stamp is exact. At each tick the queue's clock is corrected by the tick's lateness, and
    /// earlier stamps are wrong by that amount. No event is scheduled on the queue; at the default of 1000
    /// ticks a second, the stamps of a busy machine have jitter.
    private func slowQueueTimer() {
        var timer: OpaquePointer?
        snd_seq_queue_timer_malloc(&timer)
        defer { snd_seq_queue_timer_free(timer) }
        guard snd_seq_get_queue_timer(seq, queue, timer) >= 0 else { return }
        snd_seq_queue_timer_set_resolution(timer, 10)
        snd_seq_set_queue_timer(seq, queue, timer)
    }

    /// Closes the client. Afterwards nothing else may be called.
    func close() { snd_seq_close(seq) }

    // MARK: reading

    /// Reads events until `isStopping` returns true. [input]
    func readAll(until isStopping: () -> Bool) {
        var descriptors = [pollfd](
            repeating: pollfd(), count: Int(snd_seq_poll_descriptors_count(seq, Int16(POLLIN))))
        snd_seq_poll_descriptors(seq, &descriptors, UInt32(descriptors.count), Int16(POLLIN))
        var status: OpaquePointer?
        snd_seq_queue_status_malloc(&status)
        defer { snd_seq_queue_status_free(status) }
        while !isStopping() {
            if pendingReleases != 0 { pushReleases() }
            guard poll(&descriptors, UInt(descriptors.count), 50) > 0 else { continue }
            readSome(status)
        }
    }

    /// Reads the waiting events, at most 512 for each wake-up.
    private func readSome(_ status: OpaquePointer?) {
        guard let offset = queueOffset(status) else { return }
        for _ in 0..<512 {
            var event: UnsafeMutablePointer<snd_seq_event_t>?
            let result = snd_seq_event_input(seq, &event)
            if result == -ENOSPC {
                for source in sources.used { decoders[Int(source)].forgetUnfinished() }
                handleOverrun()
                continue
            }
            guard result >= 0, let event else { return }
            receive(event.pointee, offset)
        }
    }

    /// Our clock minus the queue's clock in nanoseconds. Measured at each wake-up, so that drift does not
    /// matter.
    private func queueOffset(_ status: OpaquePointer?) -> Int64? {
        var offset: Int64?, shortest = UInt64.max
        // An interruption between the two readings falsifies the difference: the shortest of three is used.
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

    private func receive(_ event: snd_seq_event_t, _ offset: Int64) {
        if event.source.client == UInt8(SND_SEQ_CLIENT_SYSTEM) { return handleAnnouncement(event) }
        let source = sources.index(of: event.source.client, event.source.port)
        let stamp = packetStamp(
            of: source, SequencerDecoder.stamp(of: event, queue: queue, offset: offset, now: crt_now()))
        decoders[Int(source)].decode(event) { push($0, source, stamp) }
        if decoders[Int(source)].wantsIdentity { notices.append(.asksIdentity(.init(event.source))) }
    }

    /// Gives all events of one packet the same time stamp, although the kernel stamps them a microsecond
    /// apart, so that the notes of a chord fall on the same frame.
    private func packetStamp(of source: UInt16, _ stamp: UInt64) -> UInt64 {
        let first = packetStamps[Int(source)]
        if stamp >= first, stamp - first < 10_000 { return first }
        packetStamps[Int(source)] = stamp
        return stamp
    }

    private func push(_ event: Event, _ source: UInt16, _ stamp: UInt64) {
        var event = event
        event.stamp = stamp
        event.source = source
        event.input = input
        if !ring.push(event) { handleOverrun() }
    }

    // MARK: connections

    private func handleAnnouncement(_ event: snd_seq_event_t) {
        let address = event.data.addr, link = event.data.connect
        switch UInt32(event.type) {
        case SND_SEQ_EVENT_PORT_START.rawValue:
            subscribe(Int32(address.client), Int32(address.port))
        case SND_SEQ_EVENT_PORT_EXIT.rawValue: removeSource(address.client, address.port)
        case SND_SEQ_EVENT_PORT_SUBSCRIBED.rawValue
        where isOurs(link.dest) && link.sender.client != UInt8(SND_SEQ_CLIENT_SYSTEM):
            // The kernel reports it twice: as an announcement, and to the port itself.
            guard names[Int(link.sender.client) << 8 | Int(link.sender.port)] == nil else { return }
            let source = sources.index(of: link.sender.client, link.sender.port)
            let name = SequencerPorts.clientName(seq, Int32(link.sender.client))
            names[Int(link.sender.client) << 8 | Int(link.sender.port)] = name
            remembered.insert(stableName(link.sender))
            notices.append(.connected(name: name, source: source, address: .init(link.sender)))
        case SND_SEQ_EVENT_PORT_UNSUBSCRIBED.rawValue where isOurs(link.dest):
            // If the port still exists, the user disconnected it.
            if SequencerPorts.exists(seq, link.sender) { remembered.remove(stableName(link.sender)) }
            removeSource(link.sender.client, link.sender.port)
        default: break
        }
    }

    private func isOurs(_ address: snd_seq_addr_t) -> Bool {
        Int32(address.client) == client && Int32(address.port) == port
    }

    /// Releases the notes and pedals of one source, and reports that it was disconnected.
    private func removeSource(_ client: UInt8, _ port: UInt8) {
        let name = names.removeValue(forKey: Int(client) << 8 | Int(port))
        guard let source = sources.forget(client, port) else { return }
        pendingReleases |= 1 << UInt64(source)
        pushReleases()
        decoders[Int(source)] = SequencerDecoder()
        notices.append(
            .disconnected(
                name: name ?? "client \(client)",
                address: .init(snd_seq_addr_t(client: client, port: port))))
    }

    /// Releases the notes and pedals of all sources after events were lost: it is unknown whose they were.
    private func handleOverrun() {
        if !isOverrun { notices.append(.lostSync) }
        isOverrun = true
        pendingReleases |= sources.used.reduce(0) { $0 | 1 << UInt64($1) }
        pushReleases()
    }

    /// Pushes the pending releases. Where the ring is full, the rest follows as soon as there is room.
    private func pushReleases() {
        for source in UInt16(0)..<UInt16(Event.sourceLimit) where pendingReleases >> UInt64(source) & 1 == 1 {
            guard ring.push(Event(.sourceGone, stamp: crt_now(), source: source, input: input)) else {
                return
            }
            pendingReleases &= ~(1 << UInt64(source))
        }
        isOverrun = false
    }

    private func subscribeAll() {
        SequencerPorts.each(seq) { address in subscribe(address.client, address.port) }
    }

    /// Connects a port that is a keyboard, is selected by name, or was connected before it disappeared.
    private func subscribe(_ from: Int32, _ fromPort: Int32) {
        guard from != client, let port = SequencerPorts.port(seq, from, fromPort) else { return }
        let address = snd_seq_addr_t(client: UInt8(from), port: UInt8(fromPort))
        guard connections.wants(port) || remembered.contains(stableName(address)) else { return }
        snd_seq_connect_from(seq, self.port, from, fromPort)
    }

    /// The name of a port that stays the same when the device returns with another client number.
    private func stableName(_ address: snd_seq_addr_t) -> String {
        "\(SequencerPorts.clientName(seq, Int32(address.client))):\(address.port)"
    }
}
