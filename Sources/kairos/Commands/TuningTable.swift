import ArgumentParser
import Foundation
import KairosControl
import KairosTerminal

/// `kairos tuning`: prints the pitch of every key.
struct TuningTable: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tuning",
        abstract: "Print the pitch of every key in a Scala scale.",
        discussion: "kairos tuning just.scl\nkairos tuning just.scl --keyboard white.kbm --json")

    @Argument(help: ArgumentHelp("Scala scales (.scl).", valueName: "scl"), completion: .scale)
    var files: [String]
    @Option(help: ArgumentHelp("Scala keyboard mapping (.kbm).", valueName: "kbm"), completion: .keyboard)
    var keyboard: String?
    @Flag(help: "Print JSON, one line per file, errors included.") var json = false

    struct Row: Encodable {
        var file: String
        var name: String?
        /// MIDI note numbers with fraction, 69 is 440 Hz; null for a silent key.
        var pitches: [Double?]?
        var error: String?
    }

    func run() throws {
        if json { return try printLines() }
        for file in files {
            let tuning = try Tuning.read(file, keyboard: keyboard)
            printText("\(file): \(tuning.name)\nkey         Hz  cents from equal temperament")
            for (key, pitch) in tuning.pitches.enumerated() {
                guard let pitch else {
                    printLine("\(padded(String(key), 3))     silent")
                    continue
                }
                let hertz = 440 * pow(2, (pitch - 69) / 12)
                printLine(
                    "\(padded(String(key), 3)) \(padded(fixed(hertz, 3), 10)) "
                        + "\(fixed((pitch - Double(key)) * 100, 3))")
            }
        }
    }

    /// Prints a JSON object per file and line; an error becomes the field `error`.
    private func printLines() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        for file in files {
            var row = Row(file: file)
            do {
                let tuning = try Tuning.read(file, keyboard: keyboard)
                row.name = tuning.name
                row.pitches = tuning.pitches
            } catch { row.error = "\(error)" }
            Output.standard.json(String(decoding: try encoder.encode(row), as: UTF8.self))
            exitIfOutputFailed()
        }
    }
}
