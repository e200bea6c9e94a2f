import Foundation

/// A format of audio files. The raw value is the file name extension.
public enum AudioFormat: String, CaseIterable, Sendable {
    /// WAV, 32-bit float; RF64 beyond 4 GiB.
    case wav
    /// FLAC, 24 bits.
    case flac
    /// AIFF, 24 bits; at most 4 GiB.
    case aiff
    /// Ogg Vorbis, about 190 kbit/s.
    case ogg

    /// The format that the extension of a path names, case-insensitive; nil if it names none.
    public init?(path: String) {
        let suffix = URL(fileURLWithPath: path).pathExtension.lowercased()
        self.init(rawValue: suffix == "aif" ? "aiff" : suffix)
    }

    /// The list of extensions, for messages.
    public static let list = "'.wav', '.flac', '.aiff' or '.ogg'"

    /// The greatest number of frames that a file can hold; nil if only the disk limits it.
    var frameLimit: Int? { self == .aiff ? (1 << 32 - 4096) / 6 : nil }
}
