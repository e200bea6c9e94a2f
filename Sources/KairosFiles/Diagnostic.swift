/// One thing that is wrong with a file, and where.
public struct Diagnostic: Sendable, Equatable, CustomStringConvertible {
    /// The path.
    public var file: String
    /// From 1; 0 where it is the file as a whole.
    public var line: Int
    /// From 1.
    public var column: Int
    /// What was read, what was expected, the nearest right thing.
    public var message: String

    /// A diagnostic.
    public init(file: String, line: Int = 0, column: Int = 0, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }

    /// `file:line:column: message`
    public var description: String {
        // A line break in a name would begin a message of its own.
        let file = file.isEmpty ? "''" : file.replacing("\n", with: "\\n")
        return line > 0 ? "\(file):\(line):\(column): \(message)" : "\(file): \(message)"
    }
}

/// Everything that is wrong with a file, found in one go, in the order of the file.
public struct Diagnostics: Error, Sendable, Equatable, CustomStringConvertible {
    /// In the order of the file.
    public var list: [Diagnostic]

    /// Sorted by place.
    public init(_ list: [Diagnostic]) {
        self.list = list.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }

    /// One line that is about the whole file.
    public init(_ file: String, _ message: String) { list = [Diagnostic(file: file, message: message)] }

    /// A line each.
    public var description: String { list.map(\.description).joined(separator: "\n") }
}
