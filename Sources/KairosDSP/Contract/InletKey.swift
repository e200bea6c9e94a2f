/// Inlets of a module. An enum: the name of a case is the symbol in patch files.
public protocol InletKey: CaseIterable, Sendable {
    /// Index in the module's list of inlets.
    var rawValue: Int { get }
    /// Declaration of the inlet.
    var info: InletInfo { get }
}
