public import KairosControl
import KairosDSP
public import KairosPatch

/// Everything that an engine can play: entries, the sounds of their layers, and the master effects.
public struct Rig: Sendable {
    /// An entry of a set list with its names resolved.
    public struct Entry: Sendable {
        /// Name, shown to the player.
        public var name: String
        /// Bank × 128 + program; nil if no program change selects the entry.
        public var number: Int?
        /// Layers, 16 at most; empty if the entry has a `fault`.
        public var layers: [Layer] = []
        /// Time of the change to it.
        public var switching = SetList.Switching.now
        /// End of its sound after another entry has become active.
        public var tail = SetList.Tail.ring
        /// The values of its macros when it becomes active.
        public var values = SetList.Values.saved
        /// Macros that keep their value when this entry becomes active: bit n stands for name n of
        /// `Rig.keptMacros`.
        public var keptMacros: UInt16 = 0
        /// Reason why it cannot be played; nil if it can.
        public var fault: String?

        /// Creates an entry.
        public init(name: String, number: Int? = nil, layers: [Layer] = []) {
            self.name = name
            self.number = number
            self.layers = layers
        }
    }

    /// A layer: a sound and the notes it plays.
    public struct Layer: Sendable, Equatable {
        /// Index in ``Rig/sounds``.
        public var sound: Int
        /// Notes that it plays, with its transposition and gains.
        public var rule = LayerRule()

        /// Creates a layer, by default for all notes.
        public init(sound: Int, rule: LayerRule = LayerRule()) {
            self.sound = sound
            self.rule = rule
        }
    }

    /// The sounds that the standby pool keeps instances of. Layers with the same patch and values share one.
    public var sounds: [Sound] = []
    /// Entries, in the order of the actions next and previous.
    public var entries: [Entry] = []
    /// Entries that are no longer in the list but may still be playing. Their indices follow those of
    /// `entries`.
    public package(set) var gone: [Gone] = []
    /// Index of the master effects in `sounds`; nil for none.
    public var master: Int?
    /// Control table rows that belong to no patch: next, previous, panic, an entry by name, tempo.
    public var actions: [ControlTable.Row] = []
    /// Beats per bar.
    public var meter = 4

    /// An entry that has been removed from the list.
    public struct Gone: Sendable {
        /// The entry.
        public var entry: Entry
        /// Index of the entry that followed it in the list.
        package var next: Int
        /// Index of the entry that preceded it.
        package var previous: Int

        package init(entry: Entry, next: Int, previous: Int) {
            self.entry = entry
            self.next = next
            self.previous = previous
        }
    }

    /// The entry with this index, removed entries included; nil if there is none.
    public func entry(at place: Int) -> Entry? {
        if entries.indices.contains(place) { return entries[place] }
        return gone.indices.contains(place - entries.count) ? gone[place - entries.count].entry : nil
    }

    /// Names of macros that keep their value over a change, 16 at most. Their index is the bit in
    /// `Entry.keptMacros`.
    package var keptMacros: [String] { sounds.first?.keptMacros ?? [] }

    /// Creates an empty rig.
    public init() {}

    /// The mappings of all sounds: hardware controls, and how keyboards are read.
    public var mappings: [Mapping] { sounds.first?.mappings ?? [] }

    /// Creates a rig with one entry per sound, under its patch's name and number.
    public init(_ sounds: [Sound]) {
        self.sounds = sounds
        entries = sounds.enumerated().map { index, sound in
            Entry(name: sound.header.name, number: sound.number, layers: [Layer(sound: index)])
        }
        actions = actionRows(mappings).rows
    }

    /// The index of the entry called `name`, or, for an entry with one layer, whose patch is called so; nil
    /// if there is none. Case-insensitive, exact matches first.
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
    /// Resolves the set list's patches, values and macros. [loader, control]
    ///
    /// An entry that cannot be played gets a `fault` and does not affect others.
    ///
    /// - Parameter unreadable: Files of patches that have errors, by patch name; used in messages.
    ///
    /// - Returns: The rig, and a message (`file:line:column: message`) for each error.
    public func rig(
        _ patches: [CompiledPatch], unreadable: [String: String] = [:], mappings: [Mapping] = []
    ) -> (rig: Rig, faults: [String]) {
        rig(of: patches.map(PatchSource.init), unreadable: unreadable, mappings: mappings)
    }

