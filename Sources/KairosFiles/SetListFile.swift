import KairosDSP
import KairosEngine
import Yams

/// Set lists: `kairos: setlist/1`.
public enum SetListFile {
    static let version = "setlist/1"
    /// How a set list's file name ends.
    public static let ending = ".setlist.yaml"

    /// Reads a set list. Throws ``Diagnostics``: every fault of the file's form at once.
    ///
    /// Names of patches and macros are looked up later, with the places kept here.
    public static func read(path: String) throws(Diagnostics) -> SetList {
        try parse(try TextFile.read(path, .setlist), file: path)
    }

    /// Parses a set list; `file` is what diagnostics call it.
    public static func parse(_ text: String, file: String) throws(Diagnostics) -> SetList {
        let (list, faults) = examine(text, file: file)
        guard faults.isEmpty else { throw Diagnostics(faults) }
        return list
    }

    /// Reads what is whole of a set list, and what is wrong with its form. What is whole can be looked up, so that its
    /// faults are told at the same time. Throws where the file cannot be read.
    public static func examine(path: String) throws(Diagnostics) -> (list: SetList, faults: [Diagnostic]) {
        examine(try TextFile.read(path, .setlist), file: path)
    }

    private static func examine(_ text: String, file: String) -> (list: SetList, faults: [Diagnostic]) {
        var reader = SetListReader(file: file)
        let list = reader.list(text)
        return (list, reader.document.diagnostics)
    }
}

struct SetListReader {
    fileprivate var document: Document
    private let file: String

    fileprivate init(file: String) {
        self.file = file
        document = Document(file: file, version: SetListFile.version)
    }

    static let words = ["name", "about", "master", "keepMacros", "meter", "entries"]
    static let entryWords = ["name", "bank", "program", "switch", "tail", "keepMacros", "layers"]
    static let layerWords = [
        "patch", "keys", "velocity", "fade", "channel", "transpose", "level", "pan", "macros",
    ]

    fileprivate mutating func list(_ text: String) -> SetList {
        var list = SetList(name: "")
        list.file = file
        guard let pairs = document.open(text) else { return list }
        var keepsAll = false, areOwn: [Bool] = []
        for pair in pairs {
            guard let key = document.key(pair.key) else { continue }
            switch key.text {
            case "name": list.name = document.text(pair.value, "name")?.text ?? ""
            case "about": _ = document.text(pair.value, "about")
            case "master": list.master = document.text(pair.value, "master")
            case "keepMacros":
                let kept = kept(pair.value)
                list.keptMacros = kept.names ?? []
                keepsAll = kept.all
            case "meter": list.meter = document.integer(pair.value, "meter", 1...32) ?? 4
            case "entries":
                for node in document.list(pair.value, "entries") {
                    let (entry, isOwn) = entry(node)
                    list.entries.append(entry)
                    areOwn.append(isOwn)
                }
            default: document.unknown(key, among: Self.words, in: "a set list")
            }
        }
        if document.diagnostics.isEmpty, list.entries.isEmpty {
            document.fault(Patch.Place(line: 1, column: 1), "the set list has no entries; add 'entries:'")
        }
        for index in list.entries.indices where keepsAll && !areOwn[index] {
            list.entries[index].values = .keep
        }
        checkNumbers(list)
        return list
    }

    /// Which macros keep their place: all, or these.
    private mutating func kept(_ node: Node) -> (names: [Patch.Text]?, all: Bool) {
        if node.scalar != nil {
            guard let text = document.text(node, "keepMacros") else { return (nil, false) }
            if text.text == "all" { return (nil, true) }
            document.fault(node, "keepMacros is all or a list of names: keepMacros: [Drive], for example")
            return (nil, false)
        }
        return (document.list(node, "keepMacros").compactMap { document.text($0, "a macro's name") }, false)
    }

