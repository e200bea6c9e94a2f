import CJACK
import CRealtime
import KairosEngine
import Synchronization

/// A JACK client `Kairos` with two outputs. Under PipeWire it is the same client through `pw-jack`.
public final class JACKDriver: AudioDriver, @unchecked Sendable {
    public let name = "JACK"
    public let sampleRate: Int
    private let client: OpaquePointer
    private let left: OpaquePointer
    private let right: OpaquePointer
    private let connects: Bool
    private let frames: Atomic<Int>
    private let interruptions = Atomic<Int>(0)
    private let died = Atomic<Bool>(false)
    private let stopped = Atomic<Bool>(false)
    private var engine: MeteredEngine?

    /// Becomes a client of a server that runs; it never starts one. Throws ``DeviceError``.
    public init(connects: Bool = true) throws {
        jack_set_error_function { _ in }
        jack_set_info_function { _ in }
        guard let client = cjack_open("Kairos") else {
            throw DeviceError(
                "no JACK server answers (it is never started from here; under PipeWire, start with 'pw-jack')"
            )
        }
        let left = jack_port_register(
            client, "left", JACK_DEFAULT_AUDIO_TYPE, UInt(JackPortIsOutput.rawValue), 0)
        let right = jack_port_register(
            client, "right", JACK_DEFAULT_AUDIO_TYPE, UInt(JackPortIsOutput.rawValue), 0)
        guard let left, let right else {
            jack_client_close(client)
            throw DeviceError("the JACK server gives no ports")
        }
        self.client = client
        self.left = left
        self.right = right
        self.connects = connects
        sampleRate = Int(jack_get_sample_rate(client))
        frames = Atomic(Int(jack_get_buffer_size(client)))
    }

    public var period: Int { frames.load(ordering: .relaxed) }
    public var latency: Int { period }
    public var xruns: Int { interruptions.load(ordering: .relaxed) }
    public var hasDied: Bool { died.load(ordering: .acquiring) }

    /// The audio thread's priority, or −1 where it has none.
    public var priority: Int32 { jack_client_real_time_priority(client) }

    public func start(_ engine: MeteredEngine) throws {
        self.engine = engine
        let me = Unmanaged.passUnretained(self).toOpaque()
        jack_set_thread_init_callback(client, { _ in crt_flush_to_zero() }, nil)
        jack_set_process_callback(
            client,
            { count, me in
                guard let me else { return 0 }
                return Unmanaged<JACKDriver>.fromOpaque(me)._withUnsafeGuaranteedRef {
                    $0.process(Int(count))
                }
            }, me)
        jack_set_buffer_size_callback(
            client,
            { count, me in
                // Any number of frames can be rendered at any time: it is only said.
                if let me {
                    Unmanaged<JACKDriver>.fromOpaque(me)._withUnsafeGuaranteedRef {
                        $0.frames.store(Int(count), ordering: .relaxed)
                    }
                }
                return 0
            }, me)
        jack_set_xrun_callback(
            client,
            { me in
                if let me {
                    Unmanaged<JACKDriver>.fromOpaque(me)._withUnsafeGuaranteedRef {
                        _ = $0.interruptions.add(1, ordering: .relaxed)
                    }
                }
                return 0
            }, me)
        jack_on_shutdown(
            client,
            { me in
                if let me {
                    Unmanaged<JACKDriver>.fromOpaque(me)._withUnsafeGuaranteedRef {
                        $0.died.store(true, ordering: .releasing)
                    }
                }
            }, me)
        guard jack_activate(client) == 0 else {
            throw DeviceError("the JACK server does not let the client start")
        }
        if connects { connectToSpeakers() }
    }

    private func process(_ count: Int) -> Int32 {
        guard let leftBuffer = jack_port_get_buffer(left, UInt32(count))?.assumingMemoryBound(to: Float.self),
            let rightBuffer = jack_port_get_buffer(right, UInt32(count))?.assumingMemoryBound(to: Float.self)
        else { return 0 }
        guard !stopped.load(ordering: .acquiring), let engine else {
            for n in 0..<count {
                leftBuffer[n] = 0
                rightBuffer[n] = 0
            }
            return 0
        }
        engine.render(leftBuffer, rightBuffer, count, timebase(count, engine.engine.clock))
        return 0
    }

    /// The server's own filtered clock: an event stamped as this cycle begins sounds one period later.
    private func timebase(_ count: Int, _ clock: Int) -> Timebase {
        var frame: jack_nframes_t = 0
        var now: jack_time_t = 0, next: jack_time_t = 0
        var length: Float = 0
        let status = jack_get_cycle_times(client, &frame, &now, &next, &length)
        guard status == 0, next > now else {
            return Timebase(
                stamp: crt_now(), frame: clock + count, framesPerNanosecond: Double(sampleRate) * 1e-9)
        }
        // JACK counts CLOCK_MONOTONIC_RAW, the kernel's stamps CLOCK_MONOTONIC: they are compared anew each time.
        let since = Int64(jack_get_time()) - Int64(now)
        return Timebase(
            stamp: UInt64(Int64(crt_now()) - since * 1000), frame: clock + count,
            framesPerNanosecond: Double(count) / Double(next - now) * 1e-3)
    }

    private func connectToSpeakers() {
        let wanted = UInt(JackPortIsPhysical.rawValue | JackPortIsInput.rawValue)
        guard let ports = jack_get_ports(client, nil, JACK_DEFAULT_AUDIO_TYPE, wanted) else { return }
        defer { jack_free(ports) }
        guard let first = ports[0] else { return }
        jack_connect(client, jack_port_name(left), first)
        jack_connect(client, jack_port_name(right), ports[1] ?? first)
    }

    /// Where the outputs are connected, for the start line.
    public var connections: [String] {
        [left, right].flatMap { port -> [String] in
            guard let names = jack_port_get_all_connections(client, port) else { return [] }
            defer { jack_free(names) }
            var result: [String] = [], index = 0
            while let name = names[index] {
                result.append(String(cString: name))
                index += 1
            }
            return result
        }
    }

    public func stop() {
        stopped.store(true, ordering: .releasing)
        // A dead server's client is closed too, so that its thread and memory are given back.
        jack_client_close(client)
    }
}
