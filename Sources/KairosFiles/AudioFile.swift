import Foundation
public import KairosPatch

/// A stereo audio file that is written block by block, in the format that its extension names. One thread.
///
/// A regular file replaces its destination when it is complete, see ``close()``; until then, and if writing
/// is given up, the previous file remains. Pipes, devices and standard output ("-") get WAV as a stream.
public final class AudioFile {
    private let path: String
    private let sampleRate: Int
    private let destination: AudioDestination
    private let output: ByteOutput
    /// The encoder of the other formats; nil for WAV, which this class writes itself.
    private var encoder: SoundFileEncoder?
    /// Byte offset of the WAV header; nil if the destination cannot seek back to complete it.
    private var headerOffset: Int?
    /// Frames written so far.
    private var frames = 0
    private var interleaved: [Float] = []

    /// Begins the file at `path`. Throws ``Diagnostics``.
    ///
    /// - Parameters:
    ///   - sampleRate: In hertz.
    ///   - frames: Upper bound of the frames to write. Throws if the format cannot hold them.
    ///   - isExact: True if exactly `frames` will be written: the header of a pipe then contains the length.
    ///   - isInterrupted: Called when a signal interrupts a write; true gives up.
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
                    path, "this format is limited to 4 GiB; use '.wav' or '.flac' for a longer file")
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
        // The encoder writes its last bytes when it is released, so this precedes closing the descriptor.
        encoder = nil
        if case .stream(let descriptor) = destination { Foundation.close(descriptor) }
    }

    /// True if a path names the standard output of this process.
    public static func isStandardOutput(_ path: String) -> Bool { AudioDestination.descriptor(path) == 1 }

    /// The format of a destination: the one its extension names, or WAV if it is a stream without one. Throws
    /// if the extension is unknown, or names another format than WAV for a stream.
    private static func format(_ path: String) throws(FileFailure) -> AudioFormat {
        let isStream =
            AudioDestination.descriptor(path) != nil
            || SystemCall.status(path).map { ![S_IFREG, S_IFDIR].contains($0.st_mode & S_IFMT) } ?? false
        guard let format = AudioFormat(path: path) else {
            if isStream { return .wav }
            throw FileFailure(path, "unknown audio format; end the file name with \(AudioFormat.list)")
        }
        if isStream, format != .wav {
            throw FileFailure(
                path, "this is not a regular file; a pipe or device can only be written as '.wav'")
        }
        return format
    }

    /// The present offset of a stream that is redirected to a regular file; nil for pipes, devices and files
    /// opened for appending, where the header cannot be rewritten.
    private static func start(_ descriptor: Int32) -> Int? {
        guard let status = SystemCall.status(descriptor), status.st_mode & S_IFMT == S_IFREG,
            fcntl(descriptor, F_GETFL) & O_APPEND == 0
        else { return nil }
        let offset = lseek(descriptor, 0, SEEK_CUR)
        return offset < 0 ? nil : Int(offset)
    }

    /// Appends `frames` frames; `left` and `right` must have that many samples. Throws ``Diagnostics``.
    public func write(_ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, frames: Int)
        throws(Diagnostics)
    {
        interleaved.removeAll(keepingCapacity: true)
        for n in 0..<frames {
            unsafe interleaved.append(left[n])
            unsafe interleaved.append(right[n])
        }
        do throws(FileFailure) {
            if let encoder { try encoder.write(interleaved, frames: frames) } else { try put(interleaved) }
        } catch { throw Diagnostics(error) }
        self.frames += frames
    }

    /// Completes the file. A regular file replaces its destination and is on the disk when this returns.
    /// Throws ``Diagnostics``.
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
        _ = output.write(values, at: offset)
        if let failure = output.failure { throw failure }
    }

    /// The number of frames of an audio file, for tests. Throws ``Diagnostics``.
    static func length(_ path: String) throws(Diagnostics) -> Int {
        try SoundFileDecoder(path).frames
    }

    /// Reads an audio file: the samples of each channel, and the sample rate in hertz. For tests. Throws
    /// ``Diagnostics``.
    public static func read(_ path: String) throws(Diagnostics) -> (channels: [[Float]], sampleRate: Int) {
        let decoder = try SoundFileDecoder(path)
        return (decoder.channels(), decoder.sampleRate)
    }
}
