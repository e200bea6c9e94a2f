import ArgumentParser
import CRealtime
import Foundation
import KairosEngine

/// `kairos bench`: how many voices this machine plays, and how long a compile takes.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure voices per core and compile time on this machine.",
        discussion: """
            kairos bench                     every patch
            kairos bench --patch my.yaml --voices 256 --seconds 10 --json

            CPU time of one thread; medians of several runs. The peers beside it: make bench.
            """)

    @Option(help: ArgumentHelp("A patch's name, or a file; without it, every patch.", valueName: "patch"))
    var patch: String?
    @Option(help: ArgumentHelp("Voices that sound at once.", valueName: "n")) var voices = 64
    @Option(help: ArgumentHelp("Seconds of sound to render each time.", valueName: "n")) var seconds = 4.0
    @Option(help: ArgumentHelp("How often.", valueName: "n")) var runs = 5
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup var sounds: SoundOptions

    struct Row: Encodable {
        var patch: String
        var voices: Int
        var seconds: Double
        var cpuSeconds: Double
        var voicesPerCore: Double
        var compileMilliseconds: Double
        var instructionSet = String(cString: crt_instruction_set())
    }

    func validate() throws {
        guard (1...4096).contains(voices) else {
            throw ValidationError("--voices is 1 … 4096, and this is \(voices)")
        }
        guard (0.1...600).contains(seconds) else {
            throw ValidationError("--seconds is 0.1 … 600, and this is \(seconds)")
        }
        guard (1...1000).contains(runs) else {
            throw ValidationError("--runs is 1 … 1000, and this is \(runs)")
        }
    }

    func run() throws {
        let rows = try patches().map(measure)
        if json {
            if rows.count == 1 { try printJSON(rows[0]) } else { try printJSON(rows) }
            return
        }
        let width = rows.map(\.patch.count).max() ?? 0
        print("\(padded("patch", width))  voices per core   compile")
        for row in rows {
            print(
                "\(padded(row.patch, width))  \(padded(fixed(row.voicesPerCore, 0), 15))   \(fixed(row.compileMilliseconds, 2)) ms"
            )
        }
    }

    private func patches() throws -> [CompiledPatch] {
        guard let patch else { return try Sounds(sounds).compiled }
        if FileManager.default.fileExists(atPath: patch) { return [try compiled(patch)] }
        let all = try Sounds(sounds)
        return [all.compiled[try all.index(of: patch)]]
    }

    private func measure(_ patch: CompiledPatch) throws -> Row {
        let cpu = median(
            (0..<runs).map { _ in EngineBench.rendering(patch, voices: voices, seconds: seconds) })
        let compile = median(try (0..<21).map { _ in try EngineBench.compiling(patch.patch, .standard) })
        return Row(
            patch: patch.patch.name, voices: voices, seconds: seconds, cpuSeconds: cpu,
            voicesPerCore: Double(voices) * seconds * EngineBench.soundingPart / cpu,
            compileMilliseconds: compile * 1000)
    }

    private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
