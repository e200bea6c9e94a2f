import KairosBench
import KairosCompiler
import KairosPatch

/// Measures program changes: building a patch instance, the block of the swap, and layers.
struct ChangeBench {
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
            /// Cost of the block of the change beyond the sum of both patches; the documented limit is 10 µs.
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

    let sources: RigSources
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
        let patches = sources.patches.map(\.compiled).filter { !$0.isMaster && !$0.patch.modules.isEmpty }
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
        if json { try printJSON(figures) } else { printTable(figures) }
    }

    private func printTable(_ figures: Figures) {
        printLine("modules   connections   build time")
        for row in figures.build {
            printLine(
                "\(padded("\(row.modules)", 7))   \(padded("\(row.connections)", 5))   "
                    + "\(fixed(row.milliseconds, 2)) ms"
            )
        }
        printText("\nblock of 64 frames in µs: old patch, new patch, block of the change, excess over both")
        for row in figures.swap {
            printLine(
                "\(padded(row.from + " -> " + row.to, 30))  \(fixed(row.beforeMicroseconds, 1))  "
                    + "\(fixed(row.afterMicroseconds, 1))  \(fixed(row.swapMicroseconds, 1))  "
                    + "\(fixed(row.extraMicroseconds, 1))"
            )
        }
        printText("\ncost of sixteen layers of eight notes, relative to one layer")
        for row in figures.layers { printLine("\(padded(row.patch, 30))  \(fixed(row.ratio, 1))") }
    }
}
