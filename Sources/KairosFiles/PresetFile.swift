import KairosEngine
import Yams

/// Named sets of values of one patch.
public struct Presets: Sendable, Equatable {
    /// One of them.
    public struct Preset: Sendable, Equatable {
        /// Its name.
        public var name: Patch.Text
        /// `module.parameter`, with texts that read back as the same bits.
        public var values: [SetList.Value]

        /// A preset.
        public init(name: Patch.Text, values: [SetList.Value]) {
            self.name = name
            self.values = values
        }
    }

    /// The file's name of the patch.
    public var patch: String
    /// In the order they were saved.
    public var list: [Preset] = []

    /// None yet.
    public init(patch: String) { self.patch = patch }
}

/// Presets: `kairos: presets/1`.
public enum PresetFile {
    static let version = "presets/1"
    /// The most of one patch.
    public static let limit = 1000

    /// Reads presets. Throws ``Diagnostics``: every fault of the file's form at once.
    public static func read(path: String) throws(Diagnostics) -> Presets {
        try parse(try TextFile.read(path, .presets, limit: SessionFile.limit), file: path)
    }

    /// Parses presets; `file` is what diagnostics call it.
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
                        document.fault(
                            preset.name.place, "there are two presets called '\(preset.name.text)'")
                    }
                    presets.list.append(preset)
                }
            default: document.unknown(key, among: ["patch", "presets"], in: "a file of presets")
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
            default: document.unknown(key, among: ["name", "set"], in: "a preset")
            }
        }
        guard let name else {
            document.fault(node, "the preset has no name")
            return nil
        }
        return Presets.Preset(name: name, values: values)
    }

    /// Presets as the text of a file. Reading it gives the same.
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
