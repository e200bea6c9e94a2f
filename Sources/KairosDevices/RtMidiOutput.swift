import CRtMidi

/// The way back to the controllers through RtMidi: a port `out`, under JACK or ALSA, for whoever connects.
public final class RtMidiOutput: @unchecked Sendable {
    private let device: RtMidiOutPtr

    /// Opens the port. It waits for as long as a frozen server takes. Throws ``DeviceError``.
    public init(_ api: RtMidiInput.API, name: String = "Kairos MIDI feedback") throws {
        RtMidiInput.silenceLibraries()
        guard let device = rtmidi_out_create(api.kind, name), device.pointee.ok else {
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
    ///
    /// > Thread: one at a time
    public func send(_ bytes: [UInt8]) {
        rtmidi_out_send_message(device, bytes, Int32(clamping: bytes.count))
    }

    /// Closes the port, also where the JACK server has died.
    public func stop() {
        rtmidi_close_port(device)
        rtmidi_out_free(device)
    }
}
