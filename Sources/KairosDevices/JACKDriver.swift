import CJACK
import CRealtime
import Foundation
import KairosControl
import KairosDSP
import Synchronization

/// The audio driver for JACK: a client `Kairos` with two outputs. Under PipeWire it is the same client, run
/// with `pw-jack`.
///
/// The driver's own thread makes every call that the server must answer: it connects the outputs, reads
/// their connections and latency, and closes the client. A frozen server blocks that thread only.
public final class JACKDriver: AudioDriver {
    /// The name for messages. [any]
    public let name = "JACK"
    /// The period in frames that Kairos requested from PipeWire; nil with another server, or if the user
    /// set it in the environment.
    public let requestedPeriod: Int?
    private let handle: JACKClients.Client
    private var client: OpaquePointer { handle.pointer }
    private let ports: [SharedHandle]
    private let connects: Bool
    private let speakers: Speakers
    private let rate: Atomic<Int>
    private let frames: Atomic<Int>
    private let playbackLatency = Atomic<Int>(0)
    /// The latency in frames of the limiter and of sample rate conversion, which the output ports state.
    private let ownLatency = Atomic<UInt32>(0)
    private let played = Atomic<Int>(0)
    private let interruptions = Atomic<Int>(0)
    private let stopping = Atomic<Bool>(false)
    private let connected = Mutex<[String]>([])
    private let wake = DispatchSemaphore(value: 0)
    private let closed = DispatchSemaphore(value: 0)
    /// Set once, by ``start(_:)``.
    private let started = AtomicLazyReference<Started>()

    private final class Started: Sendable {
        let access: EngineAccess
        init(_ access: EngineAccess) { self.access = access }
    }

    /// The time in seconds to wait for the server's first blocks, and the interval of polling the
    /// connections.
    private static let firstBlocks = 1.0, pollInterval = 0.25

    /// Opens a client of a running server, and waits until it asks for blocks, which are silent at first.
    /// No server is started for it. If `period` is given, PipeWire's period is set to it.
    ///
    /// A frozen server delays it indefinitely. Throws ``DeviceError``.
    public init(connects: Bool = true, speakers: Speakers = Speakers(), period: Int? = nil) throws {
        jack_set_error_function { _ in }
        jack_set_info_function { _ in }
        guard let handle = JACKClients.open("Kairos") else {
            throw DeviceError(
                "no JACK server answers; start one first, or under PipeWire start Kairos with 'pw-jack'"
            )
        }
        let client = handle.pointer
        let ports = ["left", "right"].compactMap { (name: String) in
            jack_port_register(client, name, JACK_DEFAULT_AUDIO_TYPE, UInt(JackPortIsOutput.rawValue), 0)
                .map(SharedHandle.init)
        }
        guard ports.count == 2 else {
            JACKClients.close(handle)
            throw DeviceError("the JACK server refuses to register output ports")
        }
        self.handle = handle
        self.ports = ports
        self.connects = connects
        self.speakers = speakers
        rate = Atomic(Int(jack_get_sample_rate(client)))
        frames = Atomic(Int(jack_get_buffer_size(client)))
        let isPipeWire = PipeWire.isJACK
        requestedPeriod = isPipeWire ? PipeWire.requestedPeriod : nil
        let callbacks = FixedArray(makeCallbacks())
        cjack_set_callbacks(client, callbacks.baseAddress)
        guard jack_activate(client) == 0 else {
            JACKClients.close(handle)
            _ = consume callbacks
            throw DeviceError("the JACK server refuses to activate the client")
        }
        if isPipeWire, let period { jack_set_buffer_size(client, jack_nframes_t(period)) }
        speakers.begin()
        // The thread that closes the client frees the callbacks.
        let handover = Handover(callbacks)
        let thread = Thread { [self] in
            if let callbacks = handover.take() { run(callbacks) }
        }
        thread.name = "kairos-jack"
        thread.stackSize = 1 << 20
        thread.start()
        // PipeWire's actual rate and period are known only from its blocks.
        let end = crt_now() + UInt64(Self.firstBlocks * 1e9)
        while blocks < 3, crt_now() < end, !hasDied { crt_sleep_until(crt_now() + 2_000_000) }
    }

