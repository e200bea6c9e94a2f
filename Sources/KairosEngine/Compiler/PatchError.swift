/// Everything that is wrong with a patch, found in one go.
public struct PatchError: Error, Equatable, CustomStringConvertible {
    /// One thing that is wrong, and where.
    public struct Fault: Sendable, Equatable {
        /// Where in the file.
        public let place: Patch.Place
        /// What was read, what was expected, the nearest right thing.
        public let message: String
    }

    /// The patch's file, or its name.
    public let file: String
    /// In the order of the file.
    public let faults: [Fault]

    /// `file:line:column: message`, a line each.
    public var description: String {
        faults.map { fault in
            fault.place.line > 0
                ? "\(file):\(fault.place.line):\(fault.place.column): \(fault.message)"
                : "\(file): \(fault.message)"
        }.joined(separator: "\n")
    }
}
