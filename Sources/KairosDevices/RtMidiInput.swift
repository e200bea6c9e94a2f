import CALSA
import CJACK
import CRealtime
import CRtMidi
import KairosControl
import Synchronization

/// A MIDI input that RtMidi opens, under JACK or ALSA: a port that others can connect to.
///
/// Its stamps are those of the callback, so they carry the jitter of RtMidi's thread.
public final class RtMidiInput: @unchecked Sendable {
    /// What RtMidi speaks to.
    public enum API: String, Sendable, CaseIterable {
        /// JACK-MIDI.
        case jack
        /// The ALSA sequencer.
        case alsa

        var kind: RtMidiApi { self == .jack ? RTMIDI_API_UNIX_JACK : RTMIDI_API_LINUX_ALSA }
    }

    private let device: RtMidiInPtr
    private let callback: UnsafeMutablePointer<crtmidi_callback>
    private let ring: Ring<Event>
    private let door: UInt8
    private var decoder = MIDIDecoder()
    /// Whether something found no room, so that what is held must be let go.
    private var isLosing = false
    private let lost = Atomic<Int>(0)
    private let asked = Atomic<Bool>(false)

    /// Opens a port `in` of a client called `name`. It waits for as long as a frozen server takes. Throws
    /// ``DeviceError``.
    public init(_ api: API, ring: Ring<Event>, door: UInt8 = 1, name: String = "Kairos MIDI") throws {
        Self.silenceLibraries()
        guard let device = rtmidi_in_create(api.kind, name, 1024), device.pointee.ok else {
            throw DeviceError("RtMidi finds no \(api.rawValue.uppercased())")
        }
        self.device = device
        callback = .allocate(capacity: 1)
        self.ring = ring
        self.door = door
        // Left alone, it keeps system exclusive and the clock to itself; active sensing it may.
        rtmidi_in_ignore_types(device, false, false, true)
        callback.initialize(
            to: crtmidi_callback(
                call: { _, bytes, count, me in
                    guard let me, let bytes else { return }
                    Unmanaged<RtMidiInput>.fromOpaque(me)._withUnsafeGuaranteedRef {
                        $0.take(bytes, Int(count))
                    }
                }, context: Unmanaged.passUnretained(self).toOpaque()))
        crtmidi_in_set_callback(device, callback)
        rtmidi_open_virtual_port(device, "in")
        guard device.pointee.ok else {
            rtmidi_in_free(device)
            throw DeviceError("RtMidi opens no port under \(api.rawValue.uppercased())")
        }
    }

    /// What the libraries below would print on the terminal is told in our own words.
    static func silenceLibraries() {
        calsa_silence()
        jack_set_error_function { _ in }
        jack_set_info_function { _ in }
    }

    private func take(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
        let now = crt_now()
        for n in 0..<count {
            decoder.take(bytes[n]) { push($0, now) }
            if bytes[n] == 0xf7, decoder.wantsIdentity { asked.store(true, ordering: .relaxed) }
        }
    }

    private func push(_ event: Event, _ now: UInt64) {
        if isLosing, ring.push(Self.gone(now, door)) { isLosing = false }
        var event = event
        event.stamp = now
        event.door = door
        event.source = FixedSource.rtMidi
        guard !ring.push(event) else { return }
        if !isLosing { lost.wrappingAdd(1, ordering: .relaxed) }
        isLosing = true
    }

    /// Everything from here is let go.
    static func gone(_ now: UInt64, _ door: UInt8) -> Event {
        Event(.sourceGone, stamp: now, source: FixedSource.rtMidi, door: door)
    }

    /// How often events were lost since the last call; what was held is let go each time.
    ///
    /// > Thread: one, other than RtMidi's
    public func takeLosses() -> Int { lost.exchange(0, ordering: .relaxed) }

    /// Whether somebody asked who is here since the last call.
    ///
    /// > Thread: one, other than RtMidi's
    public func takeIdentityRequest() -> Bool { asked.exchange(false, ordering: .relaxed) }

    /// Closes the port, also where the JACK server has died. No JACK client is opened in between (``JACKClients``).
    public func stop() {
        rtmidi_in_cancel_callback(device)
        rtmidi_close_port(device)
        rtmidi_in_free(device)
    }

    deinit { callback.deallocate() }
}
