import CALSA

/// What the ALSA sequencer has to offer.
public enum SequencerPorts {
    /// One port.
    public struct Port: Sendable, Equatable {
        /// The client's number.
        public var client: Int32
        /// The port's number.
        public var port: Int32
        /// The client's name and the port's.
        public var name: String
        /// Whether it is hardware that Kairos connects by itself.
        public var isKeyboard: Bool
    }

    /// The ports that can be read. Throws ``DeviceError`` where there is no sequencer.
    public static func list() throws -> [Port] {
        calsa_silence()
        var handle: OpaquePointer?
        let status = snd_seq_open(&handle, "default", SND_SEQ_OPEN_DUPLEX, SND_SEQ_NONBLOCK)
        guard status >= 0, let handle else { throw DeviceError("no ALSA sequencer: \(reason(status))") }
        defer { snd_seq_close(handle) }
        var result: [Port] = []
        each(handle) { result.append($0) }
        return result
    }

    static func each(_ seq: OpaquePointer, _ body: (Port) -> Void) {
        var client: OpaquePointer?, port: OpaquePointer?
        snd_seq_client_info_malloc(&client)
        snd_seq_port_info_malloc(&port)
        defer {
            snd_seq_client_info_free(client)
            snd_seq_port_info_free(port)
        }
        snd_seq_client_info_set_client(client, -1)
        while snd_seq_query_next_client(seq, client) >= 0 {
            let number = snd_seq_client_info_get_client(client)
            let name = snd_seq_client_info_get_name(client).map { String(cString: $0) } ?? ""
            snd_seq_port_info_set_client(port, number)
            snd_seq_port_info_set_port(port, -1)
            while snd_seq_query_next_port(seq, port) >= 0 {
                guard reads(port) else { continue }
                let at = snd_seq_port_info_get_port(port)
                let portName = snd_seq_port_info_get_name(port).map { String(cString: $0) } ?? ""
                body(
                    Port(
                        client: number, port: at, name: name == portName ? name : "\(name): \(portName)",
                        isKeyboard: isKeyboard(seq, number, at)))
            }
        }
    }

    private static func reads(_ info: OpaquePointer?) -> Bool {
        let wanted = UInt32(SND_SEQ_PORT_CAP_READ | SND_SEQ_PORT_CAP_SUBS_READ)
        return snd_seq_port_info_get_capability(info) & wanted == wanted
    }

    /// Hardware: a kernel client's MIDI port, but neither the system's nor the through port.
    static func isKeyboard(_ seq: OpaquePointer, _ client: Int32, _ port: Int32) -> Bool {
        guard client != Int32(SND_SEQ_CLIENT_SYSTEM) else { return false }
        var info: OpaquePointer?, owner: OpaquePointer?
        snd_seq_port_info_malloc(&info)
        snd_seq_client_info_malloc(&owner)
        defer {
            snd_seq_port_info_free(info)
            snd_seq_client_info_free(owner)
        }
        guard snd_seq_get_any_port_info(seq, client, port, info) >= 0, reads(info),
            snd_seq_get_any_client_info(seq, client, owner) >= 0,
            snd_seq_client_info_get_type(owner) == SND_SEQ_KERNEL_CLIENT
        else { return false }
        let type = snd_seq_port_info_get_type(info)
        let hardware = UInt32(SND_SEQ_PORT_TYPE_HARDWARE | SND_SEQ_PORT_TYPE_PORT)
        // The through port is software that the kernel provides.
        return type & UInt32(SND_SEQ_PORT_TYPE_MIDI_GENERIC) != 0 && type & hardware != 0
            && snd_seq_client_info_get_card(owner) >= 0
    }
}
