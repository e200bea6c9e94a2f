import CALSA
import KairosControl

/// The output for controller feedback (LED rings, motor faders) and identity replies through the ALSA
/// sequencer. [control]
///
/// It is a separate sequencer client, so that it shares no lock with the reader thread.
public final class SequencerOutput {
    private let seq: OpaquePointer
    private let port: Int32
    private let coder: OpaquePointer?
    private var open: [(address: SequencerPorts.Address, port: Int32)] = []

    /// Opens a client called `name`. Throws ``DeviceError`` if there is no sequencer.
    public init(name: String = "Kairos feedback") throws {
        seq = try SequencerPorts.open(SND_SEQ_OPEN_OUTPUT)
        snd_seq_set_client_name(seq, name)
        port = snd_seq_create_simple_port(
            seq, "out", UInt32(SND_SEQ_PORT_CAP_READ | SND_SEQ_PORT_CAP_SUBS_READ),
            UInt32(SND_SEQ_PORT_TYPE_MIDI_GENERIC | SND_SEQ_PORT_TYPE_APPLICATION))
        var coder: OpaquePointer?
        snd_midi_event_new(256, &coder)
        snd_midi_event_no_status(coder, 1)
        self.coder = coder
    }

    deinit {
        snd_midi_event_free(coder)
        snd_seq_close(seq)
    }

    /// Sends one message to the device at `address`. Returns false if the device accepts none, or has no
    /// room.
    @discardableResult
    public func send(_ bytes: [UInt8], to address: SequencerPorts.Address) -> Bool {
        guard let port = connected(address), let number = UInt8(exactly: address.client),
            let portNumber = UInt8(exactly: port)
        else { return false }
        return send(bytes, to: snd_seq_addr_t(client: number, port: portNumber))
    }

    /// Answers the client at `address`. A client that receives on another port or client than it sends from
    /// is reached through its connection to this client's port.
    public func answer(_ bytes: [UInt8], to address: SequencerPorts.Address) {
        guard !send(bytes, to: address) else { return }
        send(
            bytes,
            to: snd_seq_addr_t(
                client: UInt8(SND_SEQ_ADDRESS_SUBSCRIBERS), port: UInt8(SND_SEQ_ADDRESS_UNKNOWN)))
    }

    @discardableResult private func send(_ bytes: [UInt8], to destination: snd_seq_addr_t) -> Bool {
        var event = snd_seq_event_t()
        snd_midi_event_reset_encode(coder)
        guard snd_midi_event_encode(coder, bytes, bytes.count, &event) == bytes.count else { return false }
        event.source.port = UInt8(truncatingIfNeeded: port)
        event.dest = destination
        event.queue = UInt8(SND_SEQ_QUEUE_DIRECT)
        return snd_seq_event_output_direct(seq, &event) >= 0
    }

    /// Forgets a device that has disconnected.
    public func forget(_ address: SequencerPorts.Address) { open.removeAll { $0.address == address } }

    /// Connects to the device's port if necessary, because hardware receives only while it is connected.
    /// Returns the port's number, or nil if the device accepts no messages.
    private func connected(_ address: SequencerPorts.Address) -> Int32? {
        if let known = open.first(where: { $0.address == address }) { return known.port }
        guard let port = SequencerPorts.writable(seq, address) else { return nil }
        snd_seq_connect_to(seq, self.port, address.client, port)
        open.append((address, port))
        return port
    }
}