    /// The server's current sample rate in Hz. [any]
    public var sampleRate: Int { rate.load(ordering: .relaxed) }
    /// The server's current block length in frames. [any]
    public var period: Int { frames.load(ordering: .relaxed) }
    /// One block, in frames. [any]
    public var latency: Int { period }
    /// The latency in frames that the server reports for the connected outputs. [any]
    public var outputLatency: Int { playbackLatency.load(ordering: .relaxed) }
    /// The number of xruns that the server has reported. [any]
    public var xruns: Int { interruptions.load(ordering: .relaxed) }
    /// The number of blocks that the server asked for. [any]
    public var blocks: Int { played.load(ordering: .relaxed) }
    /// True if the server has ended or removed the client. [any]
    public var hasDied: Bool { handle.isDead }
    /// The ports to which the two outputs are connected. Locks. [any]
    public var outputs: AudioOutputs { .ports(connected.withLock { $0 }) }
    /// Always 0: the server sets the thread's priority.
    public var priorityError: Int32 { 0 }

    /// Starts to render through `access` on the server's thread. The client is active already. Does not throw. [control]
    public func start(_ access: EngineAccess) throws {
        _ = started.storeIfNil(Started(access))
        wake.signal()
    }

    // MARK: callbacks

    private func makeCallbacks() -> cjack_callbacks {
        jack_set_thread_init_callback(client, { _ in crt_flush_to_zero() }, nil)
        return cjack_callbacks(
            process: { count, me in JACKDriver.with(me) { $0.process(Int(count)) } },
            buffer_size: { count, me in
                JACKDriver.with(me) { $0.frames.store(Int(count), ordering: .relaxed) }
            },
            xrun: { me in JACKDriver.with(me) { $0.interruptions.wrappingAdd(1, ordering: .relaxed) } },
            port_registration: { port, _, me in _ = JACKDriver.with(me) { $0.portChanged(port) } },
            port_connect: { _, _, _, me in _ = JACKDriver.with(me) { $0.wake.signal() } },
            latency: { mode, me in
                if mode == JackCaptureLatency { _ = JACKDriver.with(me) { $0.stateLatency() } }
            },
            shutdown: { me in _ = JACKDriver.with(me) { $0.shutDown() } },
            context: Unmanaged.passUnretained(self).toOpaque())
    }

    /// Calls `body` with the driver behind a callback's context pointer. The driver outlives the client's
    /// threads: the thread that closes the client retains it.
    @inline(__always) private static func with<Result>(
        _ me: UnsafeMutableRawPointer?, _ body: (JACKDriver) -> Result
    ) -> Int32 {
        if let me { _ = Unmanaged<JACKDriver>.fromOpaque(me)._withUnsafeGuaranteedRef(body) }
        return 0
    }

    private func shutDown() {
        JACKClients.serverDied()
        started.load()?.access.notify()
    }

    private func portChanged(_ port: jack_port_id_t) {
        if let port = jack_port_by_id(client, port), let name = jack_port_name(port) {
            speakers.portChanged(String(cString: name), now: crt_now())
        }
        wake.signal()
    }

    /// Sets the capture latency of the output ports, by which a recorder compensates.
    private func stateLatency() {
        let frames = ownLatency.load(ordering: .relaxed)
        var range = jack_latency_range_t(min: frames, max: frames)
        for port in ports { jack_port_set_latency_range(port.pointer, JackCaptureLatency, &range) }
    }

    private func process(_ count: Int) {
        played.wrappingAdd(1, ordering: .relaxed)
        // PipeWire may change both while a client runs.
        let rate = Int(jack_get_sample_rate(client))
        if rate != self.rate.load(ordering: .relaxed) { self.rate.store(rate, ordering: .relaxed) }
        if count != frames.load(ordering: .relaxed) { frames.store(count, ordering: .relaxed) }
        guard
            let left = jack_port_get_buffer(ports[0].pointer, UInt32(count))?.assumingMemoryBound(
                to: Float.self),
            let right = jack_port_get_buffer(ports[1].pointer, UInt32(count))?.assumingMemoryBound(
                to: Float.self)
        else { return }
        if let started = started.load() {
            started.access.render(left, right, count, rate: rate, time(count, rate))
        } else {
            left.update(repeating: 0, count: count)
            right.update(repeating: 0, count: count)
        }
    }

