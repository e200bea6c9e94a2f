import CALSA

/// The clients and ports of the ALSA sequencer.
public enum SequencerPorts {
    /// The address of a port.
    public struct Address: Sendable, Equatable {
        /// The client's number.
        public var client: Int32
        /// The port's number.
        public var port: Int32

        init(_ address: snd_seq_addr_t) {
            client = Int32(address.client)
            port = Int32(address.port)
        }
    }

    /// A readable port.
    public struct Port: Sendable, Equatable {
        /// The client's number.
        public var client: Int32
        /// The port's number.
        public var port: Int32
        /// The names of the client and the port.
        public var name: String
        /// True for hardware, which Kairos connects automatically.
        public var isKeyboard: Bool
    }

    /// Lists the readable ports. Throws ``DeviceError`` if there is no sequencer. [control]
    public static func list() throws -> [Port] {
        let handle = try open(SND_SEQ_OPEN_DUPLEX)
        defer { snd_seq_close(handle) }
        var result: [Port] = []
        each(handle) { result.append($0) }
        return result
    }

    /// Opens a non-blocking client and silences the library's own messages. Throws ``DeviceError``.
    static func open(_ directions: Int32) throws -> OpaquePointer {
        calsa_silence()
        var handle: OpaquePointer?
        let status = snd_seq_open(&handle, "default", directions, SND_SEQ_NONBLOCK)
        guard status >= 0, let handle else {
            throw DeviceError(
                "no ALSA sequencer: \(reason(status)); load the kernel module with 'modprobe snd-seq'")
        }
        return handle
    }

    /// Calls `body` for each readable port.
    static func each(_ seq: OpaquePointer, _ body: (Port) -> Void) {
        var client: OpaquePointer?, port: OpaquePointer?
        snd_seq_client_info_malloc(&client)
        snd_seq_port_info_malloc(&port)
        defer {
            snd_seq_client_info_free(client)
            snd_seq_port_info_free(port)
        }
        snd_seq_client_info_set_client(client, .beforeFirst)
        while snd_seq_query_next_client(seq, client) >= 0 {
            let number = snd_seq_client_info_get_client(client)
            let name = snd_seq_client_info_get_name(client).map { String(cString: $0) } ?? ""
            snd_seq_port_info_set_client(port, number)
            snd_seq_port_info_set_port(port, .beforeFirst)
            while snd_seq_query_next_port(seq, port) >= 0 {
                guard reads(port) else { continue }
                body(described(seq, port, name))
            }
        }
    }

    private static func described(_ seq: OpaquePointer, _ info: OpaquePointer?, _ name: String) -> Port {
        let client = snd_seq_port_info_get_client(info), at = snd_seq_port_info_get_port(info)
        let portName = snd_seq_port_info_get_name(info).map { String(cString: $0) } ?? ""
        return Port(
            client: client, port: at, name: name == portName ? name : "\(name): \(portName)",
            isKeyboard: isKeyboard(seq, client, at))
    }

    /// The port with these numbers; nil if it does not exist or is not readable.
    static func port(_ seq: OpaquePointer, _ client: Int32, _ port: Int32) -> Port? {
        var info: OpaquePointer?
        snd_seq_port_info_malloc(&info)
        defer { snd_seq_port_info_free(info) }
        guard snd_seq_get_any_port_info(seq, client, port, info) >= 0, reads(info) else { return nil }
        return described(seq, info, clientName(seq, client))
    }

    /// True if the port exists.
    static func exists(_ seq: OpaquePointer, _ address: snd_seq_addr_t) -> Bool {
        var info: OpaquePointer?
        snd_seq_port_info_malloc(&info)
        defer { snd_seq_port_info_free(info) }
        return snd_seq_get_any_port_info(seq, Int32(address.client), Int32(address.port), info) >= 0
    }

    /// The name of a client; `client N` if it has none.
    static func clientName(_ seq: OpaquePointer, _ client: Int32) -> String {
        var info: OpaquePointer?
        snd_seq_client_info_malloc(&info)
        defer { snd_seq_client_info_free(info) }
        guard snd_seq_get_any_client_info(seq, client, info) >= 0,
            let name = snd_seq_client_info_get_name(info)
        else { return "client \(client)" }
        return String(cString: name)
    }

    /// The number of a writable port of the client at `address`: the same port if it is writable,
    /// otherwise the first that is. Nil if there is none.
    static func writable(_ seq: OpaquePointer, _ address: Address) -> Int32? {
        var info: OpaquePointer?
        snd_seq_port_info_malloc(&info)
        defer { snd_seq_port_info_free(info) }
        let wanted = UInt32(SND_SEQ_PORT_CAP_WRITE | SND_SEQ_PORT_CAP_SUBS_WRITE)
        func isWritable(_ info: OpaquePointer?) -> Bool {
            snd_seq_port_info_get_capability(info) & wanted == wanted
        }
        if snd_seq_get_any_port_info(seq, address.client, address.port, info) >= 0, isWritable(info) {
            return address.port
        }
        snd_seq_port_info_set_client(info, address.client)
        snd_seq_port_info_set_port(info, .beforeFirst)
        while snd_seq_query_next_port(seq, info) >= 0 {
            if isWritable(info) { return snd_seq_port_info_get_port(info) }
        }
        return nil
    }

    private static func reads(_ info: OpaquePointer?) -> Bool {
        let wanted = UInt32(SND_SEQ_PORT_CAP_READ | SND_SEQ_PORT_CAP_SUBS_READ)
        return snd_seq_port_info_get_capability(info) & wanted == wanted
    }

    /// True for hardware: a MIDI port of a kernel client that belongs to a card. The system client and the
    /// through port are excluded.
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
        // The through port is a software port of the kernel and has no card.
        return type & UInt32(SND_SEQ_PORT_TYPE_MIDI_GENERIC) != 0 && type & hardware != 0
            && snd_seq_client_info_get_card(owner) >= 0
    }
}
