import KairosControl

/// Assigns source numbers to the senders of the sequencer. A number is reused only after its source has gone.
/// [input]
struct SourceTable {
    // The number of each client and port, 256 × 256; nil for none.
    private var numbers = [UInt8?](repeating: nil, count: 65_536)
    /// The assigned numbers.
    private(set) var used: [UInt16] = []

    init() { used.reserveCapacity(Event.sourceLimit) }

    /// The number of a sender; assigns one if it has none.
    mutating func index(of client: UInt8, _ port: UInt8) -> UInt16 {
        let index = Int(client) << 8 | Int(port)
        if let number = numbers[index] { return UInt16(number) }
        // When all numbers are in use, further senders share the last.
        let free =
            FixedSource.sequencer.first { !used.contains($0) } ?? FixedSource.sequencer.upperBound
        numbers[index] = UInt8(free)
        if !used.contains(free) { used.append(free) }
        return free
    }

    /// Removes a sender. Returns its number; nil if it had none.
    mutating func forget(_ client: UInt8, _ port: UInt8) -> UInt16? {
        let index = Int(client) << 8 | Int(port)
        guard let number = numbers[index] else { return nil }
        numbers[index] = nil
        if !numbers.contains(number) { used.removeAll { $0 == UInt16(number) } }
        return UInt16(number)
    }
}
