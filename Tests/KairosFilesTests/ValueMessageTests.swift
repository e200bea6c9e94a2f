import KairosCompiler
import KairosDSP
import KairosFiles
import KairosPatch
import KairosTestSupport
import Testing

/// Messages about invalid values contain the text that would be valid.
@Suite struct ValueMessages {
    /// The messages about a patch with a module with the given settings; empty if it is valid.
    private func messages(_ module: String) -> String {
        let text = "kairos: patch/1\nname: A\nmodules:\n  m: { \(module) }\n  o: { type: saw }\n"
        do throws(Diagnostics) {
            _ = try FileStore().compile(text, file: "p.yaml", registry: .standard)
            return ""
        } catch { return error.list.map(\.message).joined(separator: "\n") }
    }

    @Test(arguments: [
        ("type: adsr, release: 300", "m.release: 300 has no unit; did you mean 300 ms?"),
        ("type: adsr, attack: 5", "m.attack: 5 has no unit; did you mean 5 ms?"),
        ("type: adsr, decay: 2", "m.decay: 2 has no unit; did you mean 2 s?"),
        ("type: adsr, release: 300 msec", "unknown unit 'msec'; did you mean '300 ms'?"),
        ("type: adsr, release: 300 MS", "did you mean '300 ms'?"),
        ("type: adsr, release: 2 sec", "did you mean '2 s'?"),
        ("type: adsr, sustain: 70", "m.sustain: 70 has no unit; did you mean 70 %?"),
        ("type: adsr, sustain: 70 percent", "did you mean '70 %'?"),
        ("type: svf, cutoff: 1.2", "m.cutoff: 1.2 has no unit; did you mean 1.2 kHz?"),
        ("type: svf, cutoff: 1.2 khz", "unknown unit 'khz'; did you mean '1.2 kHz'?"),
        ("type: svf, cutoff: 300 Hertz", "did you mean '300 Hz'?"),
        ("type: svf, cutoff: 300 hz", "did you mean '300 Hz'?"),
        ("type: svf, cutoff: 1k", "did you mean '1 kHz'?"),
        ("type: saw, detune: 7 cents", "unknown unit 'cents'; did you mean '7 ct'?"),
        ("type: saw, detune: 7 semitones", "did you mean '7 st'?"),
        ("type: saw, detune: 7", "m.detune: 7 has no unit; did you mean 7 st?"),
        ("type: saw, detune: \"-1 octave\"", "did you mean '-1 oct'?"),
        ("type: vca, gain: -6 db", "unknown unit 'db'; did you mean '-6 dB'?"),
        ("type: vca, gain: -6", "m.gain: -6 has no unit; did you mean -6 dB?"),
        // Characters that look like those of a number.
        ("type: svf, cutoff: \"1,2 kHz\"", "'1,2 kHz' has a decimal comma; write '1.2 kHz'"),
        ("type: svf, cutoff: 1,2 kHz", "'1,2 kHz' has a decimal comma; write '1.2 kHz'"),
        ("type: svf, cutoff: 1,2 kHz, resonance: 20 %", "'1,2 kHz' has a decimal comma"),
        ("type: svf, cutoff: 1.2\u{a0}kHz", "has a no-break space (U+00A0); write '1.2 kHz'"),
        ("type: svf, cutoff: 1.2\u{202f}kHz", "has a no-break space (U+202F); write '1.2 kHz'"),
        ("type: svf, cutoff: 1.2\u{2009}khz", "(U+2009); write '1.2 kHz'"),
        ("type: svf, cutoff: \"1.2\tkHz\"", "has a tab character; write '1.2 kHz'"),
        ("type: vca, gain: \u{2212}6 dB", "has a Unicode minus (U+2212); write '-6 dB'"),
        ("type: vca, gain: \u{2013}6 dB", "has a dash (U+2013) instead of a minus sign; write '-6 dB'"),
        // Numbers in the notation of other languages, and texts that are not numbers.
        ("type: svf, cutoff: 0x10", "'0x10' is hexadecimal; write '16'"),
        ("type: svf, cutoff: 1e400", "'1e400' is too large a number"),
        ("type: svf, cutoff: .inf", "'.inf' is not a number"),
        ("type: svf, cutoff: nan Hz", "'nan Hz' is not a number"),
        ("type: svf, cutoff: 90 kHz", "m.cutoff: 90 kHz is outside 5 Hz … 20 kHz"),
        ("type: adsr, release: 1/8", "'1/8' is a note value"),
        ("type: adsr, release: 2 min", "unknown unit 'min'"),
        ("type: svf, cutoff: 5 ms", "wrong unit 'ms' (expected a number with Hz, kHz or no unit)"),
        ("type: svf, cutoff:", "'cutoff' has no value"),
        ("type: svf, cutoff: ~", "'cutoff' has no value: ~ means no value in YAML"),
    ])
    func `suggest what to write`(module: String, message: String) {
        #expect(messages(module).contains(message), "\(module): \(messages(module))")
    }

