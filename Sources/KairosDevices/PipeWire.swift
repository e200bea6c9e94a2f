import CJACK
import Foundation

/// Differences from a JACK server where PipeWire replaces it.
enum PipeWire {
    /// The period in frames that is requested if the user requested none.
    private static let defaultPeriod = 128

    /// True if the JACK library of this process is PipeWire's.
    static var isJACK: Bool {
        guard let version = jack_get_version_string() else { return false }
        return String(cString: version).contains("PipeWire")
    }

    /// Requests a short period, unless the user set one in the environment: PipeWire's default is 1024
    /// frames. The server's smallest quantum and other clients may override it. Call it before other threads
    /// start. [control]
    static func requestShortPeriod() {
        guard requestedPeriod == nil, !isSetByUser else { return }
        setenv("PIPEWIRE_LATENCY", "\(defaultPeriod)/48000", 1)
    }

    /// The period in frames that ``requestShortPeriod()`` requested; nil if it did not.
    static var requestedPeriod: Int? {
        guard let text = getenv("PIPEWIRE_LATENCY"), String(cString: text) == "\(defaultPeriod)/48000",
            getenv("PIPEWIRE_QUANTUM") == nil
        else { return nil }
        return defaultPeriod
    }

    private static var isSetByUser: Bool {
        getenv("PIPEWIRE_LATENCY") != nil || getenv("PIPEWIRE_QUANTUM") != nil
    }
}
