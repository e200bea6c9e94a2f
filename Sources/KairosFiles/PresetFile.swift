public import KairosPatch
import Yams

/// Reads and writes preset files: `kairos: presets/1`.
public enum PresetFile {
    static let version = "presets/1"
    /// The keys of a preset file.
    static let words = ["patch", "presets"]
    /// The keys of a preset.
    static let presetWords = ["name", "set"]

    /// Reads the presets of a patch. Throws ``Diagnostics`` with all faults of the file's form.
    public static func read(path: String) throws(Diagnostics) -> Presets {
        try parse(try TextFile.read(path, .presets, limit: SessionFile.limit), file: path)
    }

    /// Parses the text of a preset file; diagnostics name `file`. Throws ``Diagnostics`` with all faults of
    /// its form.
    public static func parse(_ text: String, file: String) throws(Diagnostics) -> Presets {
        var document = Document(file: file, version: version)
        let presets = read(&document, text)
        guard document.diagnostics.isEmpty else { throw Diagnostics(document.diagnostics) }
        return presets
    }

    private static func read(_ document: inout Document, _ text: String) -> Presets {
        var presets = Presets(patch: "")
        for pair in document.open(text) ?? [] {
            guard let key = document.key(pair.key) else { continue }
            switch key.text {
            case "patch": presets.patch = document.text(pair.value, "patch")?.text ?? ""
            case "presets":
                for node in document.list(pair.value, "presets") {
                    guard let preset = preset(&document, node) else { continue }
                    if presets.list.contains(where: { $0.name.text == preset.name.text }) {
                        document.report(
                            preset.name.place,
                            "another preset is already called '\(preset.name.text)'; rename one of them")
                    }
                    presets.list.append(preset)
                }
            default: document.reportUnknown(key, among: words, in: "a preset file")
            }
        }
        return presets
    }

    private static func preset(_ document: inout Document, _ node: Node) -> Presets.Preset? {
        var name: Patch.Text?, values: [SetList.Value] = []
        for (key, value) in document.pairs(node, "a preset") {
            switch key.text {
            case "name": name = document.text(value, "name")
            case "set": values = document.values(value, "set")
            default: document.reportUnknown(key, among: presetWords, in: "a preset")
            }
        }
        guard let name else {
            document.report(node, "the preset has no name; add 'name: …'")
            return nil
        }
        return Presets.Preset(name: name, values: values)
    }

    /// The text of a preset file. Reading it gives equal presets.
    public static func text(_ presets: Presets) -> String {
        var lines = ["kairos: \(version)", "patch: \(PatchFile.quoted(presets.patch))"]
        lines.append(presets.list.isEmpty ? "presets: []" : "presets:")
        for preset in presets.list {
            lines.append("  - name: \(PatchFile.quoted(preset.name.text))")
            lines.append(preset.values.isEmpty ? "    set: {}" : "    set:")
            lines += preset.values.map {
                "      \(PatchFile.quoted($0.macro.text)): \(PatchFile.quoted($0.value.text))"
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
