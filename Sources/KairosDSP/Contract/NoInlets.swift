/// Inlet type of a module without inlets.
public enum NoInlets: InletKey {
    /// Never called: the enum has no case.
    public var rawValue: Int { 0 }
    /// Never called: the enum has no case.
    public var info: InletInfo { .audio("") }
}
