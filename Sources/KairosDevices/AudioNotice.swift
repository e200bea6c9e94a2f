/// What a player should know about the sound's way out.
public enum AudioNotice: Sendable, Equatable, CustomStringConvertible {
    /// How the engine is driven now. `latency` is in milliseconds, from an event's stamp to its sound.
    case sound(name: String, rate: Int, period: Int, latency: Double)
    /// The driver runs at another rate than the engine, whose sound is converted.
    case converted(name: String, rate: Int, engineRate: Int)
    /// The outputs are connected to these ports.
    case connected(name: String, ports: [String])
    /// The outputs are connected to nothing.
    case unconnected(name: String)
    /// The driver ended by itself; the timer drives.
    case lost(name: String)
    /// The driver asks for no sound; the timer drives until it does.
    case standsStill(name: String)
    /// The driver asks for sound again, and is heard.
    case goesOn(name: String)
    /// A driver was found, and is heard.
    case found(name: String)
    /// A card was opened again with a larger buffer.
    case enlarged(name: String, period: Int, cause: Cause)
    /// A call into a server has not returned and was left alone; so many were by now.
    case abandoned(name: String, count: Int)

    /// Why a card's buffer was enlarged.
    public enum Cause: Sendable, Equatable {
        /// It asked for no block.
        case noBlocks
        /// It was interrupted so many times within a second.
        case interruptions(Int)
    }

    /// One line for the player.
    public var description: String {
        switch self {
        case .sound(let name, let rate, let period, let latency):
            return "sound: \(name), \(rate) Hz, period \(period) frames; a key sounds "
                + "\(Self.tenths(latency)) ms after it is struck"
        case .converted(let name, let rate, let engineRate):
            return "\(name) runs at \(rate) Hz: the sound is converted from \(engineRate) Hz; "
                + "start again to play at \(rate) Hz itself"
        case .connected(let name, let ports): return "\(name): connected to \(ports.joined(separator: ", "))"
        case .unconnected(let name):
            return "\(name): not connected to any output, so nothing is heard; connect the ports "
                + "'left' and 'right' in a patchbay (jack_connect, pw-link), or start the output"
        case .lost(let name):
            return "\(name) is gone: playing on without it, and trying again every second"
        case .standsStill(let name):
            return "\(name) stands still and asks for no sound: playing on without it until it does"
        case .goesOn(let name): return "\(name) goes on: playing through it"
        case .found(let name): return "\(name) is here: playing through it"
        case .enlarged(let name, let period, .noBlocks):
            return "\(name) asked for no sound: opened again with a period of \(period) frames "
                + "(--period \(period) begins with it)"
        case .enlarged(let name, let period, .interruptions(let count)):
            return "\(name) was interrupted \(count) times in a second: opened again with a period of "
                + "\(period) frames (--period \(period) begins with it)"
        case .abandoned(let name, let count):
            return "\(name) does not answer and was left alone (\(count) such so far)"
        }
    }

    private static func tenths(_ value: Double) -> String {
        let tenths = Int(min(1e9, max(0, value * 10)).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
