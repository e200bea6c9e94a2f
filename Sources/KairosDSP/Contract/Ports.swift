/// What a connection carries.
public enum PortKind: String, Sendable {
    /// A signal, sixteen lanes a frame.
    case audio
    /// High and struck lanes, once a piece.
    case gate
}

/// What an inlet is for.
public struct InletInfo: Sendable, Equatable {
    /// What it takes.
    public let kind: PortKind
    /// What an unconnected audio inlet reads, in every lane.
    public let idle: Float
    /// One line for a musician.
    public let about: String

    /// An inlet for a signal; unconnected it reads `idle`.
    public static func audio(_ about: String, idle: Float = 0) -> InletInfo {
        InletInfo(kind: .audio, idle: idle, about: about)
    }

    /// An inlet for a gate.
    public static func gate(_ about: String) -> InletInfo { InletInfo(kind: .gate, idle: 0, about: about) }
}

/// What an outlet is for.
public struct OutletInfo: Sendable, Equatable {
    /// What it gives.
    public let kind: PortKind
    /// One line for a musician.
    public let about: String

    /// An outlet for a signal.
    public static func audio(_ about: String) -> OutletInfo { OutletInfo(kind: .audio, about: about) }

    /// An outlet for a gate.
    public static func gate(_ about: String) -> OutletInfo { OutletInfo(kind: .gate, about: about) }
}

/// The inlets of a module: an enum, the case's name is the symbol in files.
public protocol InletKey: CaseIterable, Sendable {
    /// The place in the module's list.
    var rawValue: Int { get }
    /// What it is for.
    var info: InletInfo { get }
}

/// The outlets of a module: an enum, the case's name is the symbol in files.
public protocol OutletKey: CaseIterable, Sendable {
    /// The place in the module's list.
    var rawValue: Int { get }
    /// What it is for.
    var info: OutletInfo { get }
}

/// The parameters of a module: an enum, the case's name is the symbol in files.
public protocol ParamKey: CaseIterable, Sendable {
    /// The place in the module's list.
    var rawValue: Int { get }
    /// Everything there is to say about it.
    var spec: ParamSpec { get }
}

/// For a module without inlets.
public enum NoInlets: InletKey {
    /// Never called: there is no case.
    public var rawValue: Int { 0 }
    /// Never called: there is no case.
    public var info: InletInfo { .audio("") }
}

/// For a module without parameters.
public enum NoParams: ParamKey {
    /// Never called: there is no case.
    public var rawValue: Int { 0 }
    /// Never called: there is no case.
    public var spec: ParamSpec { .ratio("") }
}
