import KairosControl
import KairosDSP

/// Everything that an engine can be asked to play: entries, the sounds they are made of, the master effects.
public struct Rig: Sendable {
    /// An entry, looked up.
    public struct Entry: Sendable {
        /// What the player reads.
        public var name: String
        /// Bank × 128 + program, or nil when no program change reaches it.
        public var number: Int?
        /// Up to 16.
        public var layers: [Layer] = []
        /// When it takes over.
        public var switching = SetList.Switching.now
        /// What becomes of its sound when another entry takes over.
        public var tail = SetList.Tail.ring
        /// Where its macros are when it takes over.
        public var values = SetList.Values.saved
        /// Which of the names that stay keep their place here: bit n is name n.
        public var keptMacros: UInt16 = 0
        /// Why it cannot be played, or nil.
        public var fault: String?

        /// An entry called `name`.
        public init(name: String, number: Int? = nil, layers: [Layer] = []) {
            self.name = name
            self.number = number
            self.layers = layers
        }
    }

    /// A sound with what it answers.
    public struct Layer: Sendable, Equatable {
        /// Its place among the sounds.
        public var sound: Int
        /// What it answers, and how loud.
        public var rule = LayerRule()

        /// A layer that answers everything.
        public init(sound: Int, rule: LayerRule = LayerRule()) {
            self.sound = sound
            self.rule = rule
        }
    }

    /// What the standby pool holds.
    public var sounds: [Sound] = []
    /// In the order of next and previous.
    public var entries: [Entry] = []
    /// Entries that are in no list any more and may play yet: their places go on after the last of `entries`.
    public internal(set) var gone: [Gone] = []
    /// The place of the master effects among the sounds, or nil.
    public var master: Int?
    /// Controls that are no parameter: next, previous, panic, an entry by name, the tempo.
    public var actions: [ControlTable.Row] = []
    /// Beats in a bar.
    public var meter = 4

    /// An entry that is gone from the list.
    public struct Gone: Sendable {
        /// What it was.
        public var entry: Entry
        /// The entries after and before its place in the list.
        var next: Int
        var previous: Int
    }

    /// An entry by its place, whether it is in the list yet or not; nil where there is none.
    public func entry(at place: Int) -> Entry? {
        if entries.indices.contains(place) { return entries[place] }
        return gone.indices.contains(place - entries.count) ? gone[place - entries.count].entry : nil
    }

    /// Names that are numbered where they stay over a change.
    var keptMacros: [String] { sounds.first?.keptMacros ?? [] }

    /// Nothing to play.
    public init() {}

    /// What the controls belong to, and how the keyboards are read.
    public var mappings: [Mapping] { sounds.first?.mappings ?? [] }

    /// Each sound is an entry of its own, with its patch's number.
    public init(_ sounds: [Sound]) {
        self.sounds = sounds
        entries = sounds.enumerated().map { index, sound in
            Entry(name: sound.header.name, number: sound.number, layers: [Layer(sound: index)])
        }
        actions = actionRows(mappings).rows
    }

    /// Whether any entry waits for a beat.
    public var followsClock: Bool { entries.contains { $0.switching == .beat || $0.switching == .bar } }

    /// The place of an entry by its name or its patch's file name, or nil.
    public func entry(named name: String) -> Int? {
        let lower = name.lowercased()
        return entries.firstIndex { $0.name == name } ?? entries.firstIndex { $0.name.lowercased() == lower }
            ?? PatchNames.find(
                name,
                in: entries.map { entry in
                    entry.layers.count == 1
                        ? sounds[entry.layers[0].sound].header.names : PatchNames(file: "", name: entry.name)
                })
    }
}

extension SetList {
    /// Looks everything up. What cannot be played is an entry with its `fault`, and stops no other.
    ///
    /// `broken` has the files, by their names, of patches that the list may name and that cannot be read.
    public func rig(
        _ patches: [CompiledPatch], unreadable: [String: String] = [:], mappings: [Mapping] = []
    ) -> (rig: Rig, faults: [String]) {
        rig(of: patches.map(PatchSource.init), unreadable: unreadable, mappings: mappings)
    }

    /// The same of patches that need not be read yet. Only those that the list names are.
    public func rig(
        of patches: [PatchSource], unreadable: [String: String] = [:], mappings: [Mapping] = []
    ) -> (rig: Rig, faults: [String]) {
        var builder = RigBuilder(list: self, patches: patches, unreadable: unreadable, mappings: mappings)
        builder.build()
        return (builder.result, builder.faults)
    }
}

private struct RigBuilder {
    let list: SetList
    let patches: [PatchSource]
    let unreadable: [String: String]
    let mappings: [Mapping]
    var result = Rig()
    var faults: [String] = []
    private var names: [String] = []
    private var made: [Made] = []

    /// A sound that several layers may share.
    private struct Made {
        var patch: Int
        var values: [SetList.Value]
        var sound: Int
    }

