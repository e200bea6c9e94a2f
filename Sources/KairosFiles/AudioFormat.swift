import Foundation

/// A format of audio files, chosen by the extension of a file's name.
public enum AudioFormat: String, CaseIterable, Sendable {
    /// WAV, 32-bit float; RF64 beyond 4 GiB.
    case wav
    /// FLAC, 24 bits.
    case flac
    /// AIFF, 24 bits; at most 4 GiB.
    case aiff
    /// Ogg Vorbis, about 190 kbit/s.
    case ogg

    /// The format of a path, by its extension in either case; nil for any other.
    public init?(path: String) {
        let suffix = URL(fileURLWithPath: path).pathExtension.lowercased()
        self.init(rawValue: suffix == "aif" ? "aiff" : suffix)
    }

    /// The extensions, for messages.
    public static let list = "'.wav', '.flac', '.aiff' or '.ogg'"

    /// Frames that a file can hold; nil for as many as a disk can.
    var frameLimit: Int? { self == .aiff ? (1 << 32 - 4096) / 6 : nil }
}
