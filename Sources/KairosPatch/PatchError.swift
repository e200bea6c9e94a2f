/// All errors of a patch or compound module, found in one compilation.
public struct PatchError: Error, Equatable, CustomStringConvertible {
    /// One error with its position.
    public struct Fault: Sendable, Equatable {
        /// Position in the file; line 0 if it concerns the whole file.
        public let place: Patch.Place
        /// Message for the player: the faulty text, what was expected, and a suggestion where there is one.
        public let message: String

        package init(place: Patch.Place, message: String) {
            self.place = place
            self.message = message
        }
    }

    /// Path of the file; the name of the patch or module if it has no file.
    public let file: String
    /// The errors, in the order of the file.
    public let faults: [Fault]

    package init(file: String, faults: [Fault]) {
        self.file = file
        self.faults = faults
    }

    /// One line per error: `file:line:column: message`.
    public var description: String {
        faults.map { fault in
            fault.place.line > 0
                ? "\(file):\(fault.place.line):\(fault.place.column): \(fault.message)"
                : "\(file): \(fault.message)"
        }.joined(separator: "\n")
    }
}
