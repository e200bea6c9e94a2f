/// Declaration of an inlet.
public struct InletInfo: Sendable, Equatable {
    /// Kind of signal that the inlet accepts.
    public let kind: PortKind
    /// Value that an unconnected audio inlet reads, in every lane.
    public let idle: Float
    /// Description for players, with unit and range.
    public let about: String

    /// An inlet for a signal; it reads `idle` when nothing is connected.
    public static func audio(_ about: String, idle: Float = 0) -> InletInfo {
        InletInfo(kind: .audio, idle: idle, about: about)
    }

    /// An inlet for a gate.
    public static func gate(_ about: String) -> InletInfo { InletInfo(kind: .gate, idle: 0, about: about) }
}
