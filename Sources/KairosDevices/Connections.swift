import Foundation

/// The rules by which Kairos connects sequencer ports automatically.
public struct Connections: Sendable, Equatable {
    /// Name patterns of ports that are connected, keyboards or not. `*` matches anything; case is ignored.
    public var wanted: [String]
    /// Name patterns of ports that are never connected. They override ``wanted``.
    public var unwanted: [String]

    /// Rules; the default connects every keyboard.
    public init(wanted: [String] = [], unwanted: [String] = []) {
        self.wanted = wanted
        self.unwanted = unwanted
    }

    /// True if a port is connected automatically.
    public func wants(_ port: SequencerPorts.Port) -> Bool {
        if unwanted.contains(where: { Self.matches(port.name, $0) }) { return false }
        return port.isKeyboard || wanted.contains { Self.matches(port.name, $0) }
    }

    /// True if `pattern` matches a part of `name`.
    static func matches(_ name: String, _ pattern: String) -> Bool {
        fnmatch("*\(pattern.lowercased())*", name.lowercased(), 0) == 0
    }
}
