import KairosControl

/// One MIDI decoder per OSC client, so that the bank or parameter number that one client selects does not
/// affect another. Used under the dispatcher's lock. [input]
struct ClientDecoders {
    /// The maximum number of clients; a further one replaces the client that has been silent longest.
    static let limit = 64

    private var decoders: [String: MIDIDecoder] = [:]
    /// The number of the last message of each client.
    private var lastUse: [String: UInt64] = [:]
    /// Messages so far.
    private var count: UInt64 = 0

    /// Runs `body` with the decoder of a client, which is created if there is none.
    mutating func decode<Result>(
        of client: String, _ body: (inout MIDIDecoder) throws -> Result
    ) rethrows -> Result {
        if decoders[client] == nil, decoders.count >= Self.limit,
            let oldest = lastUse.min(by: { $0.value < $1.value })?.key
        {
            remove(oldest)
        }
        count += 1
        lastUse[client] = count
        return try body(&decoders[client, default: MIDIDecoder()])
    }

    mutating func remove(_ client: String) {
        decoders[client] = nil
        lastUse[client] = nil
    }
}
