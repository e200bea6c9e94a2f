import KairosControl
import KairosDSP
import KairosEngine
import Yams

/// Mapping files: `kairos: mapping/1`.
public enum MappingFile {
    static let version = "mapping/1"

    /// Reads a mapping. Throws ``Diagnostics``: every fault at once.
    public static func read(path: String) throws(Diagnostics) -> Mapping {
        try parse(try TextFile.read(path, .mapping), file: path)
    }

    /// Parses a mapping; `file` is what diagnostics call it.
    public static func parse(_ text: String, file: String) throws(Diagnostics) -> Mapping {
        let (mapping, faults) = examine(text, file: file)
        guard faults.isEmpty else { throw Diagnostics(faults) }
        return mapping
    }

    /// Reads what is whole of a mapping, and what is wrong with its form. What is whole can be looked up, so that its
    /// faults are told at the same time. Throws where the file cannot be read.
    public static func examine(path: String) throws(Diagnostics) -> (mapping: Mapping, faults: [Diagnostic]) {
        examine(try TextFile.read(path, .mapping), file: path)
    }

    private static func examine(_ text: String, file: String) -> (mapping: Mapping, faults: [Diagnostic]) {
        var reader = MappingReader(file: file)
        let mapping = reader.mapping(text)
        return (mapping, reader.document.diagnostics)
    }
}

struct MappingReader {
    fileprivate var document: Document
    private let file: String

    fileprivate init(file: String) {
        self.file = file
        document = Document(file: file, version: MappingFile.version)
    }

    static let inputs = ["cc", "nrpn", "rpn", "pressure", "bend", "note"]
    static let words = [
        "device", "takeover", "feedback", "onConnect", "onQuit", "shift", "velocity", "release", "sustain",
        "mpe", "controls",
    ]
    static let controlWords =
        inputs + [
            "to", "channel", "range", "curve", "invert", "takeover", "encoding", "step", "steps",
            "button",
            "shift",
        ]

    fileprivate mutating func mapping(_ text: String) -> Mapping {
        var mapping = Mapping(name: FileName.stem(file))
        guard let pairs = document.open(text) else { return mapping }
        var takeover = Mapping.Takeover.jump
        var lines: [Node] = []
        for pair in pairs {
            guard let key = document.key(pair.key) else { continue }
            switch key.text {
            case "device":
                mapping.device = pair.value.string ?? document.text(pair.value, "device")?.text ?? ""
            case "takeover": takeover = document.word(pair.value, "takeover") ?? .jump
            case "feedback": mapping.givesFeedback = document.flag(pair.value, "feedback") ?? false
            case "onConnect": mapping.onConnect = messages(pair.value, "onConnect")
            case "onQuit": mapping.onQuit = messages(pair.value, "onQuit")
            case "shift": mapping.shift = shift(pair.value)
            case "velocity": mapping.keyboard.velocity = curve(pair.value, "velocity")
            case "release": mapping.keyboard.release = curve(pair.value, "release")
            case "sustain": sustain(pair.value, &mapping.keyboard)
            case "mpe": zones(pair.value, &mapping.keyboard)
            case "controls": lines = document.list(pair.value, "controls")
            default: document.unknown(key, among: Self.words, in: "a mapping")
            }
        }
        for node in lines {
            if let control = control(node, takeover) { mapping.controls.append(control) }
        }
        if mapping.shift == nil, let first = mapping.controls.firstIndex(where: \.shifted) {
            document.fault(
                lines[first],
                "this control is of the second layer, and the mapping has no shift; add shift: { cc: 41 }, for example"
            )
        }
        return mapping
    }

    private mutating func messages(_ node: Node, _ what: String) -> [[UInt8]] {
        var messages: [[UInt8]] = []
        for line in document.list(node, what) {
            guard let text = document.text(line, what) else { continue }
            if let message = Mapping.message(text.text) { messages.append(message); continue }
            document.fault(
                line,
                "'\(text.text)' is no whole MIDI message; bytes of a channel message or a system exclusive were expected, as in 9F 0C 7F"
            )
        }
        return messages
    }

    // MARK: the keyboard

    private mutating func shift(_ node: Node) -> Mapping.Shift? {
        var input: Mapping.Input?, channel: Int?
        for (key, value) in document.pairs(node, "shift") {
            switch key.text {
            case "cc": input = document.integer(value, "cc", 1...119).map { .control($0) }
            case "note": input = document.integer(value, "note", 0...127).map { .note($0) }
            case "channel": channel = document.integer(value, "channel", 1...16).map { $0 - 1 }
            default: document.unknown(key, among: ["cc", "note", "channel"], in: "shift")
            }
        }
        return input.map { Mapping.Shift($0, channel: channel) }
    }

    /// A preset's name, or points `[[1, 1], [64, 90], [127, 127]]`.
    private mutating func curve(_ node: Node, _ what: String) -> VelocityCurve {
        guard case .sequence(let points) = node else {
            guard let text = document.text(node, what) else { return .straight }
            if let preset = VelocityCurve.presets.first(where: { $0.name == text.text }) {
                return preset.curve
            }
            let names = VelocityCurve.presets.map(\.name)
            document.fault(
                node,
                "\(what) is \(names.joined(separator: ", ")) or points as in [[1, 1], [64, 90], [127, 127]], and this is '\(text.text)'"
                    + didYouMean(text.text, among: names))
            return .straight
        }
        if points.count > 8 || points.isEmpty {
            document.fault(node, "a curve has one to eight points, and this has \(points.count)")
        }
        var result: [(played: Float, heard: Float)] = []
        for point in points {
            let pair = document.list(point, "a point")
            guard pair.count == 2, let played = document.integer(pair[0], "what is played", 0...127),
                let heard = document.integer(pair[1], "what is heard", 1...127)
            else {
                if pair.count != 2 { document.fault(point, "a point is [played, heard], as in [64, 90]") }
                continue
            }
            let place = { (value: Int) in Position.fraction(Position.scaled(UInt8(value))) }
            if let last = result.last, place(played) <= last.played {
                document.fault(
                    point, "the points go from soft to hard, and \(played) is not more than the one before")
            }
            result.append((place(played), place(heard)))
        }
        return VelocityCurve(result)
    }

