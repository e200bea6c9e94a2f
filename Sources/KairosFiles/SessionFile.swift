import Glibc
import KairosControl
import KairosDSP
import KairosEngine
import Yams

/// States: `kairos: session/1`.
public enum SessionFile {
    static let version = "session/1"
    /// The largest state that is read: 16 MiB.
    static let limit = 1 << 24

    /// Reads a state. Throws ``Diagnostics``: every fault of the file's form at once.
    ///
    /// Names are looked up later, with the places kept here: see ``SessionPlan``.
    public static func read(path: String) throws(Diagnostics) -> SavedSession {
        try parse(try TextFile.read(path, .session, limit: limit), file: path)
    }

    /// Whether something stands at `path` that no instrument has kept its state in, and that must not be written over:
    /// a file that has anything in it and does not begin as a state does.
    public static func isForeign(path: String) -> Bool {
        var about = stat()
        guard stat(path, &about) == 0 else { return false }
        if about.st_mode & S_IFMT == S_IFREG, about.st_size == 0 || access(path, R_OK) != 0 { return false }
        guard let text = try? TextFile.read(path, .session, limit: limit) else { return true }
        return FileKind(text: text) != .session
    }

    /// Parses a state; `file` is what diagnostics call it.
    public static func parse(_ text: String, file: String) throws(Diagnostics) -> SavedSession {
        var reader = StateReader(file: file)
        let state = reader.state(text)
        guard reader.document.diagnostics.isEmpty else { throw Diagnostics(reader.document.diagnostics) }
        return state
    }
}

private struct StateReader {
    var document: Document
    let file: String

    init(file: String) {
        self.file = file
        document = Document(file: file, version: SessionFile.version)
    }

    static let words = [
        "saved", "setlist", "patches", "entry", "tempo", "master", "channels", "keptMacros", "scale",
        "tunings",
        "values", "edits",
    ]
    static let channelWords = [
        "channel", "volume", "pan", "bendRange", "fineTuning", "coarseTuning", "tuningProgram", "octave",
    ]

    mutating func state(_ text: String) -> SavedSession {
        var state = SavedSession()
        guard let pairs = document.open(text) else { return state }
        for pair in pairs {
            guard let key = document.key(pair.key) else { continue }
            let value = pair.value
            switch key.text {
            case "saved": state.saved = document.text(value, "saved")?.text ?? ""
            case "setlist": state.owner.setList = document.text(value, "setlist")?.text
            case "patches": state.owner.folder = document.text(value, "patches")?.text
            case "entry": state.entry = entry(value)
            case "tempo": state.settings.tempo = document.number(value, "tempo", .none, 20...400) ?? 120
            case "master": master(value, &state.settings)
            case "channels": channels(value, &state.settings)
            case "keptMacros": state.keptMacros = keptMacros(value)
            case "scale": state.scale = scale(value)
            case "tunings": state.settings.tunings = tunings(value)
            case "values": state.layers = document.list(value, "values").compactMap { layer($0) }
            case "edits": state.edits = document.list(value, "edits").compactMap { edit($0) }
            default: document.unknown(key, among: Self.words, in: "a state")
            }
        }
        return state
    }

