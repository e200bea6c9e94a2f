import Glibc
import KairosDSP
import Testing

/// Parsing, printing and normalized values of parameters.
@Suite struct ParamTests {
    /// One spec of each kind, unit and scale.
    static let specs: [ParamSpec] = [
        .frequency("f"), .cutoff("c"), .resonance("r"), .gain("g"), .ratio("p"), .time("t", default: 0.3),
        .pan("p"),
        .detune("d"), .choice("s", ["sine", "saw", "square"], default: 1), .toggle("b"),
        ParamSpec("i", kind: .int, range: -3...12, default: 4),
        ParamSpec("q", range: 0.1...30, default: 0.7, curve: .exponential),
        ParamSpec("e", range: -24...24, default: 0, unit: .decibels, centre: 0),
        ParamSpec("o", range: 0...360, default: 0, unit: .degrees),
        ParamSpec("u", range: 1e-9...1e9, default: 1, unit: .seconds, curve: .exponential),
    ]

    /// Pseudo-random values in the range of a spec, the same in every run, plus minimum, maximum and default.
    static func values(_ spec: ParamSpec, _ count: Int) -> [Float] {
        (0..<count).map { n in
            let bits = scrambled(UInt32(n + 1))
            return spec.law.value(normalized: Float(bits) / 4_294_967_296)
        } + [spec.range.lowerBound, spec.range.upperBound, spec.defaultValue]
    }

    @Test(arguments: specs) func textParsesBackToTheSameBits(spec: ParamSpec) throws {
        for value in Self.values(spec, 3000) {
            let text = spec.text(value)
            #expect(try spec.parse(text).bitPattern == value.bitPattern, "\(value) as \(text)")
        }
    }

