/// Parameter type of a module without parameters.
public enum NoParams: ParamKey {
    /// Never called: the enum has no case.
    public var rawValue: Int { 0 }
    /// Never called: the enum has no case.
    public var spec: ParamSpec { .ratio("") }
}
