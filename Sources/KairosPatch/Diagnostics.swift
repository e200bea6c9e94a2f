/// All faults of a file, as an error: a file is read to its end, so that all faults are reported at once.
public struct Diagnostics: Error, Sendable, Equatable, CustomStringConvertible {
    /// The faults, by line and column.
    public var list: [Diagnostic]

    /// Sorts the faults by line and column.
    public init(_ list: [Diagnostic]) {
        self.list = list.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }

    /// A single fault that concerns the whole file.
    public init(_ file: String, _ message: String) { list = [Diagnostic(file: file, message: message)] }

    /// One line per fault.
    public var description: String { list.map(\.description).joined(separator: "\n") }
}
