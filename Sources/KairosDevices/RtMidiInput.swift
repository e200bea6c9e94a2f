import CRealtime
import CRtMidi
import KairosControl
import Synchronization

/// The portable second door: a port that RtMidi opens, under JACK or ALSA.
///
/// Its stamps are those of the callback, so they carry the jitter of RtMidi's thread.
public final class RtMidiInput: @unchecked Sendable {
    /// What RtMidi speaks to.
    public enum API: String, Sendable, CaseIterable {
        /// JACK-MIDI.
        case jack
        /// The ALSA sequencer.
        case alsa
    }

    private let device: RtMidiInPtr
    private let ring: Ring<Event>
    private let door: UInt8
    private var decoder = MIDIDecoder()
    /// Whether something found no room, so that what is held must be let go.
    private var isLosing = false
    private let lost = Atomic<Int>(0)
    private let asked = Atomic<Bool>(false)

    /// Opens a port `in` of a client `Kairos` that others can connect to. Throws ``DeviceError``.
    public init(_ api: API, ring: Ring<Event>, door: UInt8 = 1) throws {
        let kind = api == .jack ? RTMIDI_API_UNIX_JACK : RTMIDI_API_LINUX_ALSA
        guard let device = rtmidi_in_create(kind, "Kairos MIDI", 1024), device.pointee.ok else {
            throw DeviceError("RtMidi finds no \(api.rawValue.uppercased())")
        }
        self.device = device
        self.ring = ring
        self.door = door
        // Left alone, it keeps system exclusive and the clock to itself; active sensing it may.
        rtmidi_in_ignore_types(device, false, false, true)
        rtmidi_in_set_callback(
            device,
            { _, bytes, count, me in
                guard let me, let bytes else { return }
                Unmanaged<RtMidiInput>.fromOpaque(me)._withUnsafeGuaranteedRef { $0.take(bytes, Int(count)) }
            }, Unmanaged.passUnretained(self).toOpaque())
        rtmidi_open_virtual_port(device, "in")
        guard device.pointee.ok else {
            rtmidi_in_free(device)
            throw DeviceError("RtMidi opens no port under \(api.rawValue.uppercased())")
        }
    }

    private func take(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
        let now = crt_now()
        for n in 0..<count {
            decoder.take(bytes[n]) { push($0, now) }
            if bytes[n] == 0xf7, decoder.wantsIdentity { asked.store(true, ordering: .relaxed) }
        }
    }

    private func push(_ event: Event, _ now: UInt64) {
        if isLosing, ring.push(gone(now)) { isLosing = false }
        var event = event
        event.stamp = now
        event.door = door
        event.source = FixedSource.rtMidi
        guard !ring.push(event) else { return }
        if !isLosing { lost.add(1, ordering: .relaxed) }
        isLosing = true
    }

    private func gone(_ now: UInt64) -> Event {
        Event(.sourceGone, stamp: now, source: FixedSource.rtMidi, door: door)
    }

    /// How often events were lost since the last call; what was held is let go each time.
    ///
    /// > One thread other than RtMidi's.
    public func takeLosses() -> Int { lost.exchange(0, ordering: .relaxed) }

    /// Whether somebody asked who is here since the last call.
    ///
    /// > One thread other than RtMidi's.
    public func takeIdentityRequest() -> Bool { asked.exchange(false, ordering: .relaxed) }

    /// Closes the port; what it holds is let go.
    ///
    /// `serverDied`: RtMidi cannot close a client of a JACK server that is no more without a crash, so what it
    /// has is left to the end of the process.
    public func stop(serverDied: Bool = false) {
        if serverDied {
            _ = Unmanaged.passRetained(self)
        } else {
            rtmidi_in_cancel_callback(device)
            rtmidi_close_port(device)
            rtmidi_in_free(device)
        }
        ring.push(gone(crt_now()))
    }
}
