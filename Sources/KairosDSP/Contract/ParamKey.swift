/// Parameters of a module. An enum: the name of a case is the symbol in patch files.
public protocol ParamKey: CaseIterable, Sendable {
    /// Index in the module's list of parameters.
    var rawValue: Int { get }
    /// Declaration of the parameter.
    var spec: ParamSpec { get }
}
