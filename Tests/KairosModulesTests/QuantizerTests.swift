import Glibc
import KairosDSP
import KairosModules
import KairosTestSupport
import Testing

/// Notes of the quantiser, and its hysteresis.
@Suite struct QuantizerTests {
    /// Semitones of each scale above its root, from A. Latham (editor), "The Oxford Companion to Music", 2002.
    static let scales: [(word: String, notes: [Int])] = [
        ("chromatic", Array(0...11)), ("major", [0, 2, 4, 5, 7, 9, 11]), ("minor", [0, 2, 3, 5, 7, 8, 10]),
        ("harmonicMinor", [0, 2, 3, 5, 7, 8, 11]), ("melodicMinor", [0, 2, 3, 5, 7, 9, 11]),
        ("dorian", [0, 2, 3, 5, 7, 9, 10]), ("phrygian", [0, 1, 3, 5, 7, 8, 10]),
        ("lydian", [0, 2, 4, 6, 7, 9, 11]), ("mixolydian", [0, 2, 4, 5, 7, 9, 10]),
        ("locrian", [0, 1, 3, 5, 6, 8, 10]), ("majorPentatonic", [0, 2, 4, 7, 9]),
        ("minorPentatonic", [0, 3, 5, 7, 10]), ("blues", [0, 3, 5, 6, 7, 10]),
        ("wholeTone", [0, 2, 4, 6, 8, 10]), ("diminished", [0, 2, 3, 5, 6, 8, 9, 11]),
        ("majorChord", [0, 4, 7]), ("minorChord", [0, 3, 7]), ("fifths", [0, 7]), ("octaves", [0]),
    ]

    @Test func theOutputIsTheNearestNoteOfTheScale() {
        guard case .choice(let words) = Quantizer.Param.scale.spec.kind else { return }
        #expect(words == Self.scales.map(\.word))
        for (word, notes) in Self.scales {
            for root in [0, 3, 11] {
                let all = (-15...15).flatMap { octave in notes.map { Float(root + 12 * octave + $0) } }
                var bench = ModuleBench<Quantizer>(Quantizer.self)
                bench.set(.scale, word: word)
                bench.set(.root, Float(root))
                bench.set(.hysteresis, 0)
                bench.feed(.pitch, .moving { _, frame in Float(frame) * 0.0437 - 20 })
                for (frame, value) in bench.run(3500)[0].enumerated() {
                    let pitch = Float(frame) * 0.0437 - 20
                    let least = all.map { abs($0 - pitch) }.min() ?? 0
                    // Of two notes at the same distance either is right, but for rounding.
                    #expect(abs(abs(value[0] - pitch) - least) < 1e-4 && all.contains(value[0]))
                }
            }
        }
    }

    @Test(arguments: [Float(0), 0.2, 0.6])
    func anotherNoteIsNearerByTheHysteresis(hysteresis: Float) {
        var bench = ModuleBench<Quantizer>(Quantizer.self)
        bench.set(.hysteresis, hysteresis)
        // From 60 to 62 and back, a hundredth of a cent per frame.
        bench.feed(
            .pitch,
            .moving { _, frame in 60 + Float(frame < 20_000 ? frame : 40_000 - frame) * 0.0001 })
        let values = bench.run(40_000)[0].lane(1)
        func pitch(_ frame: Int) -> Float { 60 + Float(frame < 20_000 ? frame : 40_000 - frame) * 0.0001 }
        let changes = (1..<40_000).filter { values[$0] != values[$0 - 1] }
        let half = hysteresis / 2
        let expected = [60.5 + half, 61.5 + half, 61.5 - half, 60.5 - half]
        #expect(changes.count == 4)
        for (change, border) in zip(changes, expected) { #expect(abs(pitch(change) - border) < 0.000_3) }
    }

    @Test func aTrembleInTheMiddleDoesNotSwitch() {
        var bench = ModuleBench<Quantizer>(Quantizer.self)
        bench.feed(.pitch, .moving { _, frame in 60.5 + noise(0, frame, 1) * 0.09 })
        #expect(Set(bench.run(5000)[0].lane(0)).count == 1)
        // Control: without hysteresis it does.
        bench.set(.hysteresis, 0)
        #expect(Set(bench.run(5000)[0].lane(0)) == [60, 61])
    }

    @Test func theOffsetIsInFrontOfTheQuantiser() {
        var bench = ModuleBench<Quantizer>(Quantizer.self)
        bench.set(.scale, word: "major")
        bench.set(.offset, .moving { _, frame in Float(frame / 64) * 0.3 })
        bench.feed(.pitch, .steady(60))
        let values = bench.run(64 * 40)[0].lane(0)
        #expect(Set(values) == [60, 62, 64, 65, 67, 69, 71, 72])
    }
}
