import ArgumentParser
import CRealtime
import Foundation
import KairosDevices
import KairosTerminal

/// The command: connections everything, decides nothing.
@main
struct Kairos: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kairos",
        abstract: "A live instrument: play it from a MIDI keyboard, change the whole sound in mid-chord.",
        discussion: """
            kairos play                        play, with whatever keyboards and sound card there are
            kairos play slow-tide              begin with a patch; or play a file: kairos play song.mid
            kairos render song.mid -o song.wav render a MIDI file, faster than real time
            kairos check my-patch.yaml         find what is wrong with a patch or a mapping
            kairos modules svf                 what a module does, its ports and parameters

            Exit status: 0 good, 1 bad input, 2 usage, 141 when nobody reads the output any more.
            """,
        version: "kairos \(version) (\(String(cString: crt_instruction_set())))",
        subcommands: [
            Play.self, Render.self, Check.self, Patches.self, SetLists.self, Mappings.self, Modules.self,
            ScheduleCommand.self, Ports.self, Monitor.self, OSCReference.self,
            Learn.self, New.self, SchemaCommand.self, Profile.self, Bench.self, TuningTable.self,
        ])

    static let version = "0.1.0"

    /// Usage errors end with 2, everything else that is wrong with 1 and a line that says what.
    static func main() {
        // What cannot be written is an error of that write, and never the end of the process.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        Interruption.restoreQuit()
        LibraryMessages.silence()
        let arguments = Arguments.joined(Array(CommandLine.arguments.dropFirst()))
        do {
            try Arguments.checkCommand(arguments)
            var command = try parseAsRoot(arguments)
            try command.run()
        } catch let fault as UsageFault {
            say(fault.description)
            end(2)
        } catch let failure as Failure {
            say(failure.description)
            end(1)
        } catch let code as ExitCode {
            end(code.rawValue)
        } catch {
            let code = exitCode(for: error)
            // Help and the version are what was asked for.
            if code == .success {
                show(fullMessage(for: error))
            } else if code == .failure {
                say(fullMessage(for: error))
                end(1)
            } else {
                say(Arguments.message(error, arguments) ?? fullMessage(for: error))
                end(2)
            }
        }
        end(0)
    }
}

/// Something that cannot be done, in words for the person who asked for it.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// One or more lines on standard error.
func say(_ lines: String) { Output.error.lines(Arguments.named(lines)) }

/// A line of what was asked for, on standard output.
func show(row line: String) {
    Output.standard.line(Arguments.named(line))
    endIfUnwritten()
}

/// A text of what was asked for, on standard output; it ends with a line break.
func show(_ text: String) {
    let text = Arguments.named(text)
    Output.standard.document(text.hasSuffix("\n") ? text : text + "\n")
    endIfUnwritten()
}

/// A value as JSON on standard output.
func showJSON(_ value: some Encodable) throws {
    Output.standard.json(try jsonText(value))
    endIfUnwritten()
}

/// A value as JSON.
func jsonText(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}

/// Ends the program where standard output could not be written: quietly when its reader is gone, as a program does
/// that SIGPIPE ends, else with the reason.
func endIfUnwritten() {
    guard let error = Output.standard.failure else { return }
    if error == EPIPE { end(128 + SIGPIPE) }
    say("standard output: cannot be written: \(String(cString: strerror(error)))")
    end(1)
}

/// Ends the program. What is queued has a moment to be written.
func end(_ status: Int32) -> Never {
    for output in [Output.standard, Output.error] { output.drain(milliseconds: 300) }
    Foundation.exit(status)
}
