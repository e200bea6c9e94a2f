import ArgumentParser
import CRealtime
import Foundation

/// The command: wires everything, decides nothing.
@main
struct Kairos: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kairos",
        abstract: "A live instrument: play it from a MIDI keyboard, change the whole sound in mid-chord.",
        discussion: """
            kairos play                        play, with whatever keyboards and sound card there are
            kairos render song.mid -o song.wav render a MIDI file, faster than real time
            kairos check my-patch.yaml         find what is wrong with a patch or a mapping
            kairos modules svf                 what a module does, its ports and parameters

            Exit status: 0 good, 1 bad input, 2 usage.
            """,
        version: "kairos \(version) (\(String(cString: crt_instruction_set())))",
        subcommands: [
            Play.self, Render.self, Check.self, Patches.self, Modules.self, Schedule.self, Ports.self,
            Monitor.self, OSCReference.self,
            Learn.self, New.self, SchemaCommand.self, Profile.self, Bench.self, TuningTable.self,
        ])

    static let version = "0.1.0"

    /// Usage errors end with 2, everything else that is wrong with 1 and a line that says what.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let failure as Failure {
            say(failure.description)
            Foundation.exit(1)
        } catch {
            let code = exitCode(for: error)
            if code == .success || code == .failure || error is ExitCode { exit(withError: error) }
            let text = fullMessage(for: error)
            say(text)
            Foundation.exit(2)
        }
    }
}

/// Something that cannot be done, in words for the person who asked for it.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// A line to standard error.
func say(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

/// A value as JSON on standard output.
func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
}