    private mutating func sustain(_ node: Node, _ rule: inout KeyboardRule) {
        for (key, value) in document.pairs(node, "sustain") {
            switch key.text {
            case "half": rule.hasHalfPedal = document.flag(value, "half") ?? false
            case "polarity": rule.polarity = document.word(value, "polarity") ?? .normal
            default: document.unknown(key, among: ["half", "polarity"], in: "sustain")
            }
        }
    }

    private mutating func zones(_ node: Node, _ rule: inout KeyboardRule) {
        for (key, value) in document.pairs(node, "mpe") {
            switch key.text {
            case "lower": rule.lowerMembers = UInt8(document.integer(value, "lower", 1...15) ?? 0)
            case "upper": rule.upperMembers = UInt8(document.integer(value, "upper", 1...15) ?? 0)
            default: document.unknown(key, among: ["lower", "upper"], in: "mpe")
            }
        }
        if rule.lowerMembers > 0, rule.upperMembers > 0, rule.lowerMembers + rule.upperMembers > 14 {
            document.fault(
                node,
                "two zones have up to 14 fingers together, and these have \(rule.lowerMembers + rule.upperMembers)"
            )
        }
    }

    // MARK: controls

    private mutating func control(_ node: Node, _ takeover: Mapping.Takeover) -> Mapping.Control? {
        var inputs: [(word: Patch.Text, input: Mapping.Input)] = []
        var named = false
        var control = Mapping.Control(.pressure, to: .tempo, takeover: takeover)
        var target: Mapping.Target?
        for (key, value) in document.pairs(node, "a control") {
            if Self.inputs.contains(key.text) {
                named = true
                if let input = input(key, value) { inputs.append((key, input)) }
                continue
            }
            switch key.text {
            case "to": target = self.target(value)
            case "channel": control.channel = document.integer(value, "channel", 1...16).map { $0 - 1 }
            case "range":
                control.range = document.range(value).map { TypedRange($0.first.text, $0.last.text) }
            case "curve": control.curve = document.word(value, "curve") ?? .straight
            case "invert": control.inverted = document.flag(value, "invert") ?? false
            case "takeover": control.takeover = document.word(value, "takeover") ?? takeover
            case "encoding": control.encoding = document.word(value, "encoding") ?? .twos
            case "step": control.step = document.number(value, "step", .ratio, 0.0001...1)
            case "steps": control.steps = document.integer(value, "steps", 2...128) ?? 0
            case "button": control.button = document.word(value, "button")
            case "shift": control.shifted = document.flag(value, "shift") ?? false
            default: document.unknown(key, among: Self.controlWords, in: "a control")
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
                document.fault(node, "this control listens to nothing; say cc, nrpn, note, pressure or bend")
            }
            return nil
        }
        guard let target else {
            if document.diagnostics.last.map({ $0.line != document.place(node).line }) ?? true {
                document.fault(node, "this control moves nothing; say to: macro 1, for example")
            }
            return nil
        }
        control.input = input
        control.target = target
        if target == .tempo {
            do throws(ParamError) { _ = try control.tempi() } catch {
                document.fault(node, "tempo: \(error)")
            }
        }
        let place = document.place(node)
        control.place = "\(file):\(place.line):\(place.column)"
        return control
    }

    private mutating func input(_ key: Patch.Text, _ value: Node) -> Mapping.Input? {
        switch key.text {
        case "cc": return controller(value)
        case "nrpn": return document.integer(value, "nrpn", 0...16_382).map { .nonRegistered($0) }
        case "rpn": return document.integer(value, "rpn", 0...16_382).map { .registered($0) }
        case "note": return document.integer(value, "note", 0...127).map { .note($0) }
        default:
            if let word = document.text(value, key.text), word.text != "any" {
                document.fault(value, "\(key.text) is 'any', and this is '\(word.text)'")
            }
            return key.text == "bend" ? .bend : .pressure
        }
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
            if coarse == fine { document.fault(node, "the coarse and the fine controller are the same") }
            return .controlPair(coarse, fine)
        }
        guard let number = document.integer(node, "cc", 0...127) else { return nil }
        switch number {
        case 0, 32:
            document.fault(node, "cc \(number) is the bank of a program change and moves nothing else")
        case 88, 98...101:
            document.fault(node, "cc \(number) belongs to the message after it (velocity, parameter number)")
        case 120...127: document.fault(node, "cc \(number) is a mode message; it moves nothing")
        default: break
        }
        return .control(number)
    }

    private mutating func target(_ node: Node) -> Mapping.Target? {
        guard let text = document.text(node, "to") else { return nil }
        if let target = Mapping.Target(text.text, isWord: document.isWord) { return target }
        let now = text.text.replacing("rack ", with: "master ").replacing("knob ", with: "macro ")
        if now != text.text, Mapping.Target(now, isWord: document.isWord) != nil {
            document.fault(node, "'\(text.text)' is called '\(now)' now; write to: \(now)")
            return nil
        }
        let all = Mapping.Target.words
        let near = didYouMean(text.text, among: all)
        document.fault(
            node,
            "'\(text.text)' can not be moved"
                + (near.isEmpty
                    ? "; a macro (macro 1 … macro 8), a role (brightness), patch/module.port or an action (next entry) was expected"
                    : near))
        return nil
    }
}
