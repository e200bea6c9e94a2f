import KairosControl
import KairosDSP
public import KairosPatch

extension PatchFile {
    /// The text of a patch file. Reading it gives an equal patch.
    public static func text(_ patch: Patch) -> String {
        var lines = ["kairos: \(version)", "name: \(quoted(patch.name))"]
        if !patch.about.isEmpty { lines.append("about: \(quoted(patch.about))") }
        if patch.bank != 0 { lines.append("bank: \(patch.bank)") }
        if let program = patch.program { lines.append("program: \(program)") }
        lines += words(patch.voicing)
        if let tuning = patch.tuning { lines.append("tuning: \(quoted(tuning.text))") }
        if let keyboard = patch.keyboard { lines.append("keyboard: \(quoted(keyboard.text))") }
        lines.append("level: \(ParamSpec.level.text(patch.level))")
        let stages = patch.modules.filter(\.isNoteStage), modules = patch.modules.filter { !$0.isNoteStage }
        if !stages.isEmpty { lines.append("notes:") }
        for stage in stages { lines.append("  - { \(words(stage).joined(separator: ", ")) }") }
        lines.append(modules.isEmpty ? "modules: {}" : "modules:")
        let width = (modules.map(\.name.text.count).max() ?? 0) + 1
        for module in modules {
            let name = (module.name.text + ":").padding(to: width)
            lines.append("  \(name) { \(words(module).joined(separator: ", ")) }")
        }
        if !patch.connections.isEmpty { lines.append("connections:") }
        for connection in patch.connections {
            let depth = connection.depth.map { " @ \($0.text)" } ?? ""
            let arrow =
                "\(end(connection.from, connection.outlet)) -> \(end(connection.to, connection.port))\(depth)"
            lines.append("  - \(depth.isEmpty ? arrow : quoted(arrow))")
        }
        if !patch.macros.isEmpty { lines.append("macros:") }
        for macro in patch.macros {
            var words = [
                "name: \(quoted(macro.name.text))", "to: \(macro.module.text).\(macro.parameter.text)",
            ]
            if let range = macro.range {
                words.append("range: [\(quoted(range.first.text)), \(quoted(range.last.text))]")
            }
            if let role = macro.role { words.append("role: \(role.rawValue)") }
            lines.append("  - { \(words.joined(separator: ", ")) }")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The lines for the voicing settings that differ from the defaults.
    private static func words(_ voicing: Voicing) -> [String] {
        let plain = Voicing()
        var lines: [String] = []
        if voicing.mode != .poly { lines.append("voices: \(voicing.mode.rawValue)") }
        if voicing.mode == .poly, voicing.voices != plain.voices { lines.append("voices: \(voicing.voices)") }
        if voicing.glide != plain.glide { lines.append("glide: \(ParamSpec.glide.text(voicing.glide))") }
        if voicing.unison != plain.unison { lines.append("unison: \(voicing.unison)") }
        if voicing.unisonDetune != plain.unisonDetune {
            lines.append("unisonDetune: \(ParamSpec.interval.text(voicing.unisonDetune))")
        }
        if voicing.bendRange != plain.bendRange {
            lines.append("bendRange: \(ParamSpec.interval.text(voicing.bendRange))")
        }
        return lines
    }

    private static func words(_ module: Patch.Module) -> [String] {
        var words = ["type: \(module.type.text)"]
        if module.isNoteStage, module.name.text != module.type.text {
            words.append("name: \(module.name.text)")
        }
        if let each = module.each { words.append("each: \(each.rawValue)") }
        var settings = module.settings[...]
        while let (symbol, value) = settings.popFirst() {
            guard module.isNoteStage, symbol.text.hasSuffix("1"),
                !(symbol.text.dropLast().last?.isNumber ?? true)
            else {
                words.append("\(symbol.text): \(quoted(value.text))")
                continue
            }
            // Numbered parameters from 1 on are a list.
            let name = symbol.text.dropLast()
            var values = [quoted(value.text)]
            while let next = settings.first, next.symbol.text == "\(name)\(values.count + 1)" {
                values.append(quoted(next.value.text))
                settings.removeFirst()
            }
            words.append("\(name): [\(values.joined(separator: ", "))]")
        }
        return words
    }

    private static func end(_ module: Patch.Text, _ port: Patch.Text?) -> String {
        module.text + (port.map { "." + $0.text } ?? "")
    }

    /// A text as a YAML scalar: plain if every YAML reader takes it as the same text, else in double quotes.
    public static func quoted(_ text: String) -> String {
        let isPlain =
            text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || " .-%'_()".contains($0)) }
            && text.first.map { $0.isLetter || $0.isNumber } ?? false && text.last != " "
            && !["on", "off", "yes", "no", "y", "n", "true", "false", "null"].contains(text.lowercased())
        if isPlain || text == "true" || text == "false" { return text }
        if text.first == "-", Double(text.split(separator: " ")[0]) != nil { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                let digits = String(scalar.value, radix: 16)
                escaped += "\\x" + (digits.count < 2 ? "0" : "") + digits
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return "\"\(escaped)\""
    }
}

extension ParamSpec {
    // The keys of a patch whose values have units.

    fileprivate static let level = ParamSpec("Level.", range: 0...16, default: 1, unit: .gain)
    fileprivate static let glide = ParamSpec("Glide.", range: 0...20, default: 0, unit: .seconds)
    fileprivate static let interval = ParamSpec("Interval.", range: 0...96, default: 0, unit: .semitones)
}

extension String {
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }
}