    @Test(arguments: specs) func minimumAndMaximumAreExact(spec: ParamSpec) {
        let law = spec.law
        for full: Float in [127, 16_383] {
            #expect(law.value(normalized: 0 / full) == law.low)
            #expect(law.value(normalized: full / full) == law.high)
        }
        #expect(law.normalized(law.low) == 0 && law.normalized(law.high) == 1 || law.steps > 0)
        if let centre = law.centre { #expect(law.value(normalized: 0.5) == centre) }
    }

    @Test(arguments: specs) func valueRisesWithNormalizedValue(spec: ParamSpec) {
        var last = spec.law.low
        for step in 0...1000 {
            let value = spec.law.value(normalized: Float(step) / 1000)
            #expect(value >= last && value <= spec.law.high)
            last = value
        }
    }

    @Test func choicesDivideNormalizedValuesEvenly() {
        let law = ParamSpec.choice("s", ["a", "b", "c"]).law
        var counts = [0, 0, 0]
        for step in 0..<3000 { counts[Int(law.value(normalized: (Float(step) + 0.5) / 3000))] += 1 }
        #expect(counts == [1000, 1000, 1000])
    }

    @Test func normalizedValueComesBack() {
        for spec in Self.specs {
            for value in Self.values(spec, 300) {
                let again = spec.law.value(normalized: spec.law.normalized(value))
                let size = max(abs(value), (spec.range.upperBound - spec.range.lowerBound) * 1e-4)
                #expect(abs(again - value) <= size * 1e-4, "\(spec.about) \(value)")
            }
        }
    }

    @Test func notANumberBecomesTheMinimum() {
        for spec in Self.specs {
            #expect(spec.law.clamp(.nan) == spec.law.low)
            #expect(spec.law.clamp(.infinity) == spec.law.high)
            #expect(spec.law.clamp(-.infinity) == spec.law.low)
            #expect(spec.law.value(normalized: .nan) == spec.law.low)
        }
    }

    @Test(arguments: [
        ("1.2 kHz", Float(1200)), ("1200", 1200), ("1200 Hz", 1200), (" 440Hz ", 440), ("1e3", 1000),
        ("2e1 Hz", 20),
    ])
    func frequenciesAreRead(text: String, value: Float) throws {
        #expect(try ParamSpec.cutoff("c").parse(text) == value)
    }

    @Test func otherUnitsAreRead() throws {
        #expect(try ParamSpec.gain("g").parse("-inf dB") == 0)
        #expect(try abs(ParamSpec.gain("g").parse("-6 dB") - 0.501_187) < 1e-6)
        #expect(try ParamSpec.gain("g").parse("35 %") == 0.35)
        #expect(try ParamSpec.ratio("r").parse("35 %") == 0.35)
        #expect(try ParamSpec.time("t", default: 1).parse("5 ms") == 0.005)
        #expect(try ParamSpec.detune("d").parse("7 ct") == 0.07)
        #expect(try ParamSpec.detune("d").parse("-1 oct") == -12)
        #expect(try ParamSpec.toggle("b").parse("true") == 1)
        #expect(try ParamSpec.choice("s", ["sine", "saw"]).parse("saw") == 1)
        #expect(try Self.specs[12].parse("-6 dB") == -6)
        #expect(try ParamSpec.cutoff("c").parseDepth("24 st") == 24)
        #expect(ParamSpec.cutoff("c").depthUnit == .semitones)
    }

    /// The depth of a time is in octaves, or a factor.
    @Test func depthsOfTimesAreFactors() throws {
        let time = ParamSpec.time("t", default: 0.005)
        #expect(time.depthUnit == .octaves)
        #expect(try time.parseDepth("-2 oct") == -2)
        #expect(try time.parseDepth("0.25 x") == -2)
        #expect(try time.parseDepth("8 ×") == 3)
        #expect(try abs(time.parseDepth("0.1 x") - -3.321_928) < 1e-6)
    }

    @Test(arguments: [
        ("0.5", "0.5 has no unit; did you mean 0.5 x?"), ("-2", "-2 has no unit; did you mean -2 oct?"),
        ("x0.1", "'x0.1' begins with the unit; write '0.1 x'"), ("×0.1", "write '0.1 x'"),
        ("-50 ms", "wrong unit 'ms' (expected a number with oct, x)"),
        ("0 x", "'0 x' is not a factor above 0"), ("-1 x", "'-1 x' is not a factor above 0"),
        ("2 octaves", "did you mean '2 oct'?"), ("1 X", "did you mean '1 x'?"),
    ])
    func badDepthsOfTimesAreExplained(text: String, reason: String) {
        let error = #expect(throws: ParamError.self) {
            try ParamSpec.time("t", default: 0.005).parseDepth(text)
        }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: [
        ("fast", "'fast' is not a number"), ("5 kHzz", "unknown unit 'kHzz'"),
        ("5 ms", "wrong unit 'ms'"),
        ("30 kHz", "outside 5 Hz … 20 kHz"), ("nan", "not a number"), ("", "not a number"),
        ("1.2.3", "not a number"),
        ("1e99", "outside"), ("-inf", "not a number"),
    ])
    func badTextsAreExplained(text: String, reason: String) {
        let error = #expect(throws: ParamError.self) { try ParamSpec.cutoff("c").parse(text) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test func badWordsGetASuggestion() {
        let error = #expect(throws: ParamError.self) {
            try ParamSpec.choice("s", ["sine", "saw"]).parse("sinr")
        }
        #expect(error?.description == "'sinr' is not one of sine, saw. Did you mean 'sine'?")
        let whole = #expect(throws: ParamError.self) { try Self.specs[10].parse("2.5") }
        #expect(whole?.description == "2.5 is not a whole number")
        let toggle = #expect(throws: ParamError.self) { try ParamSpec.toggle("b").parse("yes") }
        #expect(toggle?.description == "'yes' is neither true nor false")
    }

    @Test func displaysHaveThreeDigits() {
        let cutoff = ParamSpec.cutoff("c")
        #expect(cutoff.display(1234.5) == "1.23 kHz")
        #expect(cutoff.display(440) == "440 Hz")
        #expect(ParamSpec.time("t", default: 1).display(0.005) == "5 ms")
        #expect(ParamSpec.gain("g").display(0.501_187) == "-6 dB")
        #expect(ParamSpec.ratio("r").display(0.3456) == "34.6 %")
        #expect(ParamSpec.detune("d").display(0.07) == "7 ct")
    }

    @Test func faultsAreFound() {
        #expect(ParamSpec("", range: 0...1, default: 0).fault != nil)
        #expect(ParamSpec("a", range: 0...1, default: 2).fault != nil)
        #expect(ParamSpec("a", range: 0...1, default: 0, curve: .exponential).fault != nil)
        #expect(ParamSpec("a", range: 0...1, default: 0, smoothing: .logarithmic).fault != nil)
        #expect(ParamSpec("a", range: 0...1, default: 0, centre: 1).fault != nil)
        #expect(ParamSpec("a", kind: .choice(["x", "x"]), range: 0...1, default: 0).fault != nil)
        for spec in Self.specs { #expect(spec.fault == nil) }
    }
}
