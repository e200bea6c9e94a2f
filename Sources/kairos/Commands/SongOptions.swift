import ArgumentParser
import KairosFiles
import KairosPatch

/// The options for reading a MIDI file.
struct SongOptions: ParsableArguments {
    @Flag(help: "Refuse a MIDI file with errors (default: play the intact part).") var strict = false
    @Option(
        help: ArgumentHelp(
            "Refuse a MIDI file that lasts longer: 90 min, 12h, 1:30:00.", valueName: "time"))
    var longest = TimeSpan(seconds: 4 * 3600)

    /// Reads a file and prints warnings about its errors. Throws `Failure` if it cannot be read or is too
    /// long.
    func read(_ path: String) throws -> StandardMIDIFile {
        try Self.read(path, strict: strict, longest: longest)
    }

    /// The same, with the values of the options as arguments.
    static func read(_ path: String, strict: Bool, longest: TimeSpan) throws -> StandardMIDIFile {
        let song: StandardMIDIFile
        do { song = try StandardMIDIFile.read(path: path, strict: strict) } catch {
            throw Failure(error.description)
        }
        song.warnings.forEach { printError("warning: \($0)") }
        let length = song.length == .max ? Double.infinity : Double(song.length) / 1e9
        guard length <= longest.seconds else {
            throw Failure(
                "\(path): the song lasts "
                    + (length.isInfinite ? "more than 584 years" : "\(TimeSpan(seconds: length))")
                    + "; the limit is \(longest)"
                    + (length.isInfinite
                        ? "" : "; to allow it, give --longest \(fixed((length / 3600).rounded(.up), 0))h"))
        }
        return song
    }
}
