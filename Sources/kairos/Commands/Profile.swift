import ArgumentParser
import Foundation
import KairosBench
import KairosCompiler
import KairosPatch

/// `kairos profile`: measures the CPU time of each module of a patch.
struct Profile: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure the CPU time of each module of a patch, and how many voices one core can play.",
        discussion: """
            kairos profile slow-tide
            kairos profile my-patch.yaml --voices 64 --seconds 5
            kairos profile hall --json           master effects, fed with noise

            Voices are held and rendered offline. Times are in nanoseconds per frame on
            one core; a frame at 48 kHz lasts 20 833 ns.
            """)

    @Argument(help: "Patch name or file.", completion: .patch) var patch: String
    @Option(
        help: ArgumentHelp(
            "Held voices (default: those of the patch, up to 16).", valueName: "n"))
    var voices: Int?
    @Option(help: ArgumentHelp("Seconds of audio to render in each run.", valueName: "n")) var seconds = 2.0
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup var rigOptions: RigOptions

    /// The result.
    struct Figures: Encodable {
        /// The cost of a module.
        struct Row: Encodable {
            var name: String
            /// The module type; nil for steps of the engine.
            var type: String?
            var nanosecondsPerFrame: Double
            /// Share of the total.
            var percent: Double
        }

        var patch: String
        var voices: Int
        var seconds: Double
        var rows: [Row]
        /// Time between the steps: the total minus all rows.
        var between: Row
        /// The total.
        var nanosecondsPerFrame: Double
        /// The cost of reading the clock, already subtracted from each step.
        var clockNanoseconds: Double
        /// Memory of a patch instance.
        var programBytes: Int
        /// Voices at 80 % load of one core; nil for master effects.
        var voicesUntilOverload: Int?
        /// The most expensive module.
        var dearest: Row?
    }

    /// The load limit of one core, and the sample rate in Hz.
    private static let loadLimit = 0.8, sampleRate = 48_000.0

    func validate() throws {
        if let voices, !(1...256).contains(voices) {
            throw ValidationError("--voices must be 1 … 256, not \(voices)")
        }
        guard (0.1...60).contains(seconds) else {
            throw ValidationError("--seconds must be 0.1 … 60, not \(seconds)")
        }
    }

    func run() throws {
        let compiled = try RigSources.patch(patch, rigOptions)
        let figures = try measure(compiled)
        if json { try printJSON(figures) } else { printTable(figures) }
    }

    private func measure(_ compiled: CompiledPatch) throws -> Figures {
        let voicing = compiled.patch.voicing
        let voiceLimit = compiled.isMaster ? 0 : voicing.mode == .poly ? 256 : 1
        if let voices, voices > voiceLimit {
            throw Failure(
                "'\(compiled.patch.name)' is "
                    + (compiled.isMaster
                        ? "for master effects: it has no voices"
                        : "\(voicing.mode.rawValue): it plays one voice")
                    + "; leave out --voices"
            )
        }
        let count = voices ?? min(voiceLimit, min(16, voicing.voices))
        let bench = ProfileBench(compiled, voices: count, seconds: seconds, sampleRate: Self.sampleRate)
        let found = bench.profile()
        func row(_ name: String, _ type: String?, _ cost: Double) -> Figures.Row {
            .init(name: name, type: type, nanosecondsPerFrame: cost, percent: cost / found.whole * 100)
        }
        let rows = found.rows.map { row($0.name, $0.type, $0.cost) }
            .sorted { $0.nanosecondsPerFrame > $1.nanosecondsPerFrame }
        let sum = rows.reduce(0) { $0 + $1.nanosecondsPerFrame }
        return Figures(
            patch: compiled.patch.name, voices: count, seconds: seconds, rows: rows,
            between: row("between", nil, found.whole - sum), nanosecondsPerFrame: found.whole,
            clockNanoseconds: found.clock, programBytes: bench.memory,
            voicesUntilOverload: voiceLimit == 0
                ? nil : overload(compiled, found.whole, growing: voiceLimit > 1),
            dearest: rows.first { $0.type != nil })
    }

    /// The number of voices at the load limit, extrapolated from the cost of one and of four voice groups.
    /// For a patch with one voice (`growing` false) the number of instances.
    private func overload(_ compiled: CompiledPatch, _ whole: Double, growing: Bool) -> Int {
        let budget = Self.loadLimit * 1e9 / Self.sampleRate
        guard growing else { return Int(budget / whole) }
        let unison = compiled.patch.voicing.unison
        let few = 16 / unison, many = 64 / unison
        func cost(_ voices: Int) -> Double {
            ProfileBench(compiled, voices: voices, seconds: min(seconds, 1), sampleRate: Self.sampleRate)
                .whole()
        }
        let small = cost(few)
        let each = (cost(many) - small) / Double(many - few)
        return Int((budget - small) / each) + few
    }

    private func printTable(_ figures: Figures) {
        let width = figures.rows.map(\.name.count).max() ?? 0
        printLine(
            "\(figures.patch): \(figures.voices) voices held for \(fixed(figures.seconds, 1)) s, "
                + "\(fixed(Double(figures.programBytes) / 1024, 0)) KiB"
        )
        printLine("\(padded("module", max(8, width)))  \(padded("type", 10))  ns/frame     share")
        func line(_ row: Figures.Row, _ type: String) {
            printLine(
                "\(padded(row.name, max(8, width)))  \(padded(type, 10))  "
                    + "\(padded(fixed(row.nanosecondsPerFrame, 1), 10))   \(fixed(row.percent, 1)) %"
            )
        }
        for row in figures.rows { line(row, row.type ?? "(engine)") }
        line(figures.between, "(engine)")
        printLine(
            "\(padded("total", max(8, width)))  \(padded("", 10))  \(fixed(figures.nanosecondsPerFrame, 1))"
        )
        if let voices = figures.voicesUntilOverload {
            printLine("One core plays \(voices) voices of this patch at 80 % load.")
        }
        if let dearest = figures.dearest, let type = dearest.type {
            let voices = Double(max(1, figures.voices))
            printLine(
                "Most expensive module: \(dearest.name) (\(type)), "
                    + "\(fixed(dearest.nanosecondsPerFrame / voices, 2)) of "
                    + "\(fixed(figures.nanosecondsPerFrame / voices, 2)) ns per "
                    + (figures.voices > 0 ? "voice and frame." : "frame.")
            )
        }
        printLine("Measuring adds \(fixed(figures.clockNanoseconds, 0)) ns to each step; this is subtracted.")
    }
}