    /// The same for patches that need not have been read. Only those that the list names are read.
    public func rig(
        of patches: [PatchSource], unreadable: [String: String] = [:], mappings: [Mapping] = []
    ) -> (rig: Rig, faults: [String]) {
        var builder = RigBuilder(list: self, patches: patches, unreadable: unreadable, mappings: mappings)
        builder.build()
        return (builder.result, builder.faults)
    }
}

/// Resolves a set list and collects errors.
private struct RigBuilder {
    let list: SetList
    let patches: [PatchSource]
    let unreadable: [String: String]
    let mappings: [Mapping]
    var result = Rig()
    var faults: [String] = []
    private var names: [String] = []
    private var built: [BuiltSound] = []

    /// A sound that several layers can share.
    private struct BuiltSound {
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

    /// Records an error and returns its text.
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
            if names.count == 16 {
                _ = fault(name.place, "a set list can keep up to sixteen macros, and this is the seventeenth")
            }
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

    /// Resolves an entry.
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

    /// The reason why an entry cannot be played, already recorded.
    private struct EntryFault: Error { var text: String }

    /// The index of the patch called `name`. With `master`, it must be for master effects, else it must not.
    private mutating func patch(_ name: Patch.Text, master: Bool) -> Result<Int, EntryFault> {
        guard let index = PatchNames.find(name.text, in: patches.lazy.map(\.header.names)) else {
            if let why = unreadable.first(where: { $0.key.lowercased() == name.text.lowercased() })?.value {
                return .failure(EntryFault(text: cannotPlay(name, why)))
            }
            let all = patches.map(\.header.names.stem) + patches.map(\.header.name)
            return .failure(
                EntryFault(
                    text: fault(
                        name.place, "there is no patch '\(name.text)'" + didYouMean(name.text, among: all))))
        }
        if patches[index].fault != nil {
            return .failure(EntryFault(text: cannotPlay(name, patches[index].header.file)))
        }
        if patches[index].header.isMaster != master {
            let message =
                master
                ? "'\(name.text)' has no 'input' module and cannot be used as master effects"
                : "'\(name.text)' is for master effects ('input' instead of 'keys'); name it under 'master:'"
            return .failure(EntryFault(text: fault(name.place, message)))
        }
        return .success(index)
    }

    private mutating func cannotPlay(_ name: Patch.Text, _ file: String) -> String {
        fault(name.place, "the patch '\(name.text)' cannot be played" + (file.isEmpty ? "" : ": see \(file)"))
    }

    /// The index of the sound with this patch and these values; nil, with an error, if a value is invalid.
    private mutating func sound(_ patch: Int, _ values: [SetList.Value]) -> Int? {
        if let same = built.first(where: { $0.patch == patch && $0.values == values }) { return same.sound }
        var compiled = patches[patch].compiled
        for value in values {
            do { try compiled.set(value.macro.text, to: value.value.text) } catch {
                _ = fault(value.macro.place, "\(error)")
                return nil
            }
        }
        result.sounds.append(Sound(compiled, mappings: mappings, keptMacros: names, values: values))
        built.append(BuiltSound(patch: patch, values: values, sound: result.sounds.count - 1))
        return result.sounds.count - 1
    }

    /// The flat rule of a layer.
    private func rule(_ layer: SetList.Layer) -> LayerRule {
        var rule = LayerRule()
        rule.lowKey = layer.keys.lowerBound
        rule.highKey = layer.keys.upperBound
        rule.lowVelocity = layer.velocities.lowerBound
        rule.highVelocity = layer.velocities.upperBound
        rule.fade = layer.fade
        rule.channel = layer.channel
        rule.transpose = Float(layer.transpose)
        rule.left = layer.level * min(1, 1 - layer.pan)
        rule.right = layer.level * min(1, 1 + layer.pan)
        return rule
    }

    /// Reports names in `keepMacros` that no patch of the list has.
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
