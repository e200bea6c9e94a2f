/// Declaration of an outlet.
public struct OutletInfo: Sendable, Equatable {
    /// Kind of signal that the outlet emits.
    public let kind: PortKind
    /// Description for players, with unit and range.
    public let about: String

    /// An outlet for a signal.
    public static func audio(_ about: String) -> OutletInfo { OutletInfo(kind: .audio, about: about) }

    /// An outlet for a gate.
    public static func gate(_ about: String) -> OutletInfo { OutletInfo(kind: .gate, about: about) }
}
