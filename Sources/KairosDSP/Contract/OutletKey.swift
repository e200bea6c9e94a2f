/// Outlets of a module. An enum: the name of a case is the symbol in patch files.
public protocol OutletKey: CaseIterable, Sendable {
    /// Index in the module's list of outlets.
    var rawValue: Int { get }
    /// Declaration of the outlet.
    var info: OutletInfo { get }
}
