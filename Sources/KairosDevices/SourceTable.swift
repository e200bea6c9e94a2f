import KairosControl

/// The numbers of the sources that are there. A number is given again only after its source has gone.
///
/// > Thread: [input], the sequencer's reader.
struct SourceTable {
    // One for each client and port: 256 × 256 bytes, 255 where there is none.
    private var numbers = [UInt8](repeating: 255, count: 65_536)
    private(set) var used: [UInt16] = []

    init() { used.reserveCapacity(Event.sourceLimit) }

    mutating func index(of client: UInt8, _ port: UInt8) -> UInt16 {
        let place = Int(client) << 8 | Int(port)
        if numbers[place] != 255 { return UInt16(numbers[place]) }
        // The last number is shared by whoever comes when all are given.
        let free =
            FixedSource.sequencer.first { !used.contains($0) } ?? FixedSource.sequencer.upperBound
        numbers[place] = UInt8(free)
        if !used.contains(free) { used.append(free) }
        return free
    }

    mutating func forget(_ client: UInt8, _ port: UInt8) -> UInt16? {
        let place = Int(client) << 8 | Int(port)
        guard numbers[place] != 255 else { return nil }
        let number = UInt16(numbers[place])
        numbers[place] = 255
        if !numbers.contains(UInt8(number)) { used.removeAll { $0 == number } }
        return number
    }
}
