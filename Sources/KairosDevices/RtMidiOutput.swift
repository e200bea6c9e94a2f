import CRtMidi
import Synchronization

/// The output for controller feedback through RtMidi: a virtual port `out`, under JACK or ALSA. Its functions lock:
/// while a message is sent, closing waits for it.
public final class RtMidiOutput: Sendable {
    /// Nil once the port is closed.
    private let device: Mutex<RtMidiOutPtr?>

    /// Opens the port. A frozen server delays it indefinitely. Throws ``DeviceError``.
    public init(_ api: RtMidiInput.API, name: String = "Kairos MIDI feedback") throws {
        RtMidiInput.silenceLibraries()
        guard let device = rtmidi_out_create(api.kind, name), device.pointee.ok else {
            throw DeviceError("RtMidi finds no \(api.rawValue.uppercased())")
        }
        rtmidi_open_virtual_port(device, "out")
        guard device.pointee.ok else {
            rtmidi_out_free(device)
            throw DeviceError("RtMidi cannot open a port under \(api.rawValue.uppercased())")
        }
        self.device = Mutex(device)
    }

    /// Sends one message to all connected receivers. Does nothing after ``stop()``.
    public func send(_ bytes: [UInt8]) {
        device.withLock {
            if let device = $0 { rtmidi_out_send_message(device, bytes, Int32(clamping: bytes.count)) }
        }
    }

    /// Closes the port, also where the JACK server has died. A further call does nothing.
    public func stop() {
        device.withLock {
            guard let device = $0 else { return }
            rtmidi_close_port(device)
            rtmidi_out_free(device)
            $0 = nil
        }
    }
}
