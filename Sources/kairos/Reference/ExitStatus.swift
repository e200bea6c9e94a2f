/// The exit statuses of `kairos`.
enum ExitStatus {
    /// Each status with its meaning.
    static let all: [(status: String, about: String)] = [
        ("0", "success"), ("1", "error"), ("2", "usage error"),
        ("128 + N", "ended by signal N; 141 when the reader of the output has gone"),
    ]

    /// All of them in a line, for the help.
    static let line =
        "Exit status: " + all.map { "\($0.status) \($0.about)" }.joined(separator: ", ") + "."
}
