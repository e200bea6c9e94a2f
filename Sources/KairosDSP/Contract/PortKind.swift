/// Kind of signal that a connection carries.
public enum PortKind: String, Sendable {
    /// An audio or control signal, sixteen lanes per frame.
    case audio
    /// A gate: high and triggered lanes, once per sub-block.
    case gate
}
