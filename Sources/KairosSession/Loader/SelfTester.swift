import KairosCompiler
import KairosDSP
import KairosEngine
import KairosPatch

/// Runs the self-tests of patch instances in memory of its own. [loader]
struct SelfTester {
    /// The result of a self-test.
    enum Result {
        /// The patch can be played. `cost` is in nanoseconds of CPU time per frame.
        case passed(cost: Float)
        /// The patch cannot be played, for a reason that begins with the patch's file or name.
        case failed(String)
    }

    private var scratch: Scratch

    /// Allocates memory for tests of these sounds. It grows for others.
    init(for sounds: [Sound]) { scratch = Scratch(for: sounds) }

    /// Tests an instance and resets it.
    mutating func test(_ instance: PatchInstance, sampleRate: Float) -> Result {
        if !scratch.fits(instance.source) { scratch = Scratch(for: [instance.source]) }
        let compiled = instance.source.compiled
        let patch = compiled.patch.file.isEmpty ? "'\(compiled.patch.name)'" : compiled.patch.file
        switch instance.selfTest(in: scratch, sampleRate: sampleRate) {
        case .good(let cost): return .passed(cost: cost)
        case .failed(let node?, _):
            let module = compiled.moduleName(Int(node))
            return .failed("\(patch): the output of module '\(module)' is not a finite number")
        case .failed(nil, let peak):
            return .failed(
                "\(patch): eight notes reach \(Self.decibels(peak)) dBFS, and +12 is the limit; lower its 'level'"
            )
        }
    }

    /// An amplitude in decibels with its sign and one decimal.
    private static func decibels(_ amplitude: Float) -> String {
        let tenths = Int((KairosDSP.decibels(amplitude: amplitude) * 10).rounded())
        return "\(tenths > 0 ? "+" : "")\(Double(tenths) / 10)"
    }
}
