import KairosControl
import KairosDSP
import KairosEngine
import Yams

/// Mapping files: `kairos: mapping/1`.
public enum MappingFile {
    static let version = "mapping/1"

    /// Reads a mapping. Throws ``Diagnostics``: every fault at once.
    public static func read(path: String) throws(Diagnostics) -> Mapping {
        try parse(try TextFile.read(path), file: path)
    }

    /// Parses a mapping; `file` is what diagnostics call it.
    public static func parse(_ text: String, file: String) throws(Diagnostics) -> Mapping {
        var reader = MappingReader(file: file)
        let mapping = reader.mapping(text)
        guard reader.document.diagnostics.isEmpty else { throw Diagnostics(reader.document.diagnostics) }
        return mapping
    }
}

private struct MappingReader {
    var document: Document
    let file: String

    init(file: String) {
        self.file = file
        document = Document(file: file, version: MappingFile.version)
    }

    static let inputs = ["cc", "pressure", "bend", "note"]
    static let words = inputs + ["to", "channel", "from", "upTo", "curve", "invert", "takeover"]

    mutating func mapping(_ text: String) -> Mapping {
        let stem =
            file.split(separator: "/").last.map { $0.split(separator: ".").first.map(String.init) ?? "" }
            ?? ""
        var mapping = Mapping(name: stem)
        guard let pairs = document.open(text) else { return mapping }
        for pair in pairs {
            guard let key = document.key(pair.key) else { continue }
            switch key.text {
            case "device":
                mapping.device = pair.value.string ?? document.text(pair.value, "device")?.text ?? ""
            case "controls":
                for node in document.list(pair.value, "controls") {
                    if let control = control(node) { mapping.controls.append(control) }
                }
            default: document.unknown(key, among: ["device", "controls"], in: "a mapping")
            }
        }
        return mapping
    }

    private mutating func control(_ node: Node) -> Mapping.Control? {
        var inputs: [(word: Patch.Text, input: Mapping.Input)] = []
        var target: Mapping.Target?, named = false
        var channel: Int?, from: String?, upTo: String?, curve = Mapping.Bend.straight, inverted = false
        for (key, value) in document.pairs(node, "a control") {
            switch key.text {
            case "cc": if let input = controller(value) { inputs.append((key, input)) } else { named = true }
            case "note":
                named = true
                if let number = document.integer(value, "note", 0...127) {
                    inputs.append((key, .note(number)))
                }
            case "pressure", "bend":
                named = true
                if let word = document.text(value, key.text), word.text != "any" {
                    document.fault(value, "\(key.text) is 'any', and this is '\(word.text)'")
                }
                inputs.append((key, key.text == "bend" ? .bend : .pressure))
            case "to": target = self.target(value)
            case "channel": channel = document.integer(value, "channel", 1...16).map { $0 - 1 }
            case "from": from = document.text(value, "from")?.text
            case "upTo": upTo = document.text(value, "upTo")?.text
            case "curve": curve = document.word(value, "curve") ?? .straight
            case "invert":
                let text = document.text(value, "invert")
                if let text, text.text != "true", text.text != "false" {
                    document.fault(value, "invert is true or false")
                }
                inverted = text?.text == "true"
            case "takeover":
                if let text = document.text(value, "takeover"), text.text != "jump" {
                    document.fault(value, "the takeover '\(text.text)' is not known here; there is jump")
                }
            default: document.unknown(key, among: Self.words, in: "a control")
            }
        }
        if inputs.count > 1 {
            document.fault(
                inputs[1].word.place,
                "a control listens to one thing, and this one has '\(inputs[0].word.text)' and '\(inputs[1].word.text)'"
            )
        }
        guard let input = inputs.first?.input else {
            if !named, node.mapping != nil {
                document.fault(node, "this control listens to nothing; say cc, note, pressure or bend")
            }
            return nil
        }
        guard let target else {
            if document.diagnostics.last.map({ $0.line != document.place(node).line }) ?? true {
                document.fault(node, "this control moves nothing; say to: knob 1, for example")
            }
            return nil
        }
        let place = document.place(node)
        return Mapping.Control(
            input, to: target, channel: channel, from: from, upTo: upTo, curve: curve, inverted: inverted,
            place: "\(file):\(place.line):\(place.column)")
    }

    private mutating func controller(_ node: Node) -> Mapping.Input? {
        if case .sequence(let pair) = node {
            guard pair.count == 2 else {
                document.fault(node, "a pair of controllers is [coarse, fine]")
                return nil
            }
            guard let coarse = document.integer(pair[0], "the coarse controller", 0...127),
                let fine = document.integer(pair[1], "the fine controller", 0...127)
            else { return nil }
            return .controlPair(coarse, fine)
        }
        guard let number = document.integer(node, "cc", 0...127) else { return nil }
        if [0, 32].contains(number) {
            document.fault(node, "cc \(number) is the bank of a program change and moves nothing else")
        }
        return .control(number)
    }

    private mutating func target(_ node: Node) -> Mapping.Target? {
        guard let text = document.text(node, "to") else { return nil }
        if let action = Mapping.Action(text.text) { return .action(action) }
        if let role = Role(rawValue: text.text) { return .role(role) }
        let words = text.text.split(separator: " ")
        if words.count == 2, words[0] == "knob", let place = Int(words[1]), (1...8).contains(place) {
            return .knob(place)
        }
        if words.count == 3, words[0] == "rack", words[1] == "knob", let place = Int(words[2]),
            (1...8).contains(place)
        {
            return .rackKnob(place)
        }
        if let slash = text.text.firstIndex(of: "/") {
            let port = text.text[text.text.index(after: slash)...].split(
                separator: ".", omittingEmptySubsequences: false)
            let patch = String(text.text[..<slash])
            if port.count == 2, port.allSatisfy({ document.isWord(String($0)) }), !patch.isEmpty {
                return .port(patch: patch, module: String(port[0]), port: String(port[1]))
            }
        }
        let all =
            Mapping.Action.words + Role.allCases.map(\.rawValue)
            + (1...8).map { "knob \($0)" }
        let near = didYouMean(text.text, among: all)
        document.fault(
            node,
            "'\(text.text)' can not be moved"
                + (near.isEmpty
                    ? "; a knob (knob 1 … knob 8), a role (brightness), patch/module.port or an action (next entry) was expected"
                    : near))
        return nil
    }
}
