import KairosControl
import KairosDSP
import KairosPatch
import Yams

/// Reads the YAML document of a patch, and collects its faults.
struct PatchReader {
    var document: Document
    let file: String

    init(file: String, version: String = PatchFile.version) {
        self.file = file
        document = Document(file: file, version: version)
    }

    /// The default level of a patch: a gain of −12 dB.
    static let voiceLevel: Float = 0.251_189

    /// The keys of a patch.
    static let words = [
        "name", "about", "bank", "program", "voices", "glide", "unison", "unisonDetune", "bendRange",
        "tuning", "keyboard", "level", "notes", "modules", "connections", "macros",
    ]
    /// The keys of a macro.
    static let macroWords = ["name", "to", "range", "role"]

    /// Reads a patch from the text of a file.
    mutating func patch(_ text: String) -> Patch {
        guard let pairs = document.open(text) else {
            var patch = Patch(name: "")
            patch.file = file
            return patch
        }
        return patch(pairs)
    }

    /// Reads a patch from the pairs of its root mapping without the version line.
    mutating func patch(_ pairs: [(key: Node, value: Node)]) -> Patch {
        var patch = Patch(name: "")
        patch.file = file
        var level: Float?
        var stages: [Patch.Module] = []
        for pair in pairs {
            guard let key = document.key(pair.key) else { continue }
            let value = pair.value
            switch key.text {
            case "name": patch.name = document.text(value, "name")?.text ?? ""
            case "about": patch.about = document.text(value, "about")?.text ?? ""
            case "bank": patch.bank = document.integer(value, "bank", 0...16_383) ?? 0
            case "program": patch.program = document.integer(value, "program", 0...127)
            case "voices": voices(value, &patch.voicing)
            case "glide": patch.voicing.glide = document.number(value, "glide", .seconds, 0...20) ?? 0
            case "unison": patch.voicing.unison = document.integer(value, "unison", 1...16) ?? 1
            case "unisonDetune":
                patch.voicing.unisonDetune = document.number(value, "unisonDetune", .semitones, 0...12) ?? 0
            case "bendRange":
                patch.voicing.bendRange = document.number(value, "bendRange", .semitones, 0...96) ?? 2
            case "tuning": patch.tuning = document.text(value, "tuning")
            case "keyboard": patch.keyboard = document.text(value, "keyboard")
            case "level": level = document.number(value, "level", .gain, 0...16)
            case "notes": stages = noteStages(value)
            case "modules": patch.modules = modules(value)
            case "connections":
                for connection in document.list(value, "connections") {
                    if let connection = self.connection(connection) { patch.connections.append(connection) }
                }
            case "macros": patch.macros = macros(value)
            default: document.reportUnknown(key, among: Self.words, in: "a patch")
            }
        }
        // One voice can reach full scale, so the default level leaves headroom for several. Master effects
        // have unity gain.
        let isMaster = patch.modules.contains { $0.type.text == "input" }
        patch.level = level ?? (isMaster ? 1 : Self.voiceLevel)
        let start = Patch.Place(line: 1, column: 1)
        if document.diagnostics.isEmpty, patch.name.isEmpty {
            document.report(start, "the patch has no name; add 'name: …'")
        }
        if document.diagnostics.isEmpty, patch.modules.isEmpty {
            document.report(start, "the patch has no modules; add 'modules:'")
        }
        patch.modules += stages
        return patch
    }

    private mutating func voices(_ node: Node, _ voicing: inout Voicing) {
        guard let text = document.text(node, "voices") else { return }
        if let mode = Voicing.Mode(rawValue: text.text), mode != .poly {
            voicing.mode = mode
            voicing.voices = 1
        } else if let count = Int(text.text), (1...256).contains(count) {
            voicing.voices = count
        } else {
            document.report(node, "voices must be 1 … 256, mono or legato, not '\(text.text)'")
        }
    }

    /// The modules of a patch or compound module.
    mutating func modules(_ node: Node) -> [Patch.Module] {
        document.pairs(node, "modules").compactMap { name, value in
            var type: Patch.Text?, each: Patch.Spread?
            var settings: [(symbol: Patch.Text, value: Patch.Text)] = []
            for (key, value) in document.pairs(value, "module '\(name.text)'") {
                guard let text = document.text(value, "'\(key.text)'") else { continue }
                switch key.text {
                case "type": type = text
                case "each":
                    each = Patch.Spread(rawValue: text.text)
                    if each == nil {
                        document.report(text.place, "each must be voice or once, not '\(text.text)'")
                    }
                default: settings.append((key, text))
                }
            }
            if type == nil, value.mapping != nil {
                document.report(
                    name.place, "module '\(name.text)' has no type; add it, for example { type: saw }")
            }
            // A module without a type is kept, so that connections to it are not reported as well.
            return Patch.Module(name, type: type ?? Patch.Text(""), each: each, settings: settings)
        }
    }

