/// One fault of a file, with its place.
public struct Diagnostic: Sendable, Equatable, CustomStringConvertible {
    /// Path of the file.
    public var file: String
    /// Line, from 1; 0 if the fault concerns the whole file.
    public var line: Int
    /// Column, from 1; 0 if the fault concerns the whole file.
    public var column: Int
    /// Message for the player: the fault, what was expected, and what to write instead.
    public var message: String

    /// A diagnostic about a place in a file, or about the whole file without `line`.
    public init(file: String, line: Int = 0, column: Int = 0, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }

    /// The text `file:line:column: message`, or `file: message` if the fault concerns the whole file.
    public var description: String {
        // A line break in a file name would look like the start of another message.
        let file = file.isEmpty ? "''" : file.replacing("\n", with: "\\n")
        return line > 0 ? "\(file):\(line):\(column): \(message)" : "\(file): \(message)"
    }
}
