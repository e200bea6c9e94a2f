import ArgumentParser
import CRealtime
import Foundation
import KairosEngine

/// `kairos bench`: how many voices this machine plays, and what a change of sound costs.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure voices per core, compile time and changes of sound on this machine.",
        discussion: """
            kairos bench                     every patch
            kairos bench --patch my.yaml --voices 256 --seconds 10 --json
            kairos bench --changes           building graphs of any size, swapping, sixteen layers
            kairos bench --clock             the tempo of a MIDI clock with jitter
            kairos bench --scaling --patch my.yaml --json    cost against voices and modules

            CPU time of one thread; medians of several runs. The peers beside it: make bench.
            """)

    @Option(help: ArgumentHelp("Patch name or file (default: every patch).", valueName: "patch"))
    var patch: String?
    @Option(help: ArgumentHelp("Voices sounding at once.", valueName: "n")) var voices = 64
    @Option(help: ArgumentHelp("Seconds of sound to render each time.", valueName: "n")) var seconds = 4.0
    @Option(help: ArgumentHelp("Number of repetitions.", valueName: "n")) var runs = 5
    @Flag(help: "Measure the cost of program changes instead.") var changes = false
    @Flag(help: "Measure cost against the number of voices and modules instead.") var scaling = false
    @Flag(help: "Measure tempo tracking of a jittery MIDI clock instead.") var clock = false
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
        if [changes, scaling, clock].count(where: { $0 }) > 1 {
            throw ValidationError("--changes, --scaling and --clock measure different things; give one")
        }
    }

    func run() throws {
        if clock { return try ClockBench().run(json: json) }
        if changes { return try ChangeBench(sounds: Sounds(sounds), runs: runs).run(json: json) }
        if scaling { return try ScalingTable(patch: try patches()[0], runs: runs).run(json: json) }
        let rows = try patches().map(measure)
        if json {
            if rows.count == 1 { try showJSON(rows[0]) } else { try showJSON(rows) }
            return
        }
        let width = rows.map(\.patch.count).max() ?? 0
        show(row: "\(padded("patch", width))  voices per core   compile")
        for row in rows {
            show(
                row:
                    "\(padded(row.patch, width))  \(padded(fixed(row.voicesPerCore, 0), 15))   \(fixed(row.compileMilliseconds, 2)) ms"
            )
        }
    }

    private func patches() throws -> [CompiledPatch] {
        guard let patch else { return try Sounds(sounds).patches.map(\.compiled) }
        return [try Sounds.patch(patch, sounds)]
    }

    private func measure(_ patch: CompiledPatch) throws -> Row {
        let cpu = median(
            (0..<runs).map { _ in EngineBench.rendering(patch, voices: voices, seconds: seconds) })
        let registry = try sounds.modules.known().registry
        let compile = median(try (0..<21).map { _ in try EngineBench.compiling(patch.patch, registry) })
        return Row(
            patch: patch.patch.name, voices: voices, seconds: seconds, cpuSeconds: cpu,
            voicesPerCore: Double(voices) * seconds * EngineBench.soundingPart / cpu,
            compileMilliseconds: compile * 1000)
    }

}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

/// What a program change costs: making the program, the block it takes over in, layers beside each other.
private struct ChangeBench {
    struct Figures: Encodable {
        struct Build: Encodable {
            var modules: Int
            var connections: Int
            var milliseconds: Double
        }

        struct Swap: Encodable {
            var from: String
            var to: String
            var beforeMicroseconds: Double
            var afterMicroseconds: Double
            var swapMicroseconds: Double
            /// How much more the block of the change costs than both sounds together; the claim is under 10.
            var extraMicroseconds: Double
        }

        struct Layers: Encodable {
            var patch: String
            var one: Double
            var sixteen: Double
            var ratio: Double
        }

        var build: [Build] = []
        var swap: [Swap] = []
        var layers: [Layers] = []
    }

    let sounds: Sounds
    let runs: Int

    func run(json: Bool) throws {
        var figures = Figures()
        for (modules, connections) in [
            (16, 32), (32, 64), (64, 128), (128, 384), (192, 768), (256, 1024), (512, 4096),
        ] {
            let seconds = try (0..<max(5, runs)).map {
                try GraphBench.building(
                    modules: modules, connections: connections, seed: UInt32($0 + 1), .standard)
            }
            figures.build.append(
                .init(modules: modules, connections: connections, milliseconds: median(seconds) * 1000))
        }
        let patches = sounds.patches.map(\.compiled).filter { !$0.isMaster && !$0.patch.modules.isEmpty }
        for (from, to) in zip(patches, patches.dropFirst() + patches.prefix(1)) {
            let change = GraphBench.changing(from: from, to: to, times: 40)
            figures.swap.append(
                .init(
                    from: from.patch.name, to: to.patch.name, beforeMicroseconds: change.before * 1e6,
                    afterMicroseconds: change.after * 1e6, swapMicroseconds: change.swap * 1e6,
                    extraMicroseconds: (change.swap - change.before - change.after) * 1e6))
        }
        for patch in patches {
            var ones: [Double] = [], sixteens: [Double] = []
            for _ in 0..<runs {
                ones.append(GraphBench.layers(1, of: patch, seconds: 1))
                sixteens.append(GraphBench.layers(16, of: patch, seconds: 1))
            }
            let one = median(ones), sixteen = median(sixteens)
            figures.layers.append(
                .init(patch: patch.patch.name, one: one, sixteen: sixteen, ratio: sixteen / one))
        }
        if json { try showJSON(figures) } else { tell(figures) }
    }

    private func tell(_ figures: Figures) {
        show(row: "modules   connections   from text to ready")
        for row in figures.build {
            show(
                row:
                    "\(padded("\(row.modules)", 7))   \(padded("\(row.connections)", 5))   \(fixed(row.milliseconds, 2)) ms"
            )
        }
        show("\nblock of 64 frames, µs: before, after, with the change, more than both together")
        for row in figures.swap {
            show(
                row:
                    "\(padded(row.from + " -> " + row.to, 30))  \(fixed(row.beforeMicroseconds, 1))  \(fixed(row.afterMicroseconds, 1))  \(fixed(row.swapMicroseconds, 1))  \(fixed(row.extraMicroseconds, 1))"
            )
        }
        show("\nsixteen layers of eight notes, times one layer")
        for row in figures.layers { show(row: "\(padded(row.patch, 30))  \(fixed(row.ratio, 1))") }
    }
}
