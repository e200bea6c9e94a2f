import CJACK

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
