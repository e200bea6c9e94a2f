import CJACK
import Foundation

/// What is particular where PipeWire takes the place of a JACK server.
enum PipeWire {
    /// Frames a block that it is asked for where the player asks for nothing.
    private static let usual = 128

    /// Whether the JACK library of this process is PipeWire's.
    static var isJACK: Bool {
        guard let version = jack_get_version_string() else { return false }
        return String(cString: version).contains("PipeWire")
    }

    /// Wishes for a short period, where the player did not in the environment: PipeWire's own is 1024 frames. It is a
    /// wish, which the server's smallest quantum and the other clients limit.
    ///
    /// > Thread: [control], before there are others.
    static func wishForShortPeriod() {
        guard wish == nil, !isAsked else { return }
        setenv("PIPEWIRE_LATENCY", "\(usual)/48000", 1)
    }

    /// The period that was wished for from here; nil where the player did.
    static var wish: Int? {
        guard let text = getenv("PIPEWIRE_LATENCY"), String(cString: text) == "\(usual)/48000",
            getenv("PIPEWIRE_QUANTUM") == nil
        else { return nil }
        return usual
    }

    private static var isAsked: Bool {
        getenv("PIPEWIRE_LATENCY") != nil || getenv("PIPEWIRE_QUANTUM") != nil
    }
}
