import KairosControl
import KairosDSP
import KairosPatch
import Yams

/// Reads the YAML document of a session, and collects its faults.
struct SessionReader {
    var document: Document
    let file: String

    init(file: String) {
        self.file = file
        document = Document(file: file, version: SessionFile.version)
    }

    /// The keys of a session.
    static let words = [
        "saved", "setlist", "patches", "entry", "tempo", "master", "channels", "keptMacros", "scale",
        "tunings", "values", "edits",
    ]
    /// The keys of a channel.
    static let channelWords = [
        "channel", "volume", "pan", "bendRange", "fineTuning", "coarseTuning", "tuningProgram", "octave",
    ]
    /// The keys of the other mappings.
    static let entryWords = ["name", "bank", "program"]
    static let masterWords = ["volume", "balance", "fineTuning", "coarseTuning"]
    static let scaleWords = ["name", "pitches"]
    static let tuningWords = ["program", "keys"]
    static let layerWords = ["layer", "patch", "set"]
    static let editWords = ["file", "base", "patch"]

    /// Reads a session from the text of a file.
    mutating func session(_ text: String) -> SavedSession {
        var session = SavedSession()
        guard let pairs = document.open(text) else { return session }
        for pair in pairs {
            guard let key = document.key(pair.key) else { continue }
            let value = pair.value
            switch key.text {
            case "saved": session.saved = document.text(value, "saved")?.text ?? ""
            case "setlist": session.owner.setList = document.text(value, "setlist")?.text
            case "patches": session.owner.folder = document.text(value, "patches")?.text
            case "entry": session.entry = entry(value)
            case "tempo": session.settings.tempo = document.number(value, "tempo", .none, 20...400) ?? 120
            case "master": master(value, &session.settings)
            case "channels": channels(value, &session.settings)
            case "keptMacros": session.keptMacros = keptMacros(value)
            case "scale": session.scale = scale(value)
            case "tunings": session.settings.tunings = tunings(value)
            case "values": session.layers = document.list(value, "values").compactMap { layer($0) }
            case "edits": session.edits = document.list(value, "edits").compactMap { edit($0) }
            default: document.reportUnknown(key, among: Self.words, in: "a session")
            }
        }
        return session
    }

    private mutating func entry(_ node: Node) -> SavedSession.Entry? {
        var name: Patch.Text?, bank = 0, program: Int?
        for (key, value) in document.pairs(node, "entry") {
            switch key.text {
            case "name": name = document.text(value, "name")
            case "bank": bank = document.integer(value, "bank", 0...16_383) ?? 0
            case "program": program = document.integer(value, "program", 0...127)
            default: document.reportUnknown(key, among: Self.entryWords, in: "entry")
            }
        }
        guard let name else {
            document.report(node, "the entry has no name; add 'name: …'")
            return nil
        }
        return SavedSession.Entry(name: name, number: program.map { bank * 128 + $0 })
    }

    private mutating func master(_ node: Node, _ settings: inout LiveSettings) {
        for (key, value) in document.pairs(node, "master") {
            switch key.text {
            case "volume": settings.volume = document.number(value, "volume", .ratio, 0...1) ?? 1
            case "balance": settings.balance = document.number(value, "balance", .ratio, 0...1) ?? 0.5
            case "fineTuning":
                settings.fineTuning = document.number(value, "fineTuning", .semitones, -1...1) ?? 0
            case "coarseTuning":
                settings.coarseTuning = document.number(value, "coarseTuning", .semitones, -64...64) ?? 0
            default:
                document.reportUnknown(key, among: Self.masterWords, in: "master")
            }
        }
    }

    private mutating func channels(_ node: Node, _ settings: inout LiveSettings) {
        for node in document.list(node, "channels") {
            var index: Int?, channel = LiveSettings.Channel()
            for (key, value) in document.pairs(node, "a channel") {
                switch key.text {
                case "channel":
                    if value.string == "any" {
                        index = 16
                    } else {
                        index = document.integer(value, "channel", 1...16).map { $0 - 1 }
                    }
                case "volume": channel.volume = document.number(value, "volume", .ratio, 0...1) ?? 1
                case "pan": channel.pan = document.number(value, "pan", .ratio, 0...1) ?? 0.5
                case "bendRange":
                    channel.bendRange = document.number(value, "bendRange", .semitones, 0...128)
                case "fineTuning":
                    channel.fineTuning = document.integer(value, "fineTuning", 0...16_383) ?? 8192
                case "coarseTuning":
                    channel.coarseTuning = document.integer(value, "coarseTuning", -64...63) ?? 0
                case "tuningProgram":
                    channel.tuningProgram = document.integer(value, "tuningProgram", 0...127) ?? 0
                case "octave":
                    let nodes = document.list(value, "octave")
                    if nodes.count != 12 {
                        document.report(value, "octave must have 12 values, not \(nodes.count)")
                    }
                    channel.octave = nodes.map {
                        document.number($0, "octave", .semitones, -64...64) ?? 0
                    }
                default: document.reportUnknown(key, among: Self.channelWords, in: "a channel")
                }
            }
            guard let index else {
                document.report(node, "the channel number is missing; add 'channel: …', 1 … 16 or any")
                continue
            }
            settings.channels[index] = channel
        }
    }

