/// The header of a stereo WAV file with 32-bit float samples. It always has 88 bytes, so that it can be
/// rewritten when the length is known. Files beyond 4 GiB are RF64 (EBU Tech 3306).
enum WAVHeader {
    /// Size of the header in bytes.
    static let size = 88
    /// Size of a frame in bytes.
    static let frameSize = 8

    /// The header of a file of `frames` frames. Nil means an unknown length, as in a pipe: readers then read
    /// to the end of the stream.
    static func bytes(frames: Int?, sampleRate: Int) -> [UInt8] {
        let data = frames.map { $0 * frameSize }
        guard let data, data + size - 8 >= UInt32.max else {
            let length = data.map { UInt32($0) } ?? .max
            return chunk("RIFF", data == nil ? .max : length + UInt32(size - 8)) + tag("WAVE")
                + format(sampleRate) + chunk("fact", 4)
                + little(data == nil ? .max : length / UInt32(frameSize), 4) + padding(24)
                + chunk("data", length)
        }
        let long =
            little(UInt64(data + size - 8), 8) + little(UInt64(data), 8)
            + little(UInt64(data / frameSize), 8) + little(UInt32(0), 4)
        return chunk("RF64", .max) + tag("WAVE") + chunk("ds64", UInt32(long.count)) + long
            + format(sampleRate) + padding(0) + chunk("data", .max)
    }

    /// The format chunk: IEEE float (format 3), two channels, 32 bits per sample.
    private static func format(_ sampleRate: Int) -> [UInt8] {
        chunk("fmt ", 16) + little(UInt16(3), 2) + little(UInt16(2), 2) + little(UInt32(sampleRate), 4)
            + little(UInt32(sampleRate * frameSize), 4) + little(UInt16(frameSize), 2) + little(UInt16(32), 2)
    }

    /// A chunk that readers skip, with `count` bytes of zeros.
    private static func padding(_ count: Int) -> [UInt8] {
        chunk("PAD ", UInt32(count)) + [UInt8](repeating: 0, count: count)
    }

    private static func chunk(_ name: String, _ length: UInt32) -> [UInt8] { tag(name) + little(length, 4) }

    private static func tag(_ name: String) -> [UInt8] { Array(name.utf8) }

    /// The lowest `count` bytes of a value, little-endian.
    private static func little(_ value: some FixedWidthInteger, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
}
