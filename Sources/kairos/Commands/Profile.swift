import ArgumentParser
import Foundation
import KairosEngine

/// `kairos profile`: where the time of a patch goes.
struct Profile: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell what each module of a patch costs, and how many voices this machine plays of it.",
        discussion: """
            kairos profile slow-tide
            kairos profile my-patch.yaml --voices 64 --seconds 5
            kairos profile hall --json           master effects, fed with noise

            Held voices, offline. Nanoseconds of one core for each frame at 48 kHz, of which there are 20 833.
            """)

    @Argument(help: "Patch name or file.") var patch: String
    @Option(
        help: ArgumentHelp(
            "Held voices (default: as many as the patch has, up to 16).", valueName: "n"))
    var voices: Int?
    @Option(help: ArgumentHelp("Seconds of sound to render each time.", valueName: "n")) var seconds = 2.0
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup var sounds: SoundOptions

    struct Figures: Encodable {
        struct Row: Encodable {
            var name: String
            /// Nil for the engine's own steps.
            var type: String?
            var nanosecondsPerFrame: Double
            /// Of the whole.
            var percent: Double
        }

        var patch: String
        var voices: Int
        var seconds: Double
        var rows: [Row]
        /// What is spent between steps; the whole less its parts.
        var between: Row
        var nanosecondsPerFrame: Double
        var clockNanoseconds: Double
        var programBytes: Int
        /// Voices until 80 % of one core are taken; nil for master effects.
        var voicesUntilOverload: Int?
        /// The module that costs most.
        var dearest: Row?
    }

    /// The part of one core that rendering may take, and frames a second.
    private static let loadLimit = 0.8, sampleRate = 48_000.0

    func validate() throws {
        if let voices, !(1...256).contains(voices) {
            throw ValidationError("--voices is 1 … 256, and this is \(voices)")
        }
        guard (0.1...60).contains(seconds) else {
            throw ValidationError("--seconds is 0.1 … 60, and this is \(seconds)")
        }
    }

    func run() throws {
        let compiled = try Sounds.patch(patch, sounds)
        let figures = try measure(compiled)
        if json { try showJSON(figures) } else { tell(figures) }
    }

    private func measure(_ compiled: CompiledPatch) throws -> Figures {
        let voicing = compiled.patch.voicing
        let most = compiled.isMaster ? 0 : voicing.mode == .poly ? 256 : 1
        if let voices, voices > most {
            throw Failure(
                "'\(compiled.patch.name)' is \(compiled.isMaster ? "for master effects: it has no voices" : "\(voicing.mode.rawValue): it plays one voice"); leave out --voices"
            )
        }
        let count = voices ?? min(most, min(16, voicing.voices))
        let bench = ProfileBench(compiled, voices: count, seconds: seconds, sampleRate: Self.sampleRate)
        let found = bench.profile()
        func row(_ name: String, _ type: String?, _ cost: Double) -> Figures.Row {
            .init(name: name, type: type, nanosecondsPerFrame: cost, percent: cost / found.whole * 100)
        }
        let rows = found.rows.map { row($0.name, $0.type, $0.cost) }
            .sorted { $0.nanosecondsPerFrame > $1.nanosecondsPerFrame }
        let parts = rows.reduce(0) { $0 + $1.nanosecondsPerFrame }
        return Figures(
            patch: compiled.patch.name, voices: count, seconds: seconds, rows: rows,
            between: row("between", nil, found.whole - parts), nanosecondsPerFrame: found.whole,
            clockNanoseconds: found.clock, programBytes: bench.memory,
            voicesUntilOverload: most == 0 ? nil : overload(compiled, found.whole, growing: most > 1),
            dearest: rows.first { $0.type != nil })
    }

    /// From what one group and four groups of sixteen cost; a patch of one voice is played many times over.
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

    private func tell(_ figures: Figures) {
        let width = figures.rows.map(\.name.count).max() ?? 0
        show(
            row:
                "\(figures.patch): \(figures.voices) voices held for \(fixed(figures.seconds, 1)) s, \(fixed(Double(figures.programBytes) / 1024, 0)) KiB"
        )
        show(row: "\(padded("module", max(8, width)))  \(padded("type", 10))  ns a frame   of the whole")
        func line(_ row: Figures.Row, _ type: String) {
            show(
                row:
                    "\(padded(row.name, max(8, width)))  \(padded(type, 10))  \(padded(fixed(row.nanosecondsPerFrame, 1), 10))   \(fixed(row.percent, 1)) %"
            )
        }
        for row in figures.rows { line(row, row.type ?? "(engine)") }
        line(figures.between, "(engine)")
        show(
            row:
                "\(padded("whole", max(8, width)))  \(padded("", 10))  \(fixed(figures.nanosecondsPerFrame, 1))"
        )
        if let voices = figures.voicesUntilOverload {
            show(row: "This machine plays \(voices) voices of it until 80 % of one core are taken.")
        }
        if let dearest = figures.dearest, let type = dearest.type {
            let voices = Double(max(1, figures.voices))
            show(
                row:
                    "Most would be gained in \(dearest.name) (\(type)): \(fixed(dearest.nanosecondsPerFrame / voices, 2)) of the \(fixed(figures.nanosecondsPerFrame / voices, 2)) ns that a \(figures.voices > 0 ? "voice" : "frame") takes."
            )
        }
        show(row: "Timing a step adds \(fixed(figures.clockNanoseconds, 0)) ns to it, which is taken off.")
    }
}
