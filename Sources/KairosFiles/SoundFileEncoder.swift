import CSndFile
import Foundation

/// Encodes FLAC, AIFF and Ogg Vorbis with libsndfile, and writes the bytes to a ``ByteOutput``. One thread.
@safe final class SoundFileEncoder {
    private var handle: OpaquePointer?
    private let output: ByteOutput
    private let path: String

    init(_ output: ByteOutput, path: String, format: AudioFormat, sampleRate: Int) throws(FileFailure) {
        self.output = output
        self.path = path
        var info = SF_INFO()
        info.samplerate = Int32(sampleRate)
        info.channels = 2
        info.format =
            switch format {
            case .wav: Int32(SF_FORMAT_WAV | SF_FORMAT_FLOAT)
            case .flac: Int32(SF_FORMAT_FLAC | SF_FORMAT_PCM_24)
            case .aiff: Int32(SF_FORMAT_AIFF | SF_FORMAT_PCM_24)
            case .ogg: Int32(SF_FORMAT_OGG | SF_FORMAT_VORBIS)
            }
        var io = Self.io
        unsafe handle = sf_open_virtual(
            &io, Int32(SFM_WRITE), &info, Unmanaged.passUnretained(output).toOpaque())
        guard unsafe handle != nil else {
            throw output.failure
                ?? FileFailure(path, unsafe "cannot be written: \(String(cString: sf_strerror(nil)))")
        }
        // Clip samples beyond full scale; without this, libsndfile lets them wrap around.
        unsafe sf_command(handle, Int32(SFC_SET_CLIPPING), nil, Int32(SF_TRUE))
        if format == .ogg {
            var quality = 0.6
            unsafe sf_command(
                handle, Int32(SFC_SET_VBR_ENCODING_QUALITY), &quality, Int32(MemoryLayout<Double>.size))
        }
    }

    deinit { if let handle = unsafe handle { unsafe sf_close(handle) } }

    /// Appends frames of two interleaved channels.
    func write(_ samples: [Float], frames: Int) throws(FileFailure) {
        let written = unsafe sf_writef_float(handle, samples, sf_count_t(frames))
        if let failure = output.failure { throw failure }
        guard written == frames else {
            throw FileFailure(path, unsafe "cannot be written: \(String(cString: sf_strerror(handle)))")
        }
    }

    /// Writes the remaining bytes and closes the encoder.
    func finish() throws(FileFailure) {
        guard let handle = unsafe handle else { return }
        unsafe self.handle = nil
        let status = unsafe sf_close(handle)
        if let failure = output.failure { throw failure }
        guard status == 0 else {
            throw FileFailure(path, unsafe "cannot be written: \(String(cString: sf_error_number(status)))")
        }
    }

    /// The callbacks of libsndfile; their user pointer is the ``ByteOutput``.
    private static let io = unsafe SF_VIRTUAL_IO(
        get_filelen: { unsafe sf_count_t(SoundFileEncoder.output($0).length) },
        seek: { unsafe sf_count_t(SoundFileEncoder.output($2).seek(Int($0), $1)) },
        read: { room, count, user in
            guard let room = unsafe room else { return 0 }
            let bytes = unsafe SoundFileEncoder.output(user).read(atMost: Int(count))
            unsafe UnsafeMutableRawBufferPointer(start: room, count: Int(count)).copyBytes(from: bytes)
            return sf_count_t(bytes.count)
        },
        write: { bytes, count, user in
            let bytes = unsafe UnsafeRawBufferPointer(start: bytes, count: Int(count)).bytes
            return unsafe sf_count_t(SoundFileEncoder.output(user).write(bytes))
        },
        tell: { unsafe sf_count_t(SoundFileEncoder.output($0).seek(0, SEEK_CUR)) })

    private static func output(_ user: UnsafeMutableRawPointer?) -> ByteOutput {
        guard let user = unsafe user else { preconditionFailure("libsndfile returned no user pointer") }
        return unsafe Unmanaged<ByteOutput>.fromOpaque(user).takeUnretainedValue()
    }
}
