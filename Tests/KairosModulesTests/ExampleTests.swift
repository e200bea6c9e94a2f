import Foundation
import KairosDSP
import KairosTestSupport
import Testing

/// The example module of docs/developers/adding-a-module.md compiles and keeps the laws of the registry.
@Suite struct ExampleTests {
    @Test func theGuideShowsThisFile() throws {
        let guide = try text("docs/developers/adding-a-module.md")
        let file = try text("Tests/KairosModulesTests/Softener.swift")
        #expect(guide.contains("```swift\n\(file)```\n"), "the example in the guide is not Softener.swift")
    }

    private func text(_ path: String) throws -> String {
        try String(contentsOfFile: Checkout.folder + "/" + path, encoding: .utf8)
    }

    @Test func theExampleKeepsTheLaws() {
        #expect(check(DeclarationCheck(), \.faults) == [])
        #expect(check(ResetCheck(), \.faults) == [])
        #expect(check(SplitCheck(), \.faults) == [])
        #expect(check(FastPathCheck(), \.faults) == [])
        #expect(check(ControlTickCheck(), \.faults) == [])
        #expect(check(LaneCheck(), \.faults) == [])
        #expect(check(ExtremesCheck(), \.faults) == [])
        #expect(check(SilenceCheck(), \.faults) == [])
        #expect(check(SampleRateCheck(), \.faults) == [])
        #expect(check(MovementCheck(smooth: true), \.clicks) == [])
    }

    private func check<Check: ModuleVisitor>(_ check: Check, _ faults: KeyPath<Check, [String]>) -> [String] {
        var check = check
        check.visit(Softener.self)
        return check[keyPath: faults]
    }

    /// At the cutoff frequency the level is −3 dB, at every sample rate.
    @Test(arguments: [Float(44_100), 48_000, 96_000, 192_000])
    func theCutoffFrequencyIsInHertz(sampleRate: Float) {
        var bench = ModuleBench<Softener>(Softener.self, format: .voices(sampleRate: sampleRate))
        bench.feed(.input, .moving { _, frame in frame == 0 ? 1 : 0 })
        bench.set(.cutoff, 500)
        bench.events = [.note(0)]
        let found = level(bench.run(Int(sampleRate / 10))[0].lane(0), 500 / Double(sampleRate))
        #expect(abs(found + 3.01) < 0.05, "\(found) dB")
    }
}
