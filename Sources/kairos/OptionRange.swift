import ArgumentParser

/// The ranges of options that several commands have. What is outside is a usage error.
enum OptionRange {
    /// `--period`: frames a block.
    static func check(period: Int?) throws {
        guard let period, !(16...8192).contains(period) else { return }
        throw ValidationError("--period is 16 … 8192, and this is \(period)")
    }

    /// `--seconds`: how long a command goes on. Infinity is for ever.
    static func check(seconds: Double?) throws {
        // Not a number is neither.
        guard let seconds, !(seconds >= 0) else { return }
        throw ValidationError("--seconds is 0 or more, and this is \(seconds)")
    }

    /// A file or folder that is to be written.
    static func check(path: String?, _ option: String) throws {
        if path == "" { throw ValidationError("\(option) is empty, where a name was expected") }
    }
}
