import CALSA

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
        snd_seq_client_info_set_client(info, .beforeFirst)
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
