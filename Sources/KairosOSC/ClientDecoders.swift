import KairosControl

/// A MIDI decoder for each OSC client: a bank or a parameter that one client selects is not selected for another.
///
/// > [input] The thread that brings messages, under the dispatcher's lock.
struct ClientDecoders {
    /// The most clients that are remembered; then the one that has been silent longest is forgotten.
    static let limit = 64

    private var decoders: [String: MIDIDecoder] = [:]
    /// The message in which each client was last heard, counted.
    private var heard: [String: UInt64] = [:]
    private var count: UInt64 = 0

    mutating func decode<Result>(
        of client: String, _ body: (inout MIDIDecoder) throws -> Result
    ) rethrows -> Result {
        if decoders[client] == nil, decoders.count >= Self.limit,
            let oldest = heard.min(by: { $0.value < $1.value })?.key
        {
            forget(oldest)
        }
        count += 1
        heard[client] = count
        return try body(&decoders[client, default: MIDIDecoder()])
    }

    mutating func forget(_ client: String) {
        decoders[client] = nil
        heard[client] = nil
    }
}
