import ArgumentParser
import CRealtime
import Foundation
import KairosDevices
import KairosTerminal

/// The command: connects the libraries to the terminal and the devices; contains no logic of the engine.
@main
struct Kairos: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kairos",
        abstract: "A live instrument: play it from a MIDI keyboard, change patches while notes are held.",
        discussion: """
            kairos play                          play with the connected keyboards
            kairos play slow-tide                start with a patch
            kairos play song.mid                 play a MIDI file live
            kairos render song.mid -o song.wav   render a MIDI file, faster than real time
            kairos check my-patch.yaml           find the errors in a file
            kairos modules svf                   describe a module, its ports and parameters

            \(ExitStatus.line)
            """,
        version: "kairos \(version) (\(String(cString: crt_instruction_set())))",
        subcommands: [
            Play.self, Render.self, Check.self, Patches.self, SetLists.self, Mappings.self, Modules.self,
            ScheduleCommand.self, Ports.self, Monitor.self, OSCReference.self,
            Learn.self, New.self, SchemaCommand.self, Profile.self, Bench.self, TuningTable.self, Manual.self,
        ])

    static let version = "0.1.0"

    /// Parses the arguments and runs the command. Exit status 2 for usage errors, 1 with a message for all
    /// others.
    static func main() {
        // A failed write returns EPIPE or EFBIG instead of ending the process.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        Interruption.restoreQuit()
        LibraryMessages.silence()
        let arguments = Arguments.joined(Array(CommandLine.arguments.dropFirst()))
        do {
            try Arguments.checkCommand(arguments)
            if let script = try CompletionScript(arguments) {
                printText(script.text)
                terminate(0)
            }
            var command = try parseAsRoot(arguments)
            try command.run()
        } catch let fault as UsageFault {
            printError(fault.description)
            terminate(2)
        } catch let failure as Failure {
            printError(failure.description)
            terminate(1)
        } catch let code as ExitCode {
            terminate(code.rawValue)
        } catch {
            let code = exitCode(for: error)
            // Help, the version or completions were asked for: they go to standard output.
            if code == .success, arguments.first == "---completion" {
                Output.standard.fields(fullMessage(for: error) + "\n")
            } else if code == .success {
                printText(fullMessage(for: error))
            } else if code == .failure {
                printError(fullMessage(for: error))
                terminate(1)
            } else {
                printError(Arguments.message(error, arguments) ?? fullMessage(for: error))
                terminate(2)
            }
        }
        terminate(0)
    }
}

/// Prints one or more lines to standard error. Line breaks inside command-line arguments are escaped.
func printError(_ lines: String) { Output.error.lines(Arguments.escapingLineBreaks(lines)) }

/// Prints a line of the command's result to standard output. Ends the program if it cannot be written.
func printLine(_ line: String) {
    Output.standard.line(Arguments.escapingLineBreaks(line))
    exitIfOutputFailed()
}

/// Prints a text to standard output, with a line break at its end. Ends the program if it cannot be written.
func printText(_ text: String) {
    let text = Arguments.escapingLineBreaks(text)
    Output.standard.document(text.hasSuffix("\n") ? text : text + "\n")
    exitIfOutputFailed()
}

/// Prints a value as JSON to standard output. Ends the program if it cannot be written.
func printJSON(_ value: some Encodable) throws {
    Output.standard.json(try jsonText(value))
    exitIfOutputFailed()
}

/// Encodes a value as JSON with sorted keys.
func jsonText(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}

/// Ends the program if a write to standard output has failed: on EPIPE silently with status 141, as SIGPIPE
/// would, otherwise with a message and status 1.
func exitIfOutputFailed() {
    guard let error = Output.standard.failure else { return }
    if error == EPIPE { terminate(128 + SIGPIPE) }
    printError("standard output cannot be written: \(String(cString: strerror(error)))")
    terminate(1)
}

/// Ends the program with `status`. Queued output gets at most 300 ms per stream to be written.
func terminate(_ status: Int32) -> Never {
    for output in [Output.standard, Output.error] { output.drain(milliseconds: 300) }
    Foundation.exit(status)
}
