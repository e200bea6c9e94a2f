import KairosControl
import KairosDSP
public import KairosPatch

extension SessionFile {
    /// The text of a session file. Reading it gives a session with the same bits. Default values are omitted.
    public static func text(_ session: SavedSession) -> String {
        func quoted(_ text: String) -> String { PatchFile.quoted(text) }
        var lines = ["kairos: \(version)"]
        if !session.saved.isEmpty { lines.append("saved: \(quoted(session.saved))") }
        if let name = session.owner.setList { lines.append("setlist: \(quoted(name))") }
        if let folder = session.owner.folder { lines.append("patches: \(quoted(folder))") }
        if let entry = session.entry {
            var words = ["name: \(quoted(entry.name.text))"]
            if let number = entry.number {
                if number >= 128 { words.append("bank: \(number / 128)") }
                words.append("program: \(number % 128)")
            }
            lines.append("entry: { \(words.joined(separator: ", ")) }")
        }
        lines += settings(session.settings)
        if !session.keptMacros.isEmpty { lines.append("keptMacros:") }
        for macro in session.keptMacros {
            lines.append("  \(quoted(macro.name.text)): \(ParamSpec.ratio.text(macro.normalized))")
        }
        if let scale = session.scale { lines += self.scale(scale) }
        if !session.settings.tunings.isEmpty { lines.append("tunings:") }
        for (program, keys) in session.settings.tunings.sorted(by: { $0.key < $1.key }) {
            let pitches = keys.sorted { $0.key < $1.key }.map {
                "\($0.key): \(ParamSpec.pitch.text($0.value))"
            }
            lines.append("  - program: \(program)")
            lines += wrapped("    keys: {", pitches, "}")
        }
        if !session.layers.isEmpty { lines.append("values:") }
        for layer in session.layers {
            lines.append("  - layer: \(layer.layer == 16 ? "master" : "\(layer.layer + 1)")")
            lines.append("    patch: \(quoted(layer.patch.text))")
            lines.append(layer.values.isEmpty ? "    set: {}" : "    set:")
            lines += layer.values.map { "      \(quoted($0.macro.text)): \(quoted($0.value.text))" }
        }
        if !session.edits.isEmpty { lines.append("edits:") }
        for edit in session.edits {
            lines.append("  - file: \(quoted(edit.file.text))")
            lines.append("    base: \"\(edit.base)\"")
            lines.append("    patch:")
            lines += PatchFile.text(edit.patch).split(separator: "\n").map { "      " + $0 }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The lines for tempo, master settings and channels.
    private static func settings(_ settings: LiveSettings) -> [String] {
        let plain = LiveSettings()
        var lines: [String] = [], words: [String] = []
        if settings.tempo != plain.tempo { lines.append("tempo: \(ParamSpec.tempo.text(settings.tempo))") }
        if settings.volume != plain.volume {
            words.append("volume: \(ParamSpec.ratio.text(settings.volume))")
        }
        if settings.balance != plain.balance {
            words.append("balance: \(ParamSpec.ratio.text(settings.balance))")
        }
        if settings.fineTuning != plain.fineTuning {
            words.append("fineTuning: \(ParamSpec.pitch.text(settings.fineTuning))")
        }
        if settings.coarseTuning != plain.coarseTuning {
            words.append("coarseTuning: \(ParamSpec.pitch.text(settings.coarseTuning))")
        }
        if !words.isEmpty { lines.append("master: { \(words.joined(separator: ", ")) }") }
        let channels = settings.channels.enumerated().filter { $0.element != LiveSettings.Channel() }
        if !channels.isEmpty { lines.append("channels:") }
        for (index, channel) in channels {
            let words = ["channel: \(index == 16 ? "any" : "\(index + 1)")"] + self.words(channel)
            lines.append("  - { \(words.joined(separator: ", ")) }")
        }
        return lines
    }

    private static func words(_ channel: LiveSettings.Channel) -> [String] {
        let plain = LiveSettings.Channel()
        var words: [String] = []
        if channel.volume != plain.volume { words.append("volume: \(ParamSpec.ratio.text(channel.volume))") }
        if channel.pan != plain.pan { words.append("pan: \(ParamSpec.ratio.text(channel.pan))") }
        if let range = channel.bendRange { words.append("bendRange: \(ParamSpec.pitch.text(range))") }
        if channel.fineTuning != plain.fineTuning { words.append("fineTuning: \(channel.fineTuning)") }
        if channel.coarseTuning != plain.coarseTuning {
            words.append("coarseTuning: \(channel.coarseTuning)")
        }
        if channel.tuningProgram != plain.tuningProgram {
            words.append("tuningProgram: \(channel.tuningProgram)")
        }
        if channel.octave != plain.octave {
            words.append(
                "octave: [\(channel.octave.map { ParamSpec.pitch.text($0) }.joined(separator: ", "))]")
        }
        return words
    }

    private static func scale(_ scale: Tuning) -> [String] {
        let pitches = scale.pitches.map { $0.map { "\($0)" } ?? "x" }
        var lines = ["scale:"]
        if !scale.name.isEmpty { lines.append("  name: \(PatchFile.quoted(scale.name))") }
        return lines + wrapped("  pitches: [", pitches, "]")
    }

    /// A list in flow style, with twelve items per line if there are more.
    private static func wrapped(_ head: String, _ items: [String], _ end: String) -> [String] {
        guard items.count > 12 else { return ["\(head)\(items.joined(separator: ", "))\(end)"] }
        let rows = stride(from: 0, to: items.count, by: 12).map { first in
            String(repeating: " ", count: 8)
                + items[first..<min(items.count, first + 12)].joined(separator: ", ")
        }
        return [head, rows.joined(separator: ",\n"), String(repeating: " ", count: 4) + end]
    }
}

extension ParamSpec {
    /// A fraction, 0…1, written in percent.
    static let ratio = ParamSpec.ratio("Ratio.")
    /// A pitch or an interval in semitones.
    static let pitch = ParamSpec("Pitch.", range: -128...128, default: 0, unit: .semitones)
    /// A tempo in beats per minute.
    static let tempo = ParamSpec("Tempo.", range: 20...400, default: 120)
}
