/// Lists the senders connected to RtMidi's port, which RtMidi itself does not report. For one thread that may
/// wait for a server.
protocol SenderWatch: AnyObject {
    /// True if the server has died.
    var serverDied: Bool { get }
    /// Identifies RtMidi's port: the one that did not exist when the watch was made.
    func findPort()
    /// The names of the connected senders.
    func senders() -> Set<String>
    /// Closes the watch.
    func close()
}
