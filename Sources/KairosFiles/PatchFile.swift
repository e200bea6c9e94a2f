import KairosControl
import KairosDSP
import KairosEngine
import Yams

/// Patch files: `kairos: patch/1`.
public enum PatchFile {
    static let version = "patch/1"

    /// Reads a patch. Throws ``Diagnostics``: every fault of the file's form at once.
    ///
    /// Names of modules, ports and parameters are checked by the compiler, with the places kept here.
    public static func read(path: String) throws(Diagnostics) -> Patch {
        try parse(try TextFile.read(path, .patch), file: path)
    }

    /// Parses a patch; `file` is what diagnostics call it.
    public static func parse(_ text: String, file: String) throws(Diagnostics) -> Patch {
        var reader = PatchReader(file: file)
        let patch = reader.patch(text)
        guard reader.document.diagnostics.isEmpty else { throw Diagnostics(reader.document.diagnostics) }
        return patch
    }
}

struct PatchReader {
    var document: Document
    let file: String

    init(file: String, version: String = PatchFile.version) {
        self.file = file
        document = Document(file: file, version: version)
    }

    /// −12 dB.
    static let voiceLevel: Float = 0.251_189

    static let words = [
        "name", "about", "bank", "program", "voices", "glide", "unison", "unisonDetune", "bendRange",
        "tuning",
        "keyboard", "level", "modules", "connections", "macros",
    ]

    mutating func patch(_ text: String) -> Patch {
        guard let pairs = document.open(text) else {
            var patch = Patch(name: "")
            patch.file = file
            return patch
        }
        return patch(pairs)
    }

    /// The lines of a patch, without its version.
    mutating func patch(_ pairs: [(key: Node, value: Node)]) -> Patch {
        var patch = Patch(name: "")
        patch.file = file
        var level: Float?
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
            case "modules": patch.modules = modules(value)
            case "connections":
                for connection in document.list(value, "connections") {
                    if let connection = self.connection(connection) { patch.connections.append(connection) }
                }
            case "macros": patch.macros = macros(value)
            default: document.unknown(key, among: Self.words, in: "a patch")
            }
        }
        // A module at full swing is one voice, and one voice should leave room for others. Master effects pass on.
        let isMaster = patch.modules.contains { $0.type.text == "input" }
        patch.level = level ?? (isMaster ? 1 : Self.voiceLevel)
        let start = Patch.Place(line: 1, column: 1)
        if document.diagnostics.isEmpty, patch.name.isEmpty {
            document.fault(start, "the patch has no name; add 'name: …'")
        }
        if document.diagnostics.isEmpty, patch.modules.isEmpty {
            document.fault(start, "the patch has no modules; add 'modules:'")
        }
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
            document.fault(node, "voices should be 1 … 256, mono or legato, and this is '\(text.text)'")
        }
    }

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
                        document.fault(text.place, "each is voice or once, and this is '\(text.text)'")
                    }
                default: settings.append((key, text))
                }
            }
            if type == nil, value.mapping != nil {
                document.fault(
                    name.place, "module '\(name.text)' has no type; say { type: saw }, for example")
            }
            // Without a type it stays: what is connected to it names a module that there is.
            return Patch.Module(name, type: type ?? Patch.Text(""), each: each, settings: settings)
        }
    }

    mutating func connection(_ node: Node) -> Patch.Connection? {
        guard let text = document.text(node, "a connection") else { return nil }
        let place = text.place, at = places(in: text, node)
        guard let arrow = text.text.firstRange(of: "->") else {
            document.fault(
                place, "'\(text.text)' is no connection: 'osc.output -> filter.input' was expected")
            return nil
        }
        let source = text.text[..<arrow.lowerBound]
        var target = text.text[arrow.upperBound...]
        var depth: Patch.Text?
        if let sign = target.firstIndex(of: "@") {
            let amount = target[target.index(after: sign)...].trimmed
            depth = Patch.Text(String(amount), at(amount.startIndex))
            target = target[..<sign]
            if amount.isEmpty { document.fault(at(sign), "after '@' a depth was expected, as in '@ 24 st'") }
        }
        guard let from = port(source, at), let to = port(target, at) else { return nil }
        return Patch.Connection(
            from: from.module, outlet: from.port, to: to.module, port: to.port, depth: depth, place: place)
    }

    /// Where each letter of a value stands.
    func places(in text: Patch.Text, _ node: Node) -> (Substring.Index) -> Patch.Place {
        // A quoted text begins one column later than its mark.
        let quoted = node.scalar?.style == .plain ? 0 : 1
        return { index in
            Patch.Place(
                line: text.place.line,
                column: text.place.column + quoted
                    + text.text.distance(from: text.text.startIndex, to: index))
        }
    }

    mutating func port(
        _ text: Substring, _ at: (Substring.Index) -> Patch.Place
    ) -> (module: Patch.Text, port: Patch.Text?)? {
        let text = text.trimmed
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ document.isWord(String($0)) }) else {
            document.fault(at(text.startIndex), "'\(text)' is neither 'module' nor 'module.port'")
            return nil
        }
        let port = parts.count == 2 ? Patch.Text(String(parts[1]), at(parts[1].startIndex)) : nil
        return (Patch.Text(String(parts[0]), at(parts[0].startIndex)), port)
    }

    private mutating func macros(_ node: Node) -> [Patch.Macro] {
        let nodes = document.list(node, "macros")
        if nodes.count > 8 {
            document.fault(nodes[8], "a patch has up to eight macros, and this is the ninth")
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
                    document.fault(
                        text.place,
                        "there is no role '\(text.text)'"
                            + (didYouMean(text.text, among: all).isEmpty
                                ? " (there are \(all.joined(separator: ", ")))"
                                : didYouMean(text.text, among: all)))
                }
            default: document.unknown(key, among: ["name", "to", "range", "role"], in: "a macro")
            }
        }
        guard let name else {
            if node.mapping != nil { document.fault(node, "the macro has no name") }
            return nil
        }
        guard let target, let parameter = target.port else {
            document.fault(node, "macro '\(name.text)' should say what it moves: to: module.parameter")
            return nil
        }
        return Patch.Macro(
            name: name, module: target.module, parameter: parameter, range: range, role: role)
    }
}
