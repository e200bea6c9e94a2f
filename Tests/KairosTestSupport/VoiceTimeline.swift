import Foundation
import KairosCompiler
public import KairosControl
import KairosDSP
import KairosPatch

/// What the voices of a patch do, drawn: which pitches sound, how many voices, and which notes have a new attack.
///
///     key 81    | #####       |
///     key 93    |   ###       |
///     81 sounds | ##          |
///     93 sounds |   ###       |
///     voices    | 11111       |
///     struck    | 1           |
///
/// Keys are octaves of 440 Hz, so that whole periods of each fit into the measured part of a column.
extension Timeline {
    /// Voicing of a patch as in its file, the release time of a note, and its note stages.
    public struct Voicing: Sendable {
        let voices: String
        let release: String
        let notes: String

        /// `voices` is a number, `mono` or `legato`; `notes` is the list of note stages.
        public init(_ voices: String, release: String = "0 s", notes: String = "[]") {
            self.voices = voices
            self.release = release
            self.notes = notes
        }
    }

    /// Differences from the drawing as text; empty if there are none. Each voicing is an entry: A, B, C.
    public func faults(_ voicings: [Voicing], mappings: [Mapping] = []) throws -> [String] {
        let pitches = try rendering(voicings, mappings, Self.sine)
        let counts = try rendering(voicings, mappings, Self.level)
        let strikes = try rendering(voicings, mappings, Self.pulse)
        return expected.compactMap { name, drawn in
            let heard = (0..<columns).map { column -> Character in
                let frames = column * Self.column..<(column + 1) * Self.column
                switch name {
                case "voices": return Self.figure(counts[frames.upperBound - 120] / Self.one)
                case "struck":
                    return Self.figure(strikes[frames].reduce(0, +) / (Self.one * Self.pulseArea))
                default:
                    let key = Float(name) ?? 0
                    let level = Self.amplitude(pitches[frames].suffix(Self.column / 2), key: key)
                    return level > Self.one / 2 ? "#" : " "
                }
            }
            let text = String(heard)
            return text == drawn ? nil : "\(name): |\(text)|, drawn was |\(drawn)|"
        }
    }

    /// Level of one voice.
    private static let one: Float = 1 / 16

    private func rendering(_ voicings: [Voicing], _ mappings: [Mapping], _ patch: (Voicing) -> String) throws
        -> [Float]
    {
        let sounds = try voicings.enumerated().map {
            Sound(try compile(patch($1), name: "P\($0)", program: $0), mappings: mappings)
        }
        return Rendering(sounds, score.events, frames: columns * Self.column).left
    }

    private static func sine(_ voicing: Voicing) -> String {
        TonePatch.text(
            header: "voices: \(voicing.voices)\nnotes: \(voicing.notes)\nlevel: \(one)",
            envelope: "adsr, attack: 0 s, decay: 0 s, sustain: 100 %, release: \(voicing.release)")
    }

    private static func level(_ voicing: Voicing) -> String {
        envelope(voicing, "attack: 0 s, decay: 0 s, sustain: 100 %, release: \(voicing.release)")
    }

    private static func pulse(_ voicing: Voicing) -> String {
        envelope(voicing, "attack: 0 s, decay: 5 ms, sustain: 0 %, release: 5 ms")
    }

    private static func envelope(_ voicing: Voicing, _ stages: String) -> String {
        """
        voices: \(voicing.voices)
        notes: \(voicing.notes)
        level: \(one)
        modules:
          keys: { type: keys }
          env: { type: adsr, \(stages) }
          out: { type: output }
        connections:
          - keys.gate -> env.gate
          - env -> out
        """
    }

    /// Sum of one attack of a voice with level 1.
    private static let pulseArea: Float = {
        var score = Score()
        score.on(0, 60)
        guard let patch = try? compile(pulse(Voicing("1"))) else { return 1 }
        return Rendering([Sound(patch)], score.events, frames: column).left.reduce(0, +) / one
    }()

    private static func figure(_ value: Float) -> Character {
        let count = Int(value.rounded())
        return count == 0 ? " " : (1...9).contains(count) ? Character(String(count)) : "?"
    }

    /// The amplitude of a key's frequency, over a whole number of its periods.
    private static func amplitude(_ samples: ArraySlice<Float>, key: Float) -> Float {
        let step = 2 * Double.pi * 440 * exp2(Double(key - 69) / 12) / 48_000
        var real = 0.0, imaginary = 0.0
        for (n, sample) in samples.enumerated() {
            real += Double(sample) * cos(step * Double(n))
            imaginary += Double(sample) * sin(step * Double(n))
        }
        return Float(2 * (real * real + imaginary * imaginary).squareRoot() / Double(samples.count))
    }
}
