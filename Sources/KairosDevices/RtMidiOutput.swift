import CRtMidi

/// The portable way back to the controllers: a port `out` that RtMidi opens, under JACK or ALSA, for whoever connects.
///
/// > Control thread.
public final class RtMidiOutput {
    private let device: RtMidiOutPtr

    /// Opens the port. Throws ``DeviceError``.
    public init(_ api: RtMidiInput.API) throws {
        let kind = api == .jack ? RTMIDI_API_UNIX_JACK : RTMIDI_API_LINUX_ALSA
        guard let device = rtmidi_out_create(kind, "Kairos MIDI feedback"), device.pointee.ok else {
            throw DeviceError("RtMidi finds no \(api.rawValue.uppercased())")
        }
        self.device = device
        rtmidi_open_virtual_port(device, "out")
        guard device.pointee.ok else {
            rtmidi_out_free(device)
            throw DeviceError("RtMidi opens no port under \(api.rawValue.uppercased())")
        }
    }

    /// Sends one message to whoever is connected.
    public func send(_ bytes: [UInt8]) { rtmidi_out_send_message(device, bytes, Int32(bytes.count)) }

    /// Closes the port; not where the JACK server is no more, which RtMidi does not survive.
    public func stop(serverDied: Bool = false) {
        guard !serverDied else { return }
        rtmidi_close_port(device)
        rtmidi_out_free(device)
    }
}