    private mutating func entry(_ node: Node) -> SavedSession.Entry? {
        var name: Patch.Text?, bank = 0, program: Int?
        for (key, value) in document.pairs(node, "entry") {
            switch key.text {
            case "name": name = document.text(value, "name")
            case "bank": bank = document.integer(value, "bank", 0...16_383) ?? 0
            case "program": program = document.integer(value, "program", 0...127)
            default: document.unknown(key, among: ["name", "bank", "program"], in: "entry")
            }
        }
        guard let name else {
            document.fault(node, "the entry has no name")
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
                document.unknown(
                    key, among: ["volume", "balance", "fineTuning", "coarseTuning"], in: "master")
            }
        }
    }

    private mutating func channels(_ node: Node, _ settings: inout LiveSettings) {
        for node in document.list(node, "channels") {
            var place: Int?, channel = LiveSettings.Channel()
            for (key, value) in document.pairs(node, "a channel") {
                switch key.text {
                case "channel":
                    if value.string == "any" {
                        place = 16
                    } else {
                        place = document.integer(value, "channel", 1...16).map { $0 - 1 }
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
                        document.fault(value, "an octave has 12 values, and these are \(nodes.count)")
                    }
                    channel.octave = nodes.map {
                        document.number($0, "octave", .semitones, -64...64) ?? 0
                    }
                default: document.unknown(key, among: Self.channelWords, in: "a channel")
                }
            }
            guard let place else {
                document.fault(node, "this says no channel: 1 … 16 or any")
                continue
            }
            settings.channels[place] = channel
        }
    }

    private mutating func keptMacros(_ node: Node) -> [SavedSession.KeptMacro] {
        guard case .mapping(let mapping) = node else {
            document.fault(node, "keptMacros should be a mapping of lines 'macro: position'")
            return []
        }
        return mapping.compactMap { pair in
            guard let name = document.text(pair.key, "a macro's name"),
                let position = document.number(pair.value, "'\(name.text)'", .ratio, 0...1)
            else { return nil }
            return SavedSession.KeptMacro(name: name, position: position)
        }
    }

    private mutating func scale(_ node: Node) -> Tuning? {
        var name = "", pitches: [Double] = []
        for (key, value) in document.pairs(node, "scale") {
            switch key.text {
            case "name": name = document.text(value, "name")?.text ?? ""
            case "pitches":
                for node in document.list(value, "pitches") {
                    guard let text = document.text(node, "a pitch") else { continue }
                    let pitch = text.text == "x" ? .nan : Double(text.text)
                    if pitch == nil || pitch?.isInfinite == true || (pitch?.magnitude ?? 0) > 1000 {
                        document.fault(
                            node,
                            "a pitch is a number of semitones, 69 for 440 Hz, or x for a silent key, and this is '\(text.text)'"
                        )
                    }
                    pitches.append(pitch ?? 0)
                }
                if pitches.count != 128 {
                    document.fault(
                        value, "a scale has a pitch for each of 128 keys, and these are \(pitches.count)")
                }
            default: document.unknown(key, among: ["name", "pitches"], in: "scale")
            }
        }
        if pitches.isEmpty { document.fault(node, "the scale has no pitches") }
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
                        document.fault(value, "keys should be a mapping of lines 'key: semitones'")
                    }
                default: document.unknown(key, among: ["program", "keys"], in: "a tuning")
                }
            }
            guard let program else {
                document.fault(node, "this says no program: 0 … 127")
                continue
            }
            tunings[program] = keys
        }
        return tunings
    }

    private mutating func layer(_ node: Node) -> SavedSession.Layer? {
        var place: Int?, patch: Patch.Text?, values: [SetList.Value] = []
        for (key, value) in document.pairs(node, "values of a layer") {
            switch key.text {
            case "layer":
                place =
                    value.string == "master" ? 16 : document.integer(value, "layer", 1...16).map { $0 - 1 }
            case "patch": patch = document.text(value, "patch")
            case "set": values = document.values(value, "set")
            default: document.unknown(key, among: ["layer", "patch", "set"], in: "values of a layer")
            }
        }
        guard let place, let patch else {
            document.fault(node, "values belong to a layer and its patch: say layer: 1, patch: slow-tide")
            return nil
        }
        return SavedSession.Layer(layer: place, patch: patch, values: values)
    }

    private mutating func edit(_ node: Node) -> SavedSession.Edit? {
        var file: Patch.Text?, base = "", patch: Patch?
        for (key, value) in document.pairs(node, "an edit") {
            switch key.text {
            case "file": file = document.text(value, "file")
            case "base": base = document.text(value, "base")?.text ?? ""
            case "patch": patch = self.patch(value)
            default: document.unknown(key, among: ["file", "base", "patch"], in: "an edit")
            }
        }
        guard let file, let patch else {
            document.fault(node, "an edit says its file and its patch")
            return nil
        }
        return SavedSession.Edit(file: file, base: base, patch: patch)
    }

    /// A whole patch file, indented.
    private mutating func patch(_ node: Node) -> Patch? {
        guard case .mapping(let mapping) = node, let first = mapping.first, first.key.string == "kairos",
            first.value.string == PatchFile.version
        else {
            document.fault(node, "a patch was expected, that begins with 'kairos: \(PatchFile.version)'")
            return nil
        }
        var reader = PatchReader(file: file)
        reader.document = document
        let patch = reader.patch(mapping.dropFirst().map { (key: $0.key, value: $0.value) })
        document = reader.document
        return patch
    }
}

extension Document {
    /// Lines `module.parameter: value`.
    mutating func values(_ node: Node, _ what: String) -> [SetList.Value] {
        guard case .mapping(let mapping) = node else {
            fault(node, "\(what) should be a mapping of lines 'module.parameter: value'")
            return []
        }
        return mapping.compactMap { pair in
            guard let name = text(pair.key, "a parameter"), let value = text(pair.value, "'\(name.text)'")
            else { return nil }
            return SetList.Value(name, value)
        }
    }
}
