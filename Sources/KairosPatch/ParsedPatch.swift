/// Result of parsing the text of a patch: the parts that could be read, and the faults of the text.
public struct ParsedPatch: Sendable {
    /// The patch without the parts that could not be read.
    public var patch: Patch
    /// The faults of the text's form.
    public var faults: [Diagnostic]

    /// Creates the result of parsing a text.
    public init(_ patch: Patch, faults: [Diagnostic]) {
        self.patch = patch
        self.faults = faults
    }
}