    /// A connection: `module.outlet -> module.port @ depth`, with optional ports and depth.
    mutating func connection(_ node: Node) -> Patch.Connection? {
        guard let text = document.text(node, "a connection") else { return nil }
        let place = text.place, at = places(in: text, node)
        guard let arrow = text.text.firstRange(of: "->") else {
            document.report(
                place, "'\(text.text)' is not a connection; write it as in 'osc.output -> filter.input'")
            return nil
        }
        let source = text.text[..<arrow.lowerBound]
        var target = text.text[arrow.upperBound...]
        var depth: Patch.Text?
        if let sign = target.firstIndex(of: "@") {
            let amount = target[target.index(after: sign)...].trimmed
            depth = Patch.Text(String(amount), at(amount.startIndex))
            target = target[..<sign]
            if amount.isEmpty { document.report(at(sign), "the depth after '@' is missing, as in '@ 24 st'") }
        }
        guard let from = port(source, at), let to = port(target, at) else { return nil }
        return Patch.Connection(
            from: from.module, outlet: from.port, to: to.module, port: to.port, depth: depth, place: place)
    }

    /// A function that gives the line and column of an index into the text of `node`.
    func places(in text: Patch.Text, _ node: Node) -> (Substring.Index) -> Patch.Place {
        // The mark of a quoted scalar is its quote, one column before the text.
        let quoted = node.scalar?.style == .plain ? 0 : 1
        return { index in
            Patch.Place(
                line: text.place.line,
                column: text.place.column + quoted
                    + text.text.distance(from: text.text.startIndex, to: index))
        }
    }

    /// A reference `module` or `module.port`; `at` gives the place of an index into `text`.
    mutating func port(
        _ text: Substring, _ at: (Substring.Index) -> Patch.Place
    ) -> (module: Patch.Text, port: Patch.Text?)? {
        let text = text.trimmed
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ document.isWord(String($0)) }) else {
            document.report(
                at(text.startIndex), "'\(text)' is not a port; write 'module' or 'module.port'")
            return nil
        }
        let port = parts.count == 2 ? Patch.Text(String(parts[1]), at(parts[1].startIndex)) : nil
        return (Patch.Text(String(parts[0]), at(parts[0].startIndex)), port)
    }

    private mutating func macros(_ node: Node) -> [Patch.Macro] {
        let nodes = document.list(node, "macros")
        if nodes.count > 8 {
            document.report(nodes[8], "a patch has up to eight macros; remove this one, the ninth")
        }
        return nodes.compactMap { macro($0) }
    }

    private mutating func macro(_ node: Node) -> Patch.Macro? {
        var name: Patch.Text?, target: (module: Patch.Text, port: Patch.Text?)?
        var range: TypedRange<Patch.Text>?, role: Role?
        for (key, value) in document.pairs(node, "a macro") {
            if key.text == "range" {
                range = document.range(value)
                continue
            }
            guard let text = document.text(value, "'\(key.text)'") else { continue }
            switch key.text {
            case "name": name = text
            case "to": target = port(text.text[...]) { _ in text.place }
            case "role":
                role = Role(rawValue: text.text)
                if role == nil {
                    let all = Role.allCases.map(\.rawValue)
                    document.report(
                        text.place,
                        "unknown role '\(text.text)'"
                            + (didYouMean(text.text, among: all).isEmpty
                                ? "; the roles are \(all.joined(separator: ", "))"
                                : didYouMean(text.text, among: all)))
                }
            default: document.reportUnknown(key, among: Self.macroWords, in: "a macro")
            }
        }
        guard let name else {
            if node.mapping != nil { document.report(node, "the macro has no name; add 'name: …'") }
            return nil
        }
        guard let target, let parameter = target.port else {
            document.report(node, "macro '\(name.text)' needs a target parameter; write to: module.parameter")
            return nil
        }
        return Patch.Macro(
            name: name, module: target.module, parameter: parameter, range: range, role: role)
    }
}
