import KairosBench
import KairosCompiler
import KairosPatch

/// Measures cost against the number of voices and of modules: `kairos bench --scaling`.
struct ScalingTable {
    /// The result.
    struct Figures: Encodable {
        struct Point: Encodable {
            /// Number of voices or modules.
            var count: Int
            /// The median of the runs.
            var nanosecondsPerFrame: Double
        }

        var patch: String
        var runs: Int
        var voices: [Point] = []
        var modules: [Point] = []
    }

    let patch: CompiledPatch
    let runs: Int
    /// Seconds measured in each run.
    private let seconds = 0.3

    func run(json: Bool) throws {
        guard !patch.isMaster else {
            throw Failure("'\(patch.patch.name)' is for master effects: it has no voices")
        }
        var figures = Figures(patch: patch.patch.name, runs: runs)
        figures.voices = points(Array(stride(from: 16, through: ScalingBench.voiceLimit, by: 16))) {
            ScalingBench.voices($0, of: patch, seconds: seconds)
        }
        // From one filter on, with equal numbers of each module type in every chain.
        figures.modules = try points([4, 16, 34] + Array(stride(from: 64, through: 1024, by: 60))) {
            try ScalingBench.modules($0, .standard, seconds: seconds)
        }
        if json { return try printJSON(figures) }
        printLine("\(figures.patch), ns/frame")
        printLine("voices")
        for point in figures.voices {
            printLine("\(padded("\(point.count)", 7)) \(fixed(point.nanosecondsPerFrame, 1))")
        }
        printLine("modules in a chain, with sixteen voices")
        for point in figures.modules {
            printLine("\(padded("\(point.count)", 7)) \(fixed(point.nanosecondsPerFrame, 1))")
        }
    }

    /// The median cost of each count. Each run measures all counts in turn, so that a temporary disturbance
    /// of the machine affects all of them.
    private func points(_ counts: [Int], _ measure: (Int) throws -> Double) rethrows -> [Figures.Point] {
        var costs = [[Double]](repeating: [], count: counts.count)
        for _ in 0..<runs {
            for (index, count) in counts.enumerated() { costs[index].append(try measure(count)) }
        }
        return zip(counts, costs).map { .init(count: $0, nanosecondsPerFrame: median($1)) }
    }
}
