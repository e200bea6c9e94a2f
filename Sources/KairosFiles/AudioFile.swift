import CSndFile
import Foundation

/// A stereo audio file that is written block by block, in the format of its extension.
///
/// A regular file takes its destination's place when it is complete, see ``close()``; one that is given up leaves
/// the former file as it was. Pipes, devices and standard output ("-") get WAV as it comes.
///
/// > One thread.
public final class AudioFile {
    private let path: String
    private let sampleRate: Int
    private let destination: AudioDestination
    private let output: ByteOutput
    /// Nil for WAV, which is written here.
    private var encoder: SoundFileEncoder?
    /// Where the header of WAV stands; nil where it cannot be written again.
    private var headerOffset: Int?
    private var frames = 0
    private var interleaved: [Float] = []

    /// Begins the file at `path`. Throws ``Diagnostics``.
    ///
    /// - Parameters:
    ///   - frames: The most that will be written; refused here where the format cannot hold them.
    ///   - isExact: Whether exactly so many will be written: a pipe's header then says so.
    ///   - isInterrupted: Asked when a signal interrupts a write; true gives the file up.
    public init(
        creating path: String, sampleRate: Int, atMost frames: Int, isExact: Bool = false,
        isInterrupted: @escaping () -> Bool = { false }
    ) throws(Diagnostics) {
        self.path = path
        self.sampleRate = sampleRate
        do throws(FileFailure) {
            let format = try Self.format(path)
            if let limit = format.frameLimit, frames > limit {
                throw FileFailure(
                    path, "a file of this format ends at 4 GiB; '.wav' and '.flac' may be longer")
            }
            destination = try AudioDestination(path, isInterrupted: isInterrupted)
            switch destination {
            case .file(let file):
                output = ByteOutput(file.descriptor, path: path, isInterrupted: isInterrupted)
                headerOffset = 0
            case .stream(let descriptor):
                output = ByteOutput(descriptor, path: path, isInterrupted: isInterrupted)
                headerOffset = Self.start(descriptor)
            }
        } catch { throw Diagnostics(error) }
        do throws(FileFailure) {
            if let format = AudioFormat(path: path), format != .wav, case .file = destination {
                encoder = try SoundFileEncoder(output, path: path, format: format, sampleRate: sampleRate)
            } else {
                try put(WAVHeader.bytes(frames: isExact ? frames : nil, sampleRate: sampleRate))
            }
        } catch { throw Diagnostics(error) }
    }

    deinit {
        // It writes what it has left before the descriptor is closed.
        encoder = nil
        if case .stream(let descriptor) = destination { Foundation.close(descriptor) }
    }

    /// Whether a path is this program's standard output.
    public static func isStandardOutput(_ path: String) -> Bool { AudioDestination.descriptor(path) == 1 }

    /// The format of a destination: by its extension; WAV where it is no regular file. Throws where there is none.
    private static func format(_ path: String) throws(FileFailure) -> AudioFormat {
        var status = stat()
        let isStream =
            AudioDestination.descriptor(path) != nil
            || (stat(path, &status) == 0 && ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT))
        guard let format = AudioFormat(path: path) else {
            if isStream { return .wav }
            throw FileFailure(path, "the name ends with no known format: use \(AudioFormat.list)")
        }
        if isStream, format != .wav {
            throw FileFailure(path, "this is no regular file, and only '.wav' can be written to a pipe")
        }
        return format
    }

    /// Where a stream begins in a regular file that it was redirected to; nil in pipes and devices.
    private static func start(_ descriptor: Int32) -> Int? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            fcntl(descriptor, F_GETFL) & O_APPEND == 0
        else { return nil }
        let place = lseek(descriptor, 0, SEEK_CUR)
        return place < 0 ? nil : Int(place)
    }

    /// Adds `frames` frames of two channels. Throws ``Diagnostics``.
    public func write(_ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, frames: Int)
        throws(Diagnostics)
    {
        interleaved.removeAll(keepingCapacity: true)
        for n in 0..<frames {
            interleaved.append(left[n])
            interleaved.append(right[n])
        }
        do throws(FileFailure) {
            if let encoder { try encoder.write(interleaved, frames: frames) } else { try put(interleaved) }
        } catch { throw Diagnostics(error) }
        self.frames += frames
    }

    /// Completes the file: it takes its destination's place and is on the disk. Throws ``Diagnostics``.
    public func close() throws(Diagnostics) {
        do throws(FileFailure) {
            if let encoder {
                try encoder.finish()
            } else if let headerOffset {
                try put(WAVHeader.bytes(frames: frames, sampleRate: sampleRate), at: headerOffset)
            }
            if case .file(let file) = destination { try file.commit() }
        } catch { throw Diagnostics(error) }
    }

    private func put(_ values: [some BitwiseCopyable], at offset: Int? = nil) throws(FileFailure) {
        values.withUnsafeBytes { _ = output.write($0, at: offset) }
        if let failure = output.failure { throw failure }
    }

    /// The frames of a file, for tests. Throws ``Diagnostics``.
    static func length(_ path: String) throws(Diagnostics) -> Int {
        var info = SF_INFO()
        guard let handle = sf_open(path, Int32(SFM_READ), &info) else {
            throw Diagnostics(path, "cannot be read: \(String(cString: sf_strerror(nil)))")
        }
        sf_close(handle)
        return Int(info.frames)
    }

    /// The channels of a file, for tests. Throws ``Diagnostics``.
    public static func read(_ path: String) throws(Diagnostics) -> (channels: [[Float]], sampleRate: Int) {
        var info = SF_INFO()
        guard let handle = sf_open(path, Int32(SFM_READ), &info) else {
            throw Diagnostics(path, "cannot be read: \(String(cString: sf_strerror(nil)))")
        }
        defer { sf_close(handle) }
        let count = Int(info.channels)
        var data = [Float](repeating: 0, count: Int(info.frames) * count)
        let frames = Int(sf_readf_float(handle, &data, info.frames))
        let channels = (0..<count).map { channel in (0..<frames).map { data[$0 * count + channel] } }
        return (channels, Int(info.samplerate))
    }
}
