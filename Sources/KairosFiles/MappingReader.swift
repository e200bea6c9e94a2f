import KairosControl
import KairosDSP
import KairosPatch
import Yams

/// Reads the YAML document of a mapping, and collects its faults.
struct MappingReader {
    var document: Document
    private let file: String

    init(file: String) {
        self.file = file
        document = Document(file: file, version: MappingFile.version)
    }

    /// The keys that name the input of a control.
    static let inputs = ["cc", "nrpn", "rpn", "pressure", "bend", "note"]
    /// The keys of a mapping.
    static let words = [
        "device", "takeover", "feedback", "onConnect", "onQuit", "shift", "velocity", "release", "sustain",
        "mpe", "controls",
    ]
    /// The keys of `shift`, `sustain` and `mpe`.
    static let shiftWords = ["cc", "note", "channel"]
    static let sustainWords = ["half", "polarity"]
    static let zoneWords = ["lower", "upper"]
    /// The keys of a control.
    static let controlWords =
        inputs + [
            "to", "channel", "range", "curve", "invert", "takeover", "encoding", "step", "steps",
            "button",
            "shift",
        ]

    mutating func mapping(_ text: String) -> Mapping {
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
            default: document.reportUnknown(key, among: Self.words, in: "a mapping")
            }
        }
        for node in lines {
            if let control = control(node, takeover) { mapping.controls.append(control) }
        }
        if mapping.shift == nil, let first = mapping.controls.firstIndex(where: \.shifted) {
            document.report(
                lines[first],
                "this control needs the shift layer, but the mapping has no "
                    + "shift control; add it, for example shift: { cc: 41 }"
            )
        }
        return mapping
    }

    private mutating func messages(_ node: Node, _ what: String) -> [[UInt8]] {
        var messages: [[UInt8]] = []
        for line in document.list(node, what) {
            guard let text = document.text(line, what) else { continue }
            if let message = Mapping.message(text.text) { messages.append(message); continue }
            document.report(
                line,
                "'\(text.text)' is not a complete MIDI message; write the bytes of a channel "
                    + "or system exclusive message in hexadecimal, as in 9F 0C 7F"
            )
        }
        return messages
    }

    // MARK: Keyboard

    private mutating func shift(_ node: Node) -> Mapping.Shift? {
        var input: Mapping.Input?, channel: Int?
        for (key, value) in document.pairs(node, "shift") {
            switch key.text {
            case "cc": input = document.integer(value, "cc", 1...119).map { .control($0) }
            case "note": input = document.integer(value, "note", 0...127).map { .note($0) }
            case "channel": channel = document.integer(value, "channel", 1...16).map { $0 - 1 }
            default: document.reportUnknown(key, among: Self.shiftWords, in: "shift")
            }
        }
        return input.map { Mapping.Shift($0, channel: channel) }
    }

    /// A velocity curve: the name of a preset, or points as in `[[1, 1], [64, 90], [127, 127]]`.
    private mutating func curve(_ node: Node, _ what: String) -> VelocityCurve {
        guard case .sequence(let points) = node else {
            guard let text = document.text(node, what) else { return .straight }
            if let preset = VelocityCurve.presets.first(where: { $0.name == text.text }) {
                return preset.curve
            }
            let names = VelocityCurve.presets.map(\.name)
            document.report(
                node,
                "\(what) must be \(names.joined(separator: ", ")) or points as "
                    + "in [[1, 1], [64, 90], [127, 127]], not '\(text.text)'"
                    + didYouMean(text.text, among: names))
            return .straight
        }
        if points.count > 8 || points.isEmpty {
            document.report(node, "a curve must have one to eight points, not \(points.count)")
        }
        var result: [(input: Float, output: Float)] = []
        for point in points {
            let pair = document.list(point, "a point")
            guard pair.count == 2, let played = document.integer(pair[0], "the input velocity", 0...127),
                let heard = document.integer(pair[1], "the output velocity", 1...127)
            else {
                if pair.count != 2 {
                    document.report(
                        point, "a point must be [input velocity, output velocity], as in [64, 90]")
                }
                continue
            }
            let normalized = { (value: Int) in NormalizedValue.fraction(NormalizedValue.scaled(UInt8(value)))
            }
            if let last = result.last, normalized(played) <= last.input {
                document.report(
                    point,
                    "input velocities must ascend, but \(played) is not greater than that of the point before"
                )
            }
            result.append((normalized(played), normalized(heard)))
        }
        return VelocityCurve(result)
    }

    private mutating func sustain(_ node: Node, _ rule: inout KeyboardRule) {
        for (key, value) in document.pairs(node, "sustain") {
            switch key.text {
            case "half": rule.hasHalfPedal = document.flag(value, "half") ?? false
            case "polarity": rule.polarity = document.word(value, "polarity") ?? .normal
            default: document.reportUnknown(key, among: Self.sustainWords, in: "sustain")
            }
        }
    }

    private mutating func zones(_ node: Node, _ rule: inout KeyboardRule) {
        for (key, value) in document.pairs(node, "mpe") {
            switch key.text {
            case "lower": rule.lowerMembers = UInt8(document.integer(value, "lower", 1...15) ?? 0)
            case "upper": rule.upperMembers = UInt8(document.integer(value, "upper", 1...15) ?? 0)
            default: document.reportUnknown(key, among: Self.zoneWords, in: "mpe")
            }
        }
        if rule.lowerMembers > 0, rule.upperMembers > 0, rule.lowerMembers + rule.upperMembers > 14 {
            document.report(
                node,
                "two MPE zones have at most 14 member channels together, "
                    + "not \(rule.lowerMembers + rule.upperMembers)"
            )
        }
    }

    // MARK: Controls

    /// A control; nil, with a diagnostic, if it has no valid input or target. `takeover` is the mapping's
    /// default.
    private mutating func control(_ node: Node, _ takeover: Mapping.Takeover) -> Mapping.Control? {
        var inputs: [(word: Patch.Text, input: Mapping.Input)] = []
        var hasInputKey = false
        var control = Mapping.Control(.pressure, to: .tempo, takeover: takeover)
        var target: Mapping.Target?
        for (key, value) in document.pairs(node, "a control") {
            if Self.inputs.contains(key.text) {
                hasInputKey = true
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
            default: document.reportUnknown(key, among: Self.controlWords, in: "a control")
            }
        }
        if inputs.count > 1 {
            document.report(
                inputs[1].word.place,
                "a control has one input, not both '\(inputs[0].word.text)' "
                    + "and '\(inputs[1].word.text)'; remove one"
            )
        }
        guard let input = inputs.first?.input else {
            if !hasInputKey, node.mapping != nil {
                document.report(node, "this control has no input; add cc, nrpn, rpn, note, pressure or bend")
            }
            return nil
        }
        guard let target else {
            if document.diagnostics.last.map({ $0.line != document.place(node).line }) ?? true {
                document.report(node, "this control has no target; add it, for example to: macro 1")
            }
            return nil
        }
        control.input = input
        control.target = target
        if target == .tempo {
            do throws(ParamError) { _ = try control.tempi() } catch {
                document.report(node, "tempo: \(error)")
            }
        }
        let place = document.place(node)
        control.location = "\(file):\(place.line):\(place.column)"
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
                document.report(value, "\(key.text) must be 'any', not '\(word.text)'")
            }
            return key.text == "bend" ? .bend : .pressure
        }
    }

    /// A controller number, or a pair of them for a 14-bit controller. Controllers with a meaning of their
    /// own are reported.
    private mutating func controller(_ node: Node) -> Mapping.Input? {
        if case .sequence(let pair) = node {
            guard pair.count == 2 else {
                document.report(
                    node, "a 14-bit controller must be two numbers, [coarse, fine], as in [20, 52]")
                return nil
            }
            guard let coarse = document.integer(pair[0], "the coarse controller", 0...127),
                let fine = document.integer(pair[1], "the fine controller", 0...127)
            else { return nil }
            if coarse == fine {
                document.report(node, "the coarse and the fine controller must be different")
            }
            return .controlPair(coarse, fine)
        }
        guard let number = document.integer(node, "cc", 0...127) else { return nil }
        switch number {
        case 0, 32:
            document.report(node, "cc \(number) is bank select and cannot be mapped")
        case 88, 98...101:
            document.report(
                node,
                "cc \(number) is part of another message (velocity or parameter number) and cannot be mapped")
        case 120...127: document.report(node, "cc \(number) is a channel mode message and cannot be mapped")
        default: break
        }
        return .control(number)
    }

    private mutating func target(_ node: Node) -> Mapping.Target? {
        guard let text = document.text(node, "to") else { return nil }
        if let target = Mapping.Target(text.text, isWord: document.isWord) { return target }
        let isTarget = { [document] in Mapping.Target($0, isWord: document.isWord) != nil }
        if let message = FormerName.message(target: text.text, isTarget: isTarget) {
            document.report(node, message)
            return nil
        }
        let all = Mapping.Target.words
        let near = didYouMean(text.text, among: all)
        document.report(
            node,
            "unknown target '\(text.text)'"
                + (near.isEmpty
                    ? "; write a macro (macro 1 … macro 8), a role (brightness), "
                        + "patch/module.parameter or an action (next entry)"
                    : near))
        return nil
    }
}
