import KairosControl
import KairosDSP

/// Everything that an engine can be asked to play: entries, the sounds they are made of, the rack.
public struct Repertoire: Sendable {
    /// An entry, looked up.
    public struct Entry: Sendable {
        /// What the player reads.
        public var name: String
        /// Bank × 128 + program, or nil when no program change reaches it.
        public var number: Int?
        /// Up to 16.
        public var parts: [Part] = []
        /// When it takes over.
        public var switching = SetList.Switching.now
        /// What becomes of its sound when another entry takes over.
        public var tail = SetList.Tail.ring
        /// Where its macros are when it takes over.
        public var values = SetList.Values.saved
        /// Which of the names that stay keep their place here: bit n is name n.
        public var stays: UInt16 = 0
        /// Why it cannot be played, or nil.
        public var fault: String?

        /// An entry called `name`.
        public init(name: String, number: Int? = nil, parts: [Part] = []) {
            self.name = name
            self.number = number
            self.parts = parts
        }
    }

    /// A sound with what it answers.
    public struct Part: Sendable, Equatable {
        /// Its place among the sounds.
        public var sound: Int
        /// What it answers, and how loud.
        public var rule = PartRule()

        /// A part that answers everything.
        public init(sound: Int, rule: PartRule = PartRule()) {
            self.sound = sound
            self.rule = rule
        }
    }

    /// What the shelf holds.
    public var sounds: [Sound] = []
    /// In the order of next and previous.
    public var entries: [Entry] = []
    /// Entries that are in no list any more and may play yet: their places go on after the last of `entries`.
    public internal(set) var gone: [Gone] = []
    /// The place of the rack among the sounds, or nil.
    public var rack: Int?
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
    var stays: [String] { sounds.first?.stays ?? [] }

    /// Nothing to play.
    public init() {}

    /// What the controls belong to, and how the keyboards are read.
    public var mappings: [Mapping] { sounds.first?.mappings ?? [] }

    /// Each sound is an entry of its own, with its patch's number.
    public init(_ sounds: [Sound]) {
        self.sounds = sounds
        entries = sounds.enumerated().map { index, sound in
            Entry(name: sound.header.name, number: sound.number, parts: [Part(sound: index)])
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
                    entry.parts.count == 1
                        ? sounds[entry.parts[0].sound].header.names : PatchNames(file: "", name: entry.name)
                })
    }
}

extension SetList {
    /// Looks everything up. What cannot be played is an entry with its `fault`, and stops no other.
    ///
    /// `broken` has the files, by their names, of patches that the list may name and that cannot be read.
    public func repertoire(
        _ patches: [CompiledPatch], broken: [String: String] = [:], mappings: [Mapping] = []
    ) -> (repertoire: Repertoire, faults: [String]) {
        repertoire(of: patches.map(PatchSource.init), broken: broken, mappings: mappings)
    }

    /// The same of patches that need not be read yet. Only those that the list names are.
    public func repertoire(
        of patches: [PatchSource], broken: [String: String] = [:], mappings: [Mapping] = []
    ) -> (repertoire: Repertoire, faults: [String]) {
        var builder = RepertoireBuilder(list: self, patches: patches, broken: broken, mappings: mappings)
        builder.build()
        return (builder.result, builder.faults)
    }
}

private struct RepertoireBuilder {
    let list: SetList
    let patches: [PatchSource]
    let broken: [String: String]
    let mappings: [Mapping]
    var result = Repertoire()
    var faults: [String] = []
    private var names: [String] = []
    private var made: [Made] = []

    /// A sound that several parts may share.
    private struct Made {
        var patch: Int
        var values: [SetList.Value]
        var sound: Int
    }

    init(list: SetList, patches: [PatchSource], broken: [String: String], mappings: [Mapping]) {
        self.list = list
        self.patches = patches
        self.broken = broken
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
        for name in list.stays + list.entries.flatMap({ $0.stays ?? [] }) where !names.contains(name.text) {
            if names.count == 16 { _ = fault(name.place, "sixteen macros can stay, and this is one more") }
            if names.count < 16 { names.append(name.text) }
        }
        for entry in list.entries { result.entries.append(self.entry(entry)) }
        if let rack = list.rack, case .success(let index) = patch(rack, rack: true) {
            result.rack = sound(index, [])
        }
        let actions = result.actionRows(mappings)
        result.actions = actions.rows
        faults += actions.faults
        checkStays()
    }

    private mutating func entry(_ entry: SetList.Entry) -> Repertoire.Entry {
        var found = Repertoire.Entry(
            name: entry.name.text, number: entry.program.map { entry.bank * 128 + $0 })
        found.switching = entry.switching
        found.tail = entry.tail
        found.values = entry.values
        for name in entry.stays ?? list.stays {
            if let bit = names.firstIndex(of: name.text) { found.stays |= 1 << UInt16(bit) }
        }
        for part in entry.parts {
            switch patch(part.patch, rack: false) {
            case .failure(let why): found.fault = found.fault ?? why.text
            case .success(let index):
                guard let sound = sound(index, part.values) else {
                    found.fault = found.fault ?? faults.last
                    continue
                }
                found.parts.append(Repertoire.Part(sound: sound, rule: rule(part)))
            }
        }
        if found.fault != nil { found.parts = [] }
        return found
    }

    private struct Why: Error { var text: String }

    private mutating func patch(_ name: Patch.Text, rack: Bool) -> Result<Int, Why> {
        guard let index = PatchNames.find(name.text, in: patches.lazy.map(\.header.names)) else {
            if let why = broken.first(where: { $0.key.lowercased() == name.text.lowercased() })?.value {
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
        if patches[index].header.isRack != rack {
            let message =
                rack
                ? "'\(name.text)' listens to no 'input', so the parts cannot feed it"
                : "'\(name.text)' is a rack: it listens to 'input' and not to keys"
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
        result.sounds.append(Sound(compiled, mappings: mappings, stays: names, values: values))
        made.append(Made(patch: patch, values: values, sound: result.sounds.count - 1))
        return result.sounds.count - 1
    }

    private func rule(_ part: SetList.Part) -> PartRule {
        var rule = PartRule()
        rule.lowKey = part.keys.lowerBound
        rule.highKey = part.keys.upperBound
        rule.lowVelocity = part.velocities.lowerBound
        rule.highVelocity = part.velocities.upperBound
        rule.fade = part.fade
        rule.channel = part.channel ?? 255
        rule.transpose = Float(part.transpose)
        rule.left = part.level * min(1, 1 - part.pan)
        rule.right = part.level * min(1, 1 + part.pan)
        return rule
    }

    /// A name that stays and that no patch has is a slip of the pen.
    private mutating func checkStays() {
        let known = Set(result.sounds.flatMap { $0.compiled.patch.macros.map(\.name.text) })
        for name in list.stays + list.entries.flatMap({ $0.stays ?? [] }) where !known.contains(name.text) {
            _ = fault(
                name.place,
                "no patch of this list has a macro '\(name.text)'"
                    + didYouMean(name.text, among: Array(known))
            )
        }
    }
}
