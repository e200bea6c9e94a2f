import CALSA
import CJACK
import CRealtime
import CRtMidi
public import KairosControl
import Synchronization

/// A virtual MIDI input port by RtMidi, under JACK or ALSA.
///
/// Time stamps are taken in the callback, so they have the jitter of RtMidi's thread.
public final class RtMidiInput: Sendable {
    /// The MIDI system that RtMidi uses.
    public enum API: String, Sendable, CaseIterable {
        /// JACK MIDI.
        case jack
        /// The ALSA sequencer.
        case alsa

        var kind: RtMidiApi { self == .jack ? RTMIDI_API_UNIX_JACK : RTMIDI_API_LINUX_ALSA }
    }

    private struct Port {
        let device: RtMidiInPtr
        /// It must outlive the device.
        let callback: UnsafeMutablePointer<crtmidi_callback>
    }
    /// Nil once it is closed.
    private let port: Mutex<Port?>
    private let ring: Ring<Event>
    private let input: UInt8
    private struct Decoding {
        var decoder = MIDIDecoder()
        /// True after events were lost, until the held notes are released.
        var isOverrun = false
    }
    /// Used by RtMidi's thread only.
    private let decoding = Exclusive(Decoding())
    private let lost = Atomic<Int>(0)
    private let asked = Atomic<Bool>(false)

    /// Opens a port `in` of a client called `name`. `input` is the event input's number. A frozen server
    /// delays it indefinitely. Throws ``DeviceError``.
    public init(_ api: API, ring: Ring<Event>, input: UInt8 = 1, name: String = "Kairos MIDI") throws {
        Self.silenceLibraries()
        guard let device = rtmidi_in_create(api.kind, name, 1024), device.pointee.ok else {
            throw DeviceError("RtMidi finds no \(api.rawValue.uppercased())")
        }
        self.ring = ring
        self.input = input
        port = Mutex(Port(device: device, callback: .allocate(capacity: 1)))
        guard port.withLock({ $0.map(open) ?? false }) else {
            stop()
            throw DeviceError("RtMidi cannot open a port under \(api.rawValue.uppercased())")
        }
    }

    private func open(_ port: Port) -> Bool {
        // By default RtMidi drops system exclusive, clock and active sensing; only the last is dropped here.
        rtmidi_in_ignore_types(port.device, false, false, true)
        port.callback.initialize(
            to: crtmidi_callback(
                call: { _, bytes, count, me in
                    guard let me, let bytes else { return }
                    Unmanaged<RtMidiInput>.fromOpaque(me)._withUnsafeGuaranteedRef {
                        $0.receive(bytes, Int(count))
                    }
                }, context: Unmanaged.passUnretained(self).toOpaque()))
        crtmidi_in_set_callback(port.device, port.callback)
        rtmidi_open_virtual_port(port.device, "in")
        return port.device.pointee.ok
    }

    /// Silences the messages of ALSA and JACK; Kairos reports errors itself.
    static func silenceLibraries() {
        calsa_silence()
        jack_set_error_function { _ in }
        jack_set_info_function { _ in }
    }

    private func receive(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
        let now = crt_now()
        decoding.withValue { state in
            var isOverrun = state.isOverrun
            for n in 0..<count {
                state.decoder.decode(bytes[n]) { push($0, now, &isOverrun) }
                if bytes[n] == 0xf7, state.decoder.wantsIdentity { asked.store(true, ordering: .relaxed) }
            }
            state.isOverrun = isOverrun
        }
    }

    private func push(_ event: Event, _ now: UInt64, _ isOverrun: inout Bool) {
        if isOverrun, ring.push(Self.gone(now, input)) { isOverrun = false }
        var event = event
        event.stamp = now
        event.input = input
        event.source = FixedSource.rtMidi
        guard !ring.push(event) else { return }
        if !isOverrun { lost.wrappingAdd(1, ordering: .relaxed) }
        isOverrun = true
    }

    /// The event that releases everything held through RtMidi; `now` is in nanoseconds.
    static func gone(_ now: UInt64, _ input: UInt8) -> Event {
        Event(.sourceGone, stamp: now, source: FixedSource.rtMidi, input: input)
    }

    /// Returns the number of times that events were lost since the last call; held notes are released each
    /// time. For one thread other than RtMidi's.
    public func popLosses() -> Int { lost.exchange(0, ordering: .relaxed) }

    /// Returns true if an identity request came since the last call. For one thread other than RtMidi's.
    public func popIdentityRequest() -> Bool { asked.exchange(false, ordering: .relaxed) }

    /// Closes the port, also where the JACK server has died. No JACK client may have been opened since
    /// (``JACKClients``). A further call does nothing.
    public func stop() {
        port.withLock {
            guard let port = $0 else { return }
            rtmidi_in_cancel_callback(port.device)
            rtmidi_close_port(port.device)
            rtmidi_in_free(port.device)
            port.callback.deallocate()
            $0 = nil
        }
    }
}