    /// The block's time by the server's filtered clock: an event stamped at the beginning of this cycle
    /// sounds one period later.
    private func time(_ count: Int, _ rate: Int) -> BlockTime {
        let nominal = Double(max(1, rate)) * 1e-9
        var frame: jack_nframes_t = 0
        var now: jack_time_t = 0, next: jack_time_t = 0
        var length: Float = 0
        guard jack_get_cycle_times(client, &frame, &now, &next, &length) == 0, next > now else {
            return BlockTime(stamp: crt_now(), latency: count, framesPerNanosecond: nominal)
        }
        let measured = Double(count) / Double(next &- now) * 1e-3
        // JACK uses CLOCK_MONOTONIC_RAW, the kernel's stamps CLOCK_MONOTONIC: the offset is measured in each
        // block.
        let since = Int64(truncatingIfNeeded: jack_get_time() &- now), longest: Int64 = 10_000_000
        guard (-longest...longest).contains(since) else {
            return BlockTime(stamp: crt_now(), latency: count, framesPerNanosecond: nominal)
        }
        return BlockTime(
            stamp: UInt64(max(0, Int64(clamping: crt_now()) - since * 1000)), latency: count,
            // Just after a start, the server's clock has not converged.
            framesPerNanosecond: min(1.25 * nominal, max(0.8 * nominal, measured)))
    }

    // MARK: calls that the server answers

    private func run(_ callbacks: consuming FixedArray<cjack_callbacks>) {
        while !stopping.load(ordering: .acquiring) {
            if !hasDied {
                updateLatency()
                updateOutputs()
            }
            _ = wake.wait(timeout: .now() + Self.pollInterval)
        }
        // The client of a dead server is closed too, to release its thread and memory.
        JACKClients.close(handle)
        // They must outlive the client.
        _ = consume callbacks
        closed.signal()
    }

    /// Lets the server ask for the latency of the output ports when it has changed.
    private func updateLatency() {
        guard let access = started.load()?.access else { return }
        let rate = sampleRate
        let new = UInt32((min(1, access.feed.delay(rate: rate)) * Double(rate)).rounded())
        if ownLatency.exchange(new, ordering: .relaxed) != new { jack_recompute_total_latencies(client) }
    }

    private func updateOutputs() {
        let now = crt_now()
        // The connections are read before the ports: where a port has gone, its connection goes first.
        let connections = ports.map { Self.names(jack_port_get_all_connections(client, $0.pointer)) }
        let changes = speakers.changes(
            inputs: inputs(), connected: connections.map(Set.init), isAutomatic: connects, now: now)
        for change in changes {
            switch change {
            case .connect(let output, let name):
                jack_connect(client, jack_port_name(ports[output].pointer), name)
            case .disconnect(let output, let name):
                jack_disconnect(client, jack_port_name(ports[output].pointer), name)
            }
        }
        let found =
            changes.isEmpty
            ? connections : ports.map { Self.names(jack_port_get_all_connections(client, $0.pointer)) }
        connected.withLock { $0 = found.flatMap { $0 } }
        playbackLatency.store(ports.map { outputLatency($0.pointer) }.max() ?? 0, ordering: .relaxed)
    }

    private func outputLatency(_ port: OpaquePointer) -> Int {
        var range = jack_latency_range_t()
        jack_port_get_latency_range(port, JackPlaybackLatency, &range)
        // A server that has not computed the latency yet may report any value.
        return range.max <= 1 << 20 ? Int(range.max) : 0
    }

    /// The audio inputs of all clients, in the server's order.
    private func inputs() -> [SpeakerPlan.Port] {
        let names = Self.names(
            jack_get_ports(client, nil, JACK_DEFAULT_AUDIO_TYPE, UInt(JackPortIsInput.rawValue)))
        return names.compactMap { name in
            guard let port = jack_port_by_name(client, name) else { return nil }
            let flags = UInt32(bitPattern: jack_port_flags(port))
            return SpeakerPlan.Port(
                name: name, isPhysical: flags & JackPortIsPhysical.rawValue != 0,
                isTerminal: flags & JackPortIsTerminal.rawValue != 0)
        }
    }

    /// The names in a list from libjack. Frees the list.
    static func names(_ list: UnsafeMutablePointer<UnsafePointer<CChar>?>?) -> [String] {
        guard let list else { return [] }
        defer { jack_free(list) }
        var result: [String] = [], index = 0
        while let name = list[index] {
            result.append(String(cString: name))
            index += 1
        }
        return result
    }

    /// Closes the client. Returns false if the server has not answered after `seconds`. [control]
    @discardableResult public func stop(within seconds: Double = 2) -> Bool {
        if !stopping.exchange(true, ordering: .acquiringAndReleasing) { wake.signal() }
        guard closed.wait(timeout: .now() + seconds) == .success else { return false }
        // A further call returns the same result.
        closed.signal()
        return true
    }
}
