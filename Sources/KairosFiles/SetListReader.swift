import KairosDSP
import KairosPatch
import Yams

/// Reads the YAML document of a set list, and collects its faults.
struct SetListReader {
    var document: Document
    private let file: String

    init(file: String) {
        self.file = file
        document = Document(file: file, version: SetListFile.version)
    }

    /// The keys of a set list.
    static let words = ["name", "about", "master", "keepMacros", "meter", "entries"]
    /// The keys of an entry, except those of its single layer.
    static let entryWords = ["name", "bank", "program", "switch", "tail", "keepMacros", "layers"]
    /// The keys of a layer.
    static let layerWords = [
        "patch", "keys", "velocity", "fade", "channel", "transpose", "level", "pan", "macros",
    ]

    mutating func list(_ text: String) -> SetList {
        var list = SetList(name: "")
        list.file = file
        guard let pairs = document.open(text) else { return list }
        var keepsAllMacros = false, hasOwnKeepMacros: [Bool] = []
        for pair in pairs {
            guard let key = document.key(pair.key) else { continue }
            switch key.text {
            case "name": list.name = document.text(pair.value, "name")?.text ?? ""
            case "about": _ = document.text(pair.value, "about")
            case "master": list.master = document.text(pair.value, "master")
            case "keepMacros":
                let kept = kept(pair.value)
                list.keptMacros = kept.names ?? []
                keepsAllMacros = kept.all
            case "meter": list.meter = document.integer(pair.value, "meter", 1...32) ?? 4
            case "entries":
                for node in document.list(pair.value, "entries") {
                    let (entry, hasOwn) = entry(node)
                    list.entries.append(entry)
                    hasOwnKeepMacros.append(hasOwn)
                }
            default: document.reportUnknown(key, among: Self.words, in: "a set list")
            }
        }
        if document.diagnostics.isEmpty, list.entries.isEmpty {
            document.report(Patch.Place(line: 1, column: 1), "the set list has no entries; add 'entries:'")
        }
        for index in list.entries.indices where keepsAllMacros && !hasOwnKeepMacros[index] {
            list.entries[index].values = .keep
        }
        checkNumbers(list)
        return list
    }

    /// The value of `keepMacros`: all, or a list of names; nil names if it is not valid.
    private mutating func kept(_ node: Node) -> (names: [Patch.Text]?, all: Bool) {
        if node.scalar != nil {
            guard let text = document.text(node, "keepMacros") else { return (nil, false) }
            if text.text == "all" { return (nil, true) }
            document.report(
                node, "keepMacros must be all or a list of names, for example keepMacros: [Drive]")
            return (nil, false)
        }
        return (document.list(node, "keepMacros").compactMap { document.text($0, "a macro's name") }, false)
    }

    /// Reports entries with the same name or the same bank and program number.
    private mutating func checkNumbers(_ list: SetList) {
        var owner: [Int: Patch.Text] = [:], named: [String: Patch.Text] = [:]
        for entry in list.entries {
            if named.updateValue(entry.name, forKey: entry.name.text) != nil {
                document.report(
                    entry.name.place,
                    "another entry is already called '\(entry.name.text)'; add 'name: …' to one of them")
            }
            guard let program = entry.program else { continue }
            if let first = owner[entry.bank * 128 + program] {
                document.report(
                    entry.name.place,
                    "bank \(entry.bank) program \(program) is already used by "
                        + "'\(first.text)' (line \(first.place.line)); choose another one"
                )
            }
            owner[entry.bank * 128 + program] = owner[entry.bank * 128 + program] ?? entry.name
        }
    }

    /// An entry, and whether it has a `keepMacros` of its own, which overrides that of the set list.
    private mutating func entry(_ node: Node) -> (SetList.Entry, hasOwnKeepMacros: Bool) {
        var entry = SetList.Entry(name: Patch.Text("", document.place(node)))
        var own: [(key: Patch.Text, value: Node)] = []
        var layers: Node?, hasOwnKeepMacros = false
        for (key, value) in document.pairs(node, "an entry") {
            switch key.text {
            case "name": if let name = document.text(value, "name") { entry.name = name }
            case "bank": entry.bank = document.integer(value, "bank", 0...16_383) ?? 0
            case "program": entry.program = document.integer(value, "program", 0...127)
            case "switch": entry.switching = document.word(value, "switch") ?? .now
            case "tail": entry.tail = tail(value)
            case "keepMacros":
                let kept = kept(value)
                entry.keptMacros = kept.names
                entry.values = kept.all ? .keep : .saved
                hasOwnKeepMacros = true
            case "layers": layers = value
            case let word where Self.layerWords.contains(word): own.append((key, value))
            default: document.reportUnknown(key, among: Self.entryWords + Self.layerWords, in: "an entry")
            }
        }
        if let layers {
            if let first = own.first {
                document.report(
                    first.key.place,
                    "an entry with 'layers' cannot have '\(first.key.text)'; move it into a layer")
            }
            let nodes = document.list(layers, "layers")
            if nodes.isEmpty, layers.sequence != nil {
                document.report(
                    layers, "an entry must have at least one layer; add it, for example - patch: slow-tide")
            }
            if nodes.count > 16 {
                document.report(
                    nodes[16], "an entry has up to sixteen layers; remove this one, the seventeenth")
            }
            entry.layers = nodes.compactMap { layer(document.pairs($0, "a layer"), document.place($0)) }
        } else if node.mapping != nil {
            // An entry with a single layer contains the layer's keys itself.
            entry.layers = [layer(own, document.place(node))].compactMap { $0 }
        }
        if entry.name.text.isEmpty, let layer = entry.layers.first {
            entry.name = Patch.Text(layer.patch.text, document.place(node))
        }
        return (entry, hasOwnKeepMacros)
    }

