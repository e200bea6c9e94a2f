import KairosCompiler
import KairosControl
import KairosPatch

/// The indices of a rig's sounds and entries in the rig that replaces it. A value without side effects.
struct RigChange {
    /// The new rig: sounds keep their indices, and entries that still play although they are no longer in the list
    /// follow the list.
    var rig: Rig
    /// For each entry of the rig before, its index in ``rig``; nil if it is gone.
    var entries: [Int?]
    /// For each entry of the rig before, the entry of ``rig`` that replaces it where it plays, because its layers have
    /// changed; nil if none does.
    var successors: [Int?]
    /// Sounds that were not in the rig before, by index.
    var new: [Int: Sound] = [:]

    /// The change from `old` to `request`.
    ///
    /// - Parameters:
    ///   - live: The current sounds, with edits.
    ///   - playing: Entries that are active or pending.
    ///   - taken: Indices of sounds that still have instances, which no other sound may get.
    ///   - capacity: The upper limit of indices of sounds.
    ///
    /// - Returns: Nil if there is no room for the new sounds until others are silent.
    init?(
        from old: Rig, _ live: [Sound], to request: Rig, playing: Set<Int>, taken: Set<Int>,
        capacity: Int
    ) {
        rig = request
        entries = []
        successors = []
        let before = old.entries + old.gone.map(\.entry)
        // Removed entries that no longer play are dropped.
        let kept = before.indices.filter { $0 < old.entries.count || playing.contains($0) }
        var held = taken.union(kept.flatMap { before[$0].layers.map(\.sound) })
        if let master = old.master { held.insert(master) }
        guard let places = settle(request, live, held: held, capacity: capacity) else { return nil }
        for index in rig.entries.indices {
            for layer in rig.entries[index].layers.indices {
                rig.entries[index].layers[layer].sound = places[request.entries[index].layers[layer].sound]
            }
        }
        rig.master = request.master.map { places[$0] }
        var sounds = live
        for (place, sound) in new.sorted(by: { $0.key < $1.key }) {
            if place == sounds.count { sounds.append(sound) } else { sounds[place] = sound }
        }
        rig.sounds = sounds.map { $0.with(mappings: request.mappings, keptMacros: request.keptMacros) }
        match(old, before, Set(kept))
    }

    /// Gives each sound of `request` the index of the same patch with the same values, or a free one. Returns nil if
    /// there is none.
    private mutating func settle(
        _ request: Rig, _ live: [Sound], held: Set<Int>, capacity: Int
    ) -> [Int]? {
        let old = Dictionary(live.enumerated().map { ($1.identity, $0) }, uniquingKeysWith: { $1 })
        var places: [Int?] = request.sounds.map { old[$0.identity] }
        var used = held.union(places.compactMap { $0 })
        var free = live.indices.filter { !used.contains($0) }.makeIterator()
        var end = live.count
        for (index, sound) in request.sounds.enumerated() where places[index] == nil {
            let place: Int
            if let found = free.next() {
                place = found
            } else if end < capacity {
                place = end
                end += 1
            } else {
                return nil
            }
            places[index] = place
            used.insert(place)
            new[place] = sound
        }
        return places.compactMap { $0 }
    }

    /// Matches the entries `before`: by name and layers, else by layers alone (a new name), else by name alone (new
    /// layers, a successor).
    private mutating func match(_ old: Rig, _ before: [Rig.Entry], _ kept: Set<Int>) {
        entries = Array(repeating: nil, count: before.count)
        successors = entries
        var taken: Set<Int> = []
        let listed = rig.entries
        func find(_ fits: (Rig.Entry) -> Bool) -> Int? {
            listed.indices.first { !taken.contains($0) && fits(listed[$0]) }
        }
        for place in before.indices where kept.contains(place) {
            let entry = before[place]
            guard let found = find({ $0.name == entry.name && $0.layers == entry.layers }) else {
                continue
            }
            entries[place] = found
            taken.insert(found)
        }
        let names = Set(before.map(\.name)), now = Set(listed.map(\.name))
        for place in before.indices where kept.contains(place) && entries[place] == nil {
            let entry = before[place]
            guard !entry.layers.isEmpty, !now.contains(entry.name),
                let found = find({ $0.layers == entry.layers && !names.contains($0.name) })
            else { continue }
            entries[place] = found
            taken.insert(found)
        }
        for place in old.entries.indices where entries[place] == nil {
            guard let found = find({ $0.name == before[place].name }) else { continue }
            successors[place] = found
            taken.insert(found)
        }
        for place in before.indices where kept.contains(place) && entries[place] == nil {
            guard !before[place].layers.isEmpty else {
                entries[place] = successors[place]
                continue
            }
            entries[place] = listed.count + rig.gone.count
            rig.gone.append(gone(place, old, before))
        }
    }

    /// An entry that plays on outside the list. Its neighbours are those of the first entry after it that is still in
    /// the list.
    private func gone(_ place: Int, _ old: Rig, _ before: [Rig.Entry]) -> Rig.Gone {
        if let successor = successors[place] {
            return .init(entry: before[place], next: successor + 1, previous: successor - 1)
        }
        let from =
            place < old.entries.count ? place + 1 : old.gone[place - old.entries.count].next
        for after in max(0, from)..<max(0, from, old.entries.count) {
            if let now = successors[after] ?? entries[after], rig.entries.indices.contains(now) {
                return .init(entry: before[place], next: now, previous: now - 1)
            }
        }
        let end = rig.entries.count
        return .init(entry: before[place], next: end, previous: end - 1)
    }
}

extension Sound {
    /// The patch and the values of the set list: equal for the same sound in two rigs, whether or not it was edited.
    var identity: [String] {
        [PatchEditor.key(header)] + values.flatMap { [$0.macro.text, $0.value.text] }
    }
}
