/// Outlet type of a module without outlets.
public enum NoOutlets: OutletKey {
    /// Never called: the enum has no case.
    public var rawValue: Int { 0 }
    /// Never called: the enum has no case.
    public var info: OutletInfo { .audio("") }
}