    /// A layer; nil, with a diagnostic, if it has no patch.
    private mutating func layer(
        _ pairs: [(key: Patch.Text, value: Node)], _ place: Patch.Place
    ) -> SetList.Layer? {
        var layer = SetList.Layer(patch: Patch.Text("", place))
        for (key, value) in pairs {
            switch key.text {
            case "patch": if let name = document.text(value, "patch") { layer.patch = name }
            case "keys": layer.keys = range(value, "keys", 0...127, key: true) ?? 0...127
            case "velocity": layer.velocities = range(value, "velocity", 1...127, key: false) ?? 1...127
            case "fade": layer.fade = UInt8(document.integer(value, "fade", 0...126) ?? 0)
            case "channel":
                if let text = document.text(value, "channel"), text.text != "any" {
                    layer.channel = document.integer(value, "channel", 1...16).map { UInt8($0 - 1) }
                }
            case "transpose": layer.transpose = document.integer(value, "transpose", -60...60) ?? 0
            case "level": layer.level = document.number(value, "level", .gain, 0...16) ?? 1
            case "pan": layer.pan = document.number(value, "pan", .ratio, -1...1) ?? 0
            case "macros": layer.values = macros(value)
            default: document.reportUnknown(key, among: Self.layerWords, in: "a layer")
            }
        }
        if layer.patch.text.isEmpty {
            document.report(place, "the patch is missing; add it, for example patch: slow-tide")
            return nil
        }
        return layer
    }

    /// The values of macros and parameters at the start of a layer.
    private mutating func macros(_ node: Node) -> [SetList.Value] {
        guard case .mapping(let mapping) = node else {
            document.report(node, "macros must be a mapping: lines of the form 'name: value'")
            return []
        }
        return mapping.compactMap { pair in
            guard let name = document.text(pair.key, "a macro's name"),
                let value = document.text(pair.value, "'\(name.text)'")
            else { return nil }
            return SetList.Value(name, value)
        }
    }

    /// The value of `tail`: the end of an entry's sound after the change to another one.
    private mutating func tail(_ node: Node) -> SetList.Tail {
        guard let text = document.text(node, "tail") else { return .ring }
        switch text.text {
        case "ring": return .ring
        case "cut": return .cut
        default:
            if text.text.hasPrefix("fade ") {
                do {
                    let seconds = try ParamSpec.number(
                        String(text.text.dropFirst(5)), unit: .seconds, range: 0...60)
                    if seconds > 0, seconds <= 60 { return .fade(seconds) }
                    document.report(
                        node, "a tail can fade for up to 60 s, not '\(text.text.dropFirst(5))'")
                } catch { document.report(node, "tail: \(error)") }
            } else {
                document.report(
                    node, "tail must be ring, cut or a fade as in 'fade 800 ms', not '\(text.text)'")
            }
            return .ring
        }
    }

    /// A range of keys or velocities, `36..59` or `C2..B3`, or a single one. `key` allows note names.
    private mutating func range(
        _ node: Node, _ what: String, _ all: ClosedRange<UInt8>, key: Bool
    ) -> ClosedRange<UInt8>? {
        guard let text = document.text(node, what) else { return nil }
        let ends = text.text.split(separator: "..", omittingEmptySubsequences: false).map {
            number(String($0).filter { $0 != " " }, key: key)
        }
        if (1...2).contains(ends.count), let low = ends[0], let high = ends[ends.count - 1], low <= high,
            all.contains(low), all.contains(high)
        {
            return low...high
        }
        let example = key ? "C2..B3 or 36..59" : "1..80"
        document.report(
            node,
            "\(what) must be a range as in \(example), within \(all.lowerBound) "
                + "… \(all.upperBound), not '\(text.text)'"
        )
        return nil
    }

    /// A number, or with `key` also a note name, of which C4 is 60.
    private func number(_ text: String, key: Bool) -> UInt8? {
        if let number = UInt8(text) { return number }
        guard key, let letter = text.first, let step = Self.steps[letter.uppercased()] else { return nil }
        var rest = text.dropFirst(), offset = 0
        if rest.first == "#" { offset = 1; rest = rest.dropFirst() }
        if rest.first == "b" { offset = -1; rest = rest.dropFirst() }
        guard let octave = Int(rest) else { return nil }
        return UInt8(exactly: (octave + 1) * 12 + step + offset)
    }

    /// Semitones above C, by note name.
    private static let steps = ["C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11]
}