    @Test(arguments: [
        "type: adsr, attack: 0, release: 0", "type: svf, cutoff: 1e3 Hz", "type: svf, cutoff: 012 Hz",
        "type: adsr, release: 20ms", "type: adsr, release: 5 µs", "type: svf, cutoff: 1200, resonance: 0.3",
        "type: vca, gain: 0.5", "type: vca, gain: -inf dB", "type: saw, detune: +7 ct",
    ])
    func `that are valid are accepted`(module: String) { #expect(messages(module) == "") }

    /// Every suggestion of a message is itself accepted.
    @Test func `suggestions are valid`() throws {
        let specs: [ParamSpec] = [
            .cutoff("c"), .time("t", default: 0.3), .gain("g"), .ratio("r"), .detune("d"), .pan("p"),
            ParamSpec("e", range: -24...24, default: 0, unit: .decibels),
            ParamSpec("o", range: 0...360, default: 0, unit: .degrees),
        ]
        let numbers = [
            "1", "5", "12", "0.5", "1,5", "300", "\u{2212}6", "-6", "1e2", "20000", "0.001", "3.0",
        ]
        let units = [
            "", "hz", "KHZ", "k", "sec", "msec", "MS", "cents", "semitones", "octave", "db", "dBFS",
            "percent",
            "degrees", "\u{a0}ms", "\tHz", "min", "usec", "ct.", "x",
        ]
        var suggestions = 0
        for spec in specs {
            for text in numbers.flatMap({ number in units.map { "\(number)\($0.isEmpty ? "" : " ")\($0)" } })
            {
                do throws(ParamError) { _ = try spec.parse(text) } catch {
                    let words = error.description
                    let quoted =
                        words.components(after: "did you mean ") ?? words.components(after: "; write ")
                    guard let right = quoted, right.first?.isLetter != true else { continue }
                    suggestions += 1
                    #expect(throws: Never.self, "\(spec.about) \(text): \(words)") { try spec.parse(right) }
                }
            }
        }
        #expect(suggestions > 150)
    }

    @Test func `depths of connections too`() {
        let text = """
            kairos: patch/1
            name: A
            modules:
              e: { type: adsr }
              o: { type: saw }
              f: { type: svf }
            connections:
              - o -> f
              - e -> f.cutoff @ 24
              - e -> f.resonance @ 50 percent
            """
        let found = #expect(throws: Diagnostics.self) {
            try FileStore().compile(text, file: "p.yaml", registry: .standard)
        }
        #expect(
            found?.list.map(\.description) == [
                "p.yaml:9:21: 24 has no unit; did you mean 24 st?",
                "p.yaml:10:24: unknown unit 'percent'; did you mean '50 %'?",
            ])
    }

    @Test(arguments: [
        "On", "off", "Yes", "no", "y", "1e3", "0x10", "012", "2026-11-26", "12:30:00", "true", "3",
    ])
    func `a name that YAML 1.1 reads as another type is text`(name: String) throws {
        let text = "kairos: patch/1\nname: \(name)\nmodules:\n  o: { type: saw }\n"
        #expect(try FileStore().compile(text, file: "p.yaml", registry: .standard).patch.name == name)
        #expect(try PatchFile.header(text, file: "p.yaml").name == name)
    }

    @Test func `modules may be called y and on`() throws {
        let text =
            "kairos: patch/1\nname: A\nmodules:\n  y: { type: saw }\n  on: { type: vca }\nconnections: [y -> on]\n"
        #expect(try FileStore().compile(text, file: "p.yaml", registry: .standard).patch.modules.count == 2)
    }

    @Test(arguments: [
        (
            "name: null\n",
            "name has no value: null means no value in YAML; to use it as text, write \"null\" in quotes"
        ),
        ("name: A\nprogram: 3.0\n", "from 0 to 127, not '3.0'; write 3"),
        ("name: A\nprogram: 0x10\n", "from 0 to 127, not '0x10'; write 16"),
        ("name: A\nbank: \u{2212}1\n", "from 0 to 16383, not '\u{2212}1'"),
        ("name: A\nglide: 100\n", "glide: 100 has no unit; did you mean 100 ms?"),
        ("name: A\nbendRange: 12\n", "bendRange: 12 has no unit; did you mean 12 st?"),
        ("name: A\nlevel: -6\n", "level: -6 has no unit; did you mean -6 dB?"),
        ("name: A\n\tabout: x\n", "invalid YAML: tabs are not allowed here; indent with spaces"),
        ("name: A\n\u{a0}about: x\n", "contains a special space character (U+A0)"),
    ])
    func `of the patch itself`(lines: String, message: String) {
        let text = "kairos: patch/1\n" + lines + "modules:\n  o: { type: saw }\n"
        let found = #expect(throws: Diagnostics.self) { try PatchFile.parse(text, file: "p.yaml") }
        #expect(found?.description.contains(message) == true, "\(found?.description ?? "")")
    }
}

extension String {
    /// The part after `text`, without quotes and question mark; nil if `text` does not occur.
    fileprivate func components(after text: String) -> String? {
        guard let range = firstRange(of: text) else { return nil }
        return String(self[range.upperBound...].filter { $0 != "'" && $0 != "?" })
    }
}
