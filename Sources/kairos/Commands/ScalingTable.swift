import KairosEngine

/// What more voices cost, and more modules: `kairos bench --scaling`.
struct ScalingTable {
    struct Figures: Encodable {
        struct Point: Encodable {
            /// Voices, or modules.
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
    /// Seconds that count of each run.
    private let seconds = 0.3

    func run(json: Bool) throws {
        guard !patch.isMaster else {
            throw Failure("'\(patch.patch.name)' is for master effects: it has no voices")
        }
        var figures = Figures(patch: patch.patch.name, runs: runs)
        figures.voices = points(Array(stride(from: 16, through: ScalingBench.voiceLimit, by: 16))) {
            ScalingBench.voices($0, of: patch, seconds: seconds)
        }
        // One filter, then as many of each kind in every chain.
        figures.modules = try points([4, 16, 34] + Array(stride(from: 64, through: 1024, by: 60))) {
            try ScalingBench.modules($0, .standard, seconds: seconds)
        }
        if json { return try showJSON(figures) }
        show(row: "\(figures.patch), ns a frame")
        show(row: "voices")
        for point in figures.voices {
            show(row: "\(padded("\(point.count)", 7)) \(fixed(point.nanosecondsPerFrame, 1))")
        }
        show(row: "modules in a chain, sixteen voices")
        for point in figures.modules {
            show(row: "\(padded("\(point.count)", 7)) \(fixed(point.nanosecondsPerFrame, 1))")
        }
    }

    /// All counts in turn, again and again, so that what disturbs the machine for a while disturbs all alike.
    private func points(_ counts: [Int], _ measure: (Int) throws -> Double) rethrows -> [Figures.Point] {
        var costs = [[Double]](repeating: [], count: counts.count)
        for _ in 0..<runs {
            for (index, count) in counts.enumerated() { costs[index].append(try measure(count)) }
        }
        return zip(counts, costs).map { .init(count: $0, nanosecondsPerFrame: median($1)) }
    }
}