    init(list: SetList, patches: [PatchSource], unreadable: [String: String], mappings: [Mapping]) {
        self.list = list
        self.patches = patches
        self.unreadable = unreadable
        self.mappings = mappings
    }

    private mutating func fault(_ place: Patch.Place, _ message: String) -> String {
        let text = "\(list.file.isEmpty ? list.name : list.file):\(place.line):\(place.column): \(message)"
        faults.append(text)
        return text
    }

    mutating func build() {
        result.meter = list.meter
        names = []
        for name in list.keptMacros + list.entries.flatMap({ $0.keptMacros ?? [] })
        where !names.contains(name.text) {
            if names.count == 16 { _ = fault(name.place, "sixteen macros can stay, and this is one more") }
            if names.count < 16 { names.append(name.text) }
        }
        for entry in list.entries { result.entries.append(self.entry(entry)) }
        if let master = list.master, case .success(let index) = patch(master, master: true) {
            result.master = sound(index, [])
        }
        let actions = result.actionRows(mappings)
        result.actions = actions.rows
        faults += actions.faults
        checkKeptMacros()
    }

    private mutating func entry(_ entry: SetList.Entry) -> Rig.Entry {
        var found = Rig.Entry(
            name: entry.name.text, number: entry.program.map { entry.bank * 128 + $0 })
        found.switching = entry.switching
        found.tail = entry.tail
        found.values = entry.values
        for name in entry.keptMacros ?? list.keptMacros {
            if let bit = names.firstIndex(of: name.text) { found.keptMacros |= 1 << UInt16(bit) }
        }
        for layer in entry.layers {
            switch patch(layer.patch, master: false) {
            case .failure(let why): found.fault = found.fault ?? why.text
            case .success(let index):
                guard let sound = sound(index, layer.values) else {
                    found.fault = found.fault ?? faults.last
                    continue
                }
                found.layers.append(Rig.Layer(sound: sound, rule: rule(layer)))
            }
        }
        if found.fault != nil { found.layers = [] }
        return found
    }

    private struct Why: Error { var text: String }

    private mutating func patch(_ name: Patch.Text, master: Bool) -> Result<Int, Why> {
        guard let index = PatchNames.find(name.text, in: patches.lazy.map(\.header.names)) else {
            if let why = unreadable.first(where: { $0.key.lowercased() == name.text.lowercased() })?.value {
                return .failure(Why(text: cannotPlay(name, why)))
            }
            let all = patches.map(\.header.names.stem) + patches.map(\.header.name)
            return .failure(
                Why(
                    text: fault(
                        name.place, "there is no patch '\(name.text)'" + didYouMean(name.text, among: all))))
        }
        if patches[index].fault != nil {
            return .failure(Why(text: cannotPlay(name, patches[index].header.file)))
        }
        if patches[index].header.isMaster != master {
            let message =
                master
                ? "'\(name.text)' listens to no 'input', so the parts cannot feed it"
                : "'\(name.text)' is for master effects: it listens to 'input' and not to keys"
            return .failure(Why(text: fault(name.place, message)))
        }
        return .success(index)
    }

    private mutating func cannotPlay(_ name: Patch.Text, _ file: String) -> String {
        fault(name.place, "the patch '\(name.text)' cannot be played" + (file.isEmpty ? "" : ": see \(file)"))
    }

    private mutating func sound(_ patch: Int, _ values: [SetList.Value]) -> Int? {
        if let same = made.first(where: { $0.patch == patch && $0.values == values }) { return same.sound }
        var compiled = patches[patch].compiled
        for value in values {
            do { try compiled.set(value.macro.text, to: value.value.text) } catch {
                _ = fault(value.macro.place, "\(error)")
                return nil
            }
        }
        result.sounds.append(Sound(compiled, mappings: mappings, keptMacros: names, values: values))
        made.append(Made(patch: patch, values: values, sound: result.sounds.count - 1))
        return result.sounds.count - 1
    }

    private func rule(_ layer: SetList.Layer) -> LayerRule {
        var rule = LayerRule()
        rule.lowKey = layer.keys.lowerBound
        rule.highKey = layer.keys.upperBound
        rule.lowVelocity = layer.velocities.lowerBound
        rule.highVelocity = layer.velocities.upperBound
        rule.fade = layer.fade
        rule.channel = layer.channel ?? 255
        rule.transpose = Float(layer.transpose)
        rule.left = layer.level * min(1, 1 - layer.pan)
        rule.right = layer.level * min(1, 1 + layer.pan)
        return rule
    }

    /// A name that stays and that no patch has is a slip of the pen.
    private mutating func checkKeptMacros() {
        let known = Set(result.sounds.flatMap { $0.compiled.patch.macros.map(\.name.text) })
        for name in list.keptMacros + list.entries.flatMap({ $0.keptMacros ?? [] })
        where !known.contains(name.text) {
            _ = fault(
                name.place,
                "no patch of this list has a macro '\(name.text)'"
                    + didYouMean(name.text, among: Array(known))
            )
        }
    }
}
