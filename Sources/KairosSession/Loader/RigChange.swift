import KairosCompiler
import KairosControl
import KairosPatch

/// How what plays finds itself in another rig. A plain value: nothing is handed over by it.
struct RigChange {
    /// The rig with its sounds in their places, and what is gone from its list.
    var rig: Rig
    /// What each entry of the one before is now, or −1.
    var entries: [Int]
    /// The entry that takes over where the one before plays, because its layers are others now, or −1.
    var successors: [Int]
    /// Sounds that are new in their places.
    var new: [Int: Sound] = [:]

    /// From `old`, whose sounds are `live` by now, to `request`. Entries of `playing` play or are to come; places in
    /// `taken` may not be given to another sound, nor any from `capacity` on. Nil where there is no room yet.
    init?(
        from old: Rig, _ live: [Sound], to request: Rig, playing: Set<Int>, taken: Set<Int>,
        capacity: Int
    ) {
        rig = request
        entries = []
        successors = []
        let before = old.entries + old.gone.map(\.entry)
        // What is gone already and plays no more is forgotten.
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

    /// Gives every sound of `request` its place: that of the same patch with the same values, or one that is free.
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

    /// Finds the entries of before: by name and layers, else by layers alone (a new name), else by name (new layers).
    private mutating func match(_ old: Rig, _ before: [Rig.Entry], _ kept: Set<Int>) {
        entries = Array(repeating: -1, count: before.count)
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
        for place in before.indices where kept.contains(place) && entries[place] < 0 {
            let entry = before[place]
            guard !entry.layers.isEmpty, !now.contains(entry.name),
                let found = find({ $0.layers == entry.layers && !names.contains($0.name) })
            else { continue }
            entries[place] = found
            taken.insert(found)
        }
        for place in old.entries.indices where entries[place] < 0 {
            guard let found = find({ $0.name == before[place].name }) else { continue }
            successors[place] = found
            taken.insert(found)
        }
        for place in before.indices where kept.contains(place) && entries[place] < 0 {
            guard !before[place].layers.isEmpty else {
                entries[place] = successors[place]
                continue
            }
            entries[place] = listed.count + rig.gone.count
            rig.gone.append(gone(place, old, before))
        }
    }

    /// An entry that plays on outside the list: the way from it leads to what stands where it stood.
    private func gone(_ place: Int, _ old: Rig, _ before: [Rig.Entry]) -> Rig.Gone {
        if successors[place] >= 0 {
            return .init(
                entry: before[place], next: successors[place] + 1, previous: successors[place] - 1)
        }
        let from =
            place < old.entries.count ? place + 1 : old.gone[place - old.entries.count].next
        for after in max(0, from)..<max(0, from, old.entries.count) {
            let now = successors[after] >= 0 ? successors[after] : entries[after]
            if rig.entries.indices.contains(now) {
                return .init(entry: before[place], next: now, previous: now - 1)
            }
        }
        let end = rig.entries.count
        return .init(entry: before[place], next: end, previous: end - 1)
    }
}

extension Sound {
    /// What makes it the same sound in another rig, whatever edits made of it.
    var identity: [String] {
        [PatchEditor.key(header)] + values.flatMap { [$0.macro.text, $0.value.text] }
    }
}
