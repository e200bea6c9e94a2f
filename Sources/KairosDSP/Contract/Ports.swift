/// Kind of signal that a connection carries.
public enum PortKind: String, Sendable {
    /// An audio or control signal, sixteen lanes per frame.
    case audio
    /// A gate: high and triggered lanes, once per sub-block.
    case gate
}

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

/// Inlets of a module. An enum: the name of a case is the symbol in patch files.
public protocol InletKey: CaseIterable, Sendable {
    /// Index in the module's list of inlets.
    var rawValue: Int { get }
    /// Declaration of the inlet.
    var info: InletInfo { get }
}

/// Outlets of a module. An enum: the name of a case is the symbol in patch files.
public protocol OutletKey: CaseIterable, Sendable {
    /// Index in the module's list of outlets.
    var rawValue: Int { get }
    /// Declaration of the outlet.
    var info: OutletInfo { get }
}

/// Parameters of a module. An enum: the name of a case is the symbol in patch files.
public protocol ParamKey: CaseIterable, Sendable {
    /// Index in the module's list of parameters.
    var rawValue: Int { get }
    /// Declaration of the parameter.
    var spec: ParamSpec { get }
}

/// Inlet type of a module without inlets.
public enum NoInlets: InletKey {
    /// Never called: the enum has no case.
    public var rawValue: Int { 0 }
    /// Never called: the enum has no case.
    public var info: InletInfo { .audio("") }
}

/// Parameter type of a module without parameters.
public enum NoParams: ParamKey {
    /// Never called: the enum has no case.
    public var rawValue: Int { 0 }
    /// Never called: the enum has no case.
    public var spec: ParamSpec { .ratio("") }
}