    private mutating func keptMacros(_ node: Node) -> [SavedSession.KeptMacro] {
        guard case .mapping(let mapping) = node else {
            document.report(node, "keptMacros must be a mapping: lines of the form 'macro: value'")
            return []
        }
        return mapping.compactMap { pair in
            guard let name = document.text(pair.key, "a macro's name"),
                let normalized = document.number(pair.value, "'\(name.text)'", .ratio, 0...1)
            else { return nil }
            return SavedSession.KeptMacro(name: name, normalized: normalized)
        }
    }

    private mutating func scale(_ node: Node) -> Tuning? {
        var name = "", pitches: [Double?] = []
        for (key, value) in document.pairs(node, "scale") {
            switch key.text {
            case "name": name = document.text(value, "name")?.text ?? ""
            case "pitches":
                for node in document.list(value, "pitches") {
                    guard let text = document.text(node, "a pitch") else { continue }
                    if text.text == "x" {
                        pitches.append(nil)
                        continue
                    }
                    let pitch = Double(text.text) ?? .infinity
                    if !(pitch.magnitude <= 1000) {
                        document.report(
                            node,
                            "a pitch must be a number of semitones, 69 for 440 Hz, "
                                + "or x for a silent key, not '\(text.text)'"
                        )
                    }
                    pitches.append(pitch)
                }
                if pitches.count != 128 {
                    document.report(
                        value, "a scale must have 128 pitches, one per key, not \(pitches.count)")
                }
            default: document.reportUnknown(key, among: Self.scaleWords, in: "scale")
            }
        }
        if pitches.isEmpty { document.report(node, "the scale has no pitches; add 'pitches: …'") }
        return pitches.count == 128 ? Tuning(name: name, pitches: pitches) : nil
    }

    private mutating func tunings(_ node: Node) -> [Int: [Int: Float]] {
        var tunings: [Int: [Int: Float]] = [:]
        for node in document.list(node, "tunings") {
            var program: Int?, keys: [Int: Float] = [:]
            for (key, value) in document.pairs(node, "a tuning") {
                switch key.text {
                case "program": program = document.integer(value, "program", 0...127)
                case "keys":
                    for pair in value.mapping.map(Array.init) ?? [] {
                        guard let key = document.integer(pair.key, "a key", 0...127) else { continue }
                        keys[key] = document.number(pair.value, "a pitch", .semitones, 0...128)
                    }
                    if value.mapping == nil {
                        document.report(value, "keys must be a mapping: lines of the form 'key: semitones'")
                    }
                default: document.reportUnknown(key, among: Self.tuningWords, in: "a tuning")
                }
            }
            guard let program else {
                document.report(node, "the tuning program is missing; add 'program: …', 0 … 127")
                continue
            }
            tunings[program] = keys
        }
        return tunings
    }

    private mutating func layer(_ node: Node) -> SavedSession.Layer? {
        var index: Int?, patch: Patch.Text?, values: [SetList.Value] = []
        for (key, value) in document.pairs(node, "values of a layer") {
            switch key.text {
            case "layer":
                index =
                    value.string == "master" ? 16 : document.integer(value, "layer", 1...16).map { $0 - 1 }
            case "patch": patch = document.text(value, "patch")
            case "set": values = document.values(value, "set")
            default: document.reportUnknown(key, among: Self.layerWords, in: "values of a layer")
            }
        }
        guard let index, let patch else {
            document.report(
                node,
                "values need a layer and its patch; add them, for example layer: 1, patch: slow-tide")
            return nil
        }
        return SavedSession.Layer(layer: index, patch: patch, values: values)
    }

    private mutating func edit(_ node: Node) -> SavedSession.Edit? {
        var file: Patch.Text?, base = "", patch: Patch?
        for (key, value) in document.pairs(node, "an edit") {
            switch key.text {
            case "file": file = document.text(value, "file")
            case "base": base = document.text(value, "base")?.text ?? ""
            case "patch": patch = self.patch(value)
            default: document.reportUnknown(key, among: Self.editWords, in: "an edit")
            }
        }
        guard let file, let patch else {
            document.report(node, "an edit needs 'file: …' and 'patch: …'")
            return nil
        }
        return SavedSession.Edit(file: file, base: base, patch: patch)
    }

    /// The contents of a patch file, nested in the session.
    private mutating func patch(_ node: Node) -> Patch? {
        guard case .mapping(let mapping) = node, let first = mapping.first, first.key.string == "kairos",
            first.value.string == PatchFile.version
        else {
            document.report(node, "expected a patch that begins with 'kairos: \(PatchFile.version)'")
            return nil
        }
        var reader = PatchReader(file: file)
        reader.document = document
        let patch = reader.patch(mapping.dropFirst().map { (key: $0.key, value: $0.value) })
        document = reader.document
        return patch
    }
}
