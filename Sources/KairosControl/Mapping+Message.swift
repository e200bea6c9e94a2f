extension Mapping {
    /// The greatest length of a message in `onConnect` and `onQuit`, in bytes.
    public static let longestMessage = 256

    /// Parses one complete channel or system exclusive message in hexadecimal bytes, `9F 0C 7F`. Nil where
    /// the text is not one.
    public static func message(_ text: String) -> [UInt8]? {
        let words = text.split(separator: " ")
        let bytes = words.compactMap { $0.count == 2 ? UInt8($0, radix: 16) : nil }
        guard bytes.count == words.count, let status = bytes.first, bytes.count <= longestMessage else {
            return nil
        }
        let isExclusive = status == 0xf0
        guard isExclusive ? bytes.last == 0xf7 && bytes.count > 2 : (0x80..<0xf0).contains(status) else {
            return nil
        }
        let data = isExclusive ? bytes.dropFirst().dropLast() : bytes.dropFirst()
        let isShort = status & 0xe0 == 0xc0
        guard data.allSatisfy({ $0 < 0x80 }), isExclusive || data.count == (isShort ? 1 : 2) else {
            return nil
        }
        return bytes
    }
}
