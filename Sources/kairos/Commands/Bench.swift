import ArgumentParser
import CRealtime
import Foundation
import KairosBench
import KairosCompiler
import KairosPatch

/// `kairos bench`: measures voices per core, compile time and the cost of program changes.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure voices per core, compile time and program changes on this machine.",
        discussion: """
            kairos bench                     every patch
            kairos bench --patch my.yaml --voices 256 --seconds 10 --json
            kairos bench --changes           compile time, hot swaps, sixteen layers
            kairos bench --state             saving and loading the state of a playing patch
            kairos bench --clock             the tempo of a MIDI clock with jitter
            kairos bench --scaling --patch my.yaml --json    cost against voices and modules

            CPU time of one thread; medians of several runs. 'make bench' compares with
            other programs.
            """)

    @Option(
        help: ArgumentHelp("Patch name or file (default: every patch).", valueName: "patch"),
        completion: .patch)
    var patch: String?
    @Option(help: ArgumentHelp("Voices sounding at once.", valueName: "n")) var voices = 64
    @Option(help: ArgumentHelp("Seconds of audio to render in each run.", valueName: "n")) var seconds = 4.0
    @Option(help: ArgumentHelp("Number of repetitions.", valueName: "n")) var runs = 5
    @Flag(help: "Measure the cost of program changes instead.") var changes = false
    @Flag(help: "Measure saving and loading the state of a playing patch instead.") var state = false
    @Flag(help: "Measure cost against the number of voices and modules instead.") var scaling = false
    @Flag(help: "Measure tempo tracking of a jittery MIDI clock instead.") var clock = false
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup var rigOptions: RigOptions

    /// The result for one patch.
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
            throw ValidationError("--voices must be 1 … 4096, not \(voices)")
        }
        guard (0.1...600).contains(seconds) else {
            throw ValidationError("--seconds must be 0.1 … 600, not \(seconds)")
        }
        guard (1...1000).contains(runs) else {
            throw ValidationError("--runs must be 1 … 1000, not \(runs)")
        }
        if [changes, state, scaling, clock].count(where: { $0 }) > 1 {
            throw ValidationError("--changes, --state, --scaling and --clock exclude each other; give one")
        }
    }

    func run() throws {
        if clock { return try ClockBench().run(json: json) }
        if changes { return try ChangeBench(sources: RigSources(rigOptions), runs: runs).run(json: json) }
        if state { return try printState() }
        if scaling { return try ScalingTable(patch: try patches()[0], runs: runs).run(json: json) }
        let rows = try patches().map(measure)
        if json {
            if rows.count == 1 { try printJSON(rows[0]) } else { try printJSON(rows) }
            return
        }
        let width = rows.map(\.patch.count).max() ?? 0
        printLine("\(padded("patch", width))  voices per core   compile")
        for row in rows {
            printLine(
                "\(padded(row.patch, width))  \(padded(fixed(row.voicesPerCore, 0), 15))   "
                    + "\(fixed(row.compileMilliseconds, 2)) ms"
            )
        }
    }

    private func patches() throws -> [CompiledPatch] {
        guard let patch else { return try RigSources(rigOptions).patches.map(\.compiled) }
        return [try RigSources.patch(patch, rigOptions)]
    }

    /// The time to save and load the state of one patch.
    private struct StateRow: Encodable {
        var patch: String
        var bytes: Int
        var saveMicroseconds: Double
        var longestSaveMicroseconds: Double
        var loadMicroseconds: Double
        var longestLoadMicroseconds: Double
        var microsecondsPerMB: Double { (saveMicroseconds + loadMicroseconds) / 2 / (Double(bytes) / 1e6) }
    }

    private func printState() throws {
        let rows = try patches().map { patch in
            let state = StateBench(patch, voices: voices, times: 500 * runs)
            return StateRow(
                patch: patch.patch.name, bytes: state.bytes, saveMicroseconds: state.save.median * 1e6,
                longestSaveMicroseconds: state.save.longest * 1e6,
                loadMicroseconds: state.load.median * 1e6,
                longestLoadMicroseconds: state.load.longest * 1e6)
        }
        if json { return try printJSON(rows) }
        let width = rows.map(\.patch.count).max() ?? 0
        printLine(
            "\(padded("patch", width))       size   save (longest)     load (longest)     each MB")
        for row in rows {
            func time(_ median: Double, _ longest: Double) -> String {
                padded("\(fixed(median, 1)) (\(fixed(longest, 0))) µs", 17)
            }
            printLine(
                "\(padded(row.patch, width))  \(padded(fixed(Double(row.bytes) / 1e6, 2), 6)) MB  "
                    + "\(time(row.saveMicroseconds, row.longestSaveMicroseconds))  "
                    + "\(time(row.loadMicroseconds, row.longestLoadMicroseconds))  "
                    + "\(fixed(row.microsecondsPerMB, 0)) µs")
        }
    }

    private func measure(_ patch: CompiledPatch) throws -> Row {
        let cpu = median(
            (0..<runs).map { _ in EngineBench.rendering(patch, voices: voices, seconds: seconds) })
        let registry = try rigOptions.modules.known().registry
        let compile = median(try (0..<21).map { _ in try EngineBench.compiling(patch.patch, registry) })
        return Row(
            patch: patch.patch.name, voices: voices, seconds: seconds, cpuSeconds: cpu,
            voicesPerCore: Double(voices) * seconds * EngineBench.soundingPart / cpu,
            compileMilliseconds: compile * 1000)
    }

}

/// The median of a non-empty list.
func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
