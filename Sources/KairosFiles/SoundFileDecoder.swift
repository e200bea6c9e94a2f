import CSndFile
import KairosPatch

/// Reads sound files with libsndfile, for tests.
@safe struct SoundFileDecoder: ~Copyable {
    private let handle: OpaquePointer
    private let info: SF_INFO

    /// Opens a sound file. Throws ``Diagnostics``.
    init(_ path: String) throws(Diagnostics) {
        var info = SF_INFO()
        guard let handle = unsafe sf_open(path, Int32(SFM_READ), &info) else {
            throw Diagnostics(path, unsafe "cannot be read: \(String(cString: sf_strerror(nil)))")
        }
        unsafe self.handle = handle
        self.info = info
    }

    deinit { unsafe sf_close(handle) }

    /// Number of frames.
    var frames: Int { Int(info.frames) }

    /// Sample rate in hertz.
    var sampleRate: Int { Int(info.samplerate) }

    /// The samples of each channel.
    func channels() -> [[Float]] {
        let count = Int(info.channels)
        var samples = [Float](repeating: 0, count: frames * count)
        let length = Int(unsafe sf_readf_float(handle, &samples, info.frames))
        return (0..<count).map { channel in (0..<length).map { samples[$0 * count + channel] } }
    }
}
