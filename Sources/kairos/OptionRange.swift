import ArgumentParser

/// Range checks for options that several commands share. A value outside throws `ValidationError`.
enum OptionRange {
    /// `--period`: buffer size in frames, 16 … 8192.
    static func check(period: Int?) throws {
        guard let period, !(16...8192).contains(period) else { return }
        throw ValidationError("--period must be 16 … 8192, not \(period)")
    }

    /// `--seconds`: duration of a command, 0 or more; infinity never ends.
    static func check(seconds: Double?) throws {
        // NaN fails the comparison and is rejected.
        guard let seconds, !(seconds >= 0) else { return }
        throw ValidationError("--seconds must be 0 or more, not \(seconds)")
    }

    /// A file or folder to write: the path must not be empty.
    static func check(path: String?, _ option: String) throws {
        if path == "" { throw ValidationError("\(option) is empty; give a file name") }
    }
}
