import CRtMidi

/// The output for controller feedback through RtMidi: a virtual port `out`, under JACK or ALSA.
public final class RtMidiOutput: @unchecked Sendable {
    private let device: RtMidiOutPtr

    /// Opens the port. A frozen server delays it indefinitely. Throws ``DeviceError``.
    public init(_ api: RtMidiInput.API, name: String = "Kairos MIDI feedback") throws {
        RtMidiInput.silenceLibraries()
        guard let device = rtmidi_out_create(api.kind, name), device.pointee.ok else {
            throw DeviceError("RtMidi finds no \(api.rawValue.uppercased())")
        }
        self.device = device
        rtmidi_open_virtual_port(device, "out")
        guard device.pointee.ok else {
            rtmidi_out_free(device)
            throw DeviceError("RtMidi cannot open a port under \(api.rawValue.uppercased())")
        }
    }

    /// Sends one message to all connected receivers. For one thread at a time.
    public func send(_ bytes: [UInt8]) {
        rtmidi_out_send_message(device, bytes, Int32(clamping: bytes.count))
    }

    /// Closes the port, even if the JACK server has died.
    public func stop() {
        rtmidi_close_port(device)
        rtmidi_out_free(device)
    }
}
