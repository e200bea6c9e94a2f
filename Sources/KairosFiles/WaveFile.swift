import CSndFile
import Foundation

/// A WAV file of 32-bit float stereo, written block by block.
public final class WaveFile {
    private let path: String
    private var handle: OpaquePointer?
    private var interleaved: [Float] = []

    /// Creates `path`, or writes over it. Throws ``Diagnostics``.
    public init(creating path: String, sampleRate: Int) throws(Diagnostics) {
        self.path = path
        var info = SF_INFO()
        info.samplerate = Int32(sampleRate)
        info.channels = 2
        info.format = Int32(SF_FORMAT_WAV | SF_FORMAT_FLOAT)
        handle = sf_open(path, Int32(SFM_WRITE), &info)
        // The peak chunk carries the time of day: the same sound would not be the same file.
        sf_command(handle, Int32(SFC_SET_ADD_PEAK_CHUNK), nil, 0)
        guard handle != nil else {
            throw Diagnostics(path, "cannot be written: \(String(cString: sf_strerror(nil)))")
        }
    }

    deinit { if let handle { sf_close(handle) } }

    /// Adds `frames` frames of two channels.
    public func write(_ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, frames: Int)
        throws(Diagnostics)
    {
        interleaved.removeAll(keepingCapacity: true)
        for n in 0..<frames {
            interleaved.append(left[n])
            interleaved.append(right[n])
        }
        let written = sf_writef_float(handle, interleaved, sf_count_t(frames))
        guard written == frames else {
            throw Diagnostics(path, "only \(written) of \(frames) frames could be written: \(reason)")
        }
    }

    private var reason: String { String(cString: sf_strerror(handle)) }

    /// Finishes the file. Throws where the last of it finds no room.
    public func close() throws(Diagnostics) {
        guard let handle else { return }
        self.handle = nil
        let status = sf_close(handle)
        if status != 0 {
            throw Diagnostics(path, "could not be finished: \(String(cString: sf_error_number(status)))")
        }
    }

    /// The channels of a file, for tests.
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