    /// One number, one entry.
    private mutating func checkNumbers(_ list: SetList) {
        var owner: [Int: Patch.Text] = [:], named: [String: Patch.Text] = [:]
        for entry in list.entries {
            if named.updateValue(entry.name, forKey: entry.name.text) != nil {
                document.fault(entry.name.place, "there are two entries called '\(entry.name.text)'")
            }
            guard let program = entry.program else { continue }
            if let first = owner[entry.bank * 128 + program] {
                document.fault(
                    entry.name.place,
                    "bank \(entry.bank) program \(program) is '\(first.text)' already (line \(first.place.line))"
                )
            }
            owner[entry.bank * 128 + program] = owner[entry.bank * 128 + program] ?? entry.name
        }
    }

    /// An entry, and whether it says itself which macros keep their place.
    private mutating func entry(_ node: Node) -> (SetList.Entry, isOwn: Bool) {
        var entry = SetList.Entry(name: Patch.Text("", document.place(node)))
        var own: [(key: Patch.Text, value: Node)] = []
        var layers: Node?, isOwn = false
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
                isOwn = true
            case "layers": layers = value
            case let word where Self.layerWords.contains(word): own.append((key, value))
            default: document.unknown(key, among: Self.entryWords + Self.layerWords, in: "an entry")
            }
        }
        if let layers {
            if let first = own.first {
                document.fault(
                    first.key.place,
                    "'\(first.key.text)' belongs to a layer here, because the entry has 'layers'")
            }
            let nodes = document.list(layers, "layers")
            if nodes.isEmpty, layers.sequence != nil {
                document.fault(layers, "an entry has at least one layer; say - patch: slow-tide, for example")
            }
            if nodes.count > 16 {
                document.fault(nodes[16], "an entry has up to sixteen layers, and this is one more")
            }
            entry.layers = nodes.compactMap { layer(document.pairs($0, "a layer"), document.place($0)) }
        } else if node.mapping != nil {
            // An entry of one layer says its words itself.
            entry.layers = [layer(own, document.place(node))].compactMap { $0 }
        }
        if entry.name.text.isEmpty, let layer = entry.layers.first {
            entry.name = Patch.Text(layer.patch.text, document.place(node))
        }
        return (entry, isOwn)
    }

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
            default: document.unknown(key, among: Self.layerWords, in: "a layer")
            }
        }
        if layer.patch.text.isEmpty {
            document.fault(place, "this plays no patch; say patch: slow-tide, for example")
            return nil
        }
        return layer
    }

    private mutating func macros(_ node: Node) -> [SetList.Value] {
        guard case .mapping(let mapping) = node else {
            document.fault(node, "macros should be a mapping of lines 'name: value'")
            return []
        }
        return mapping.compactMap { pair in
            guard let name = document.text(pair.key, "a macro's name"),
                let value = document.text(pair.value, "'\(name.text)'")
            else { return nil }
            return SetList.Value(name, value)
        }
    }

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
                    document.fault(
                        node, "a tail fades for up to 60 s, and this is '\(text.text.dropFirst(5))'")
                } catch { document.fault(node, "tail: \(error)") }
            } else {
                document.fault(
                    node, "tail is ring, cut or a time as in 'fade 800 ms', and this is '\(text.text)'")
            }
            return .ring
        }
    }

    /// `36..59`, `C2..B3` or one alone.
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
        document.fault(
            node,
            "\(what) should be a range as in \(example), within \(all.lowerBound) … \(all.upperBound), and this is '\(text.text)'"
        )
        return nil
    }

    private func number(_ text: String, key: Bool) -> UInt8? {
        if let number = UInt8(text) { return number }
        guard key, let letter = text.first, let step = Self.steps[letter.uppercased()] else { return nil }
        var rest = text.dropFirst(), offset = 0
        if rest.first == "#" { offset = 1; rest = rest.dropFirst() }
        if rest.first == "b" { offset = -1; rest = rest.dropFirst() }
        guard let octave = Int(rest) else { return nil }
        return UInt8(exactly: (octave + 1) * 12 + step + offset)
    }

    private static let steps = ["C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11]
}
