import Foundation

/// Which sequencer ports Kairos connects to itself.
public struct Connections: Sendable, Equatable {
    /// Ports that are connected, whatever they are; `*` stands for anything, and capitals count for nothing.
    public var wanted: [String]
    /// Ports that are not, though they be keyboards.
    public var unwanted: [String]

    /// Every keyboard, unless more or less is asked for.
    public init(wanted: [String] = [], unwanted: [String] = []) {
        self.wanted = wanted
        self.unwanted = unwanted
    }

    /// Whether a port is connected by itself.
    public func wants(_ port: SequencerPorts.Port) -> Bool {
        if unwanted.contains(where: { Self.fits(port.name, $0) }) { return false }
        return port.isKeyboard || wanted.contains { Self.fits(port.name, $0) }
    }

    /// Whether a name has the pattern somewhere.
    static func fits(_ name: String, _ pattern: String) -> Bool {
        fnmatch("*\(pattern.lowercased())*", name.lowercased(), 0) == 0
    }
}
