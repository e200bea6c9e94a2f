import CALSA
import CJACK
import Foundation

/// Lists the senders connected to RtMidi's port, which RtMidi itself does not report. For one thread that may
/// wait for a server.
protocol SenderWatch: AnyObject {
    /// True where the server has died.
    var serverDied: Bool { get }
    /// Identifies RtMidi's port: the one that did not exist when the watch was made.
    func findPort()
    /// The names of the connected senders.
    func senders() -> Set<String>
    /// Closes the watch.
    func close()
}

/// Lists the senders through a JACK client without ports.
final class JACKSenderWatch: SenderWatch {
    private let handle: JACKClients.Client
    private var client: OpaquePointer { handle.pointer }
    private let callbacks: UnsafeMutablePointer<cjack_callbacks>
    private let name: String
    private var before: Set<String> = []
    private var port: String?

    /// Watches the port of the client called `name`, or of one whose name JACK derived from it. Throws
    /// ``DeviceError``.
    init(name: String) throws {
        RtMidiInput.silenceLibraries()
        guard let handle = JACKClients.open("\(name) watch") else {
            throw DeviceError("no JACK server answers")
        }
        self.handle = handle
        self.name = name
        callbacks = .allocate(capacity: 1)
        callbacks.initialize(to: cjack_callbacks())
        callbacks.pointee.shutdown = { _ in JACKClients.serverDied() }
        cjack_set_callbacks(client, callbacks)
        before = ports()
    }

    deinit { callbacks.deallocate() }

    var serverDied: Bool { handle.isDead }

    func findPort() { port = ports().subtracting(before).first }

    func senders() -> Set<String> {
        guard !serverDied, let port, let handle = jack_port_by_name(client, port) else { return [] }
        return Set(JACKDriver.names(jack_port_get_all_connections(client, handle)))
    }

    private func ports() -> Set<String> {
        let inputs = JACKDriver.names(
            jack_get_ports(client, nil, JACK_DEFAULT_MIDI_TYPE, UInt(JackPortIsInput.rawValue)))
        return Set(inputs.filter { $0.hasPrefix(name) && $0.hasSuffix(":in") })
    }

    func close() { JACKClients.close(handle) }
}

/// Lists the senders through the ALSA sequencer.
final class SequencerSenderWatch: SenderWatch {
    private let seq: OpaquePointer
    private let name: String
    private var before: Set<Int32> = []
    private var client: Int32?

    /// Watches the port of the client called `name`. Throws ``DeviceError``.
    init(name: String) throws {
        seq = try SequencerPorts.open(SND_SEQ_OPEN_DUPLEX)
        self.name = name
        before = clients()
    }

    var serverDied: Bool { false }

    func findPort() { client = clients().subtracting(before).first }

    func senders() -> Set<String> {
        guard let client else { return [] }
        var subscription: OpaquePointer?
        snd_seq_query_subscribe_malloc(&subscription)
        defer { snd_seq_query_subscribe_free(subscription) }
        var result: Set<String> = [], index: Int32 = 0
        snd_seq_query_subscribe_set_client(subscription, client)
        snd_seq_query_subscribe_set_port(subscription, 0)
        snd_seq_query_subscribe_set_type(subscription, SND_SEQ_QUERY_SUBS_WRITE)
        while index < 1000 {
            snd_seq_query_subscribe_set_index(subscription, index)
            guard snd_seq_query_port_subscribers(seq, subscription) >= 0,
                let address = snd_seq_query_subscribe_get_addr(subscription)?.pointee
            else { break }
            result.insert("\(SequencerPorts.clientName(seq, Int32(address.client))):\(address.port)")
            index += 1
        }
        return result
    }

    private func clients() -> Set<Int32> {
        var info: OpaquePointer?
        snd_seq_client_info_malloc(&info)
        defer { snd_seq_client_info_free(info) }
        snd_seq_client_info_set_client(info, -1)
        var result: Set<Int32> = []
        while snd_seq_query_next_client(seq, info) >= 0 {
            if let text = snd_seq_client_info_get_name(info), String(cString: text) == name {
                result.insert(snd_seq_client_info_get_client(info))
            }
        }
        return result
    }

    func close() { snd_seq_close(seq) }
}
