/// A change of the audio output that is reported to the user.
public enum AudioNotice: Sendable, Equatable, CustomStringConvertible {
    /// The current driver. `rate` is in Hz, `period` in frames, `latency` in milliseconds from an event's
    /// time stamp to its sound.
    case sound(name: String, rate: Int, period: Int, latency: Double)
    /// The driver runs at another sample rate than the engine, so that the audio is converted.
    case converted(name: String, rate: Int, engineRate: Int)
    /// The outputs are connected to these ports.
    case connected(name: String, ports: [String])
    /// The outputs are not connected.
    case unconnected(name: String)
    /// The driver ended by itself; the silent timer runs the engine.
    case lost(name: String)
    /// The driver has stopped asking for audio; the silent timer runs the engine until it resumes.
    case stalled(name: String)
    /// The driver asks for audio again, and is used again.
    case resumed(name: String)
    /// A driver became available, and is used.
    case found(name: String)
    /// A card was reopened with a larger buffer; `period` is in frames.
    case enlarged(name: String, period: Int, cause: Cause)
    /// A call into a server did not return and was abandoned; `count` is the number of such calls so far.
    case abandoned(name: String, count: Int)

    /// The reason why a card's buffer was enlarged.
    public enum Cause: Sendable, Equatable {
        /// The card asked for no block.
        case noBlocks
        /// The card was interrupted this many times within a second.
        case interruptions(Int)
    }

    /// The message for the user, one line.
    public var description: String {
        switch self {
        case .sound(let name, let rate, let period, let latency):
            return "audio: \(name), \(rate) Hz, buffer \(period) frames, latency \(Self.tenths(latency)) ms"
        case .converted(let name, let rate, let engineRate):
            return "\(name) runs at \(rate) Hz: audio is converted from \(engineRate) Hz; "
                + "restart Kairos to run at \(rate) Hz"
        case .connected(let name, let ports): return "\(name): connected to \(ports.joined(separator: ", "))"
        case .unconnected(let name):
            return "\(name): not connected to any output, so you hear nothing; connect the ports "
                + "'left' and 'right' in a patchbay (jack_connect, pw-link), or switch on the output"
        case .lost(let name):
            return "\(name) is gone: the silent timer takes over; Kairos tries to reconnect every second"
        case .stalled(let name):
            return "\(name) has stopped asking for audio: the silent timer takes over until it resumes"
        case .resumed(let name): return "\(name) has resumed: playing through it again"
        case .found(let name): return "\(name) is available: playing through it"
        case .enlarged(let name, let period, .noBlocks):
            return "\(name) asked for no audio: reopened with a buffer of \(period) frames "
                + "(start with '--period \(period)' to avoid this)"
        case .enlarged(let name, let period, .interruptions(let count)):
            return "\(name) was interrupted \(count) times in a second: reopened with a buffer of "
                + "\(period) frames (start with '--period \(period)' to avoid this)"
        case .abandoned(let name, let count):
            return "\(name) does not answer: a call was abandoned (\(count) so far)"
        }
    }

    private static func tenths(_ value: Double) -> String {
        let tenths = Int(min(1e9, max(0, value * 10)).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
