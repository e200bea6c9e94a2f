import KairosControl

/// What there is to play, and where its controls stand.
struct Present: Sendable {
    var repertoire: Repertoire
    var board: ControlBoard
    var generation = 0
}

/// Another repertoire that is wished for.
struct Wish: Sendable {
    var repertoire: Repertoire
    var masks: [UInt64]
}

/// The repertoire that plays, the one on its way, and the one wished for after it.
struct Repertoires: Sendable {
    var now: Present
    var coming: Present?
    var wish: Wish?

    /// The one that the audio thread says it has.
    func of(_ generation: Int) -> Present {
        if let coming, coming.generation == generation { return coming }
        return now
    }
}

/// How what plays finds itself in another repertoire. A plain value: nothing is handed over by it.
struct Renewal {
    /// The repertoire with its sounds in their places, and what is gone from its list.
    var repertoire: Repertoire
    /// What each entry of the one before is now, or −1.
    var entries: [Int]
    /// The entry that takes over where the one before plays, because its parts are others now, or −1.
    var successors: [Int]
    /// Sounds that are new in their places.
    var new: [Int: Sound] = [:]

    /// From `old`, whose sounds are `live` by now, to `wish`. Entries of `playing` play or are to come; places in
    /// `taken` may not be given to another sound, nor any from `capacity` on. Nil where there is no room yet.
    init?(
        from old: Repertoire, _ live: [Sound], to wish: Repertoire, playing: Set<Int>, taken: Set<Int>,
        capacity: Int
    ) {
        repertoire = wish
        entries = []
        successors = []
        let before = old.entries + old.gone.map(\.entry)
        // What is gone already and plays no more is forgotten.
        let kept = before.indices.filter { $0 < old.entries.count || playing.contains($0) }
        var held = taken.union(kept.flatMap { before[$0].parts.map(\.sound) })
        if let rack = old.rack { held.insert(rack) }
        guard let places = settle(wish, live, held: held, capacity: capacity) else { return nil }
        for index in repertoire.entries.indices {
            for part in repertoire.entries[index].parts.indices {
                repertoire.entries[index].parts[part].sound = places[wish.entries[index].parts[part].sound]
            }
        }
        repertoire.rack = wish.rack.map { places[$0] }
        var sounds = live
        for (place, sound) in new.sorted(by: { $0.key < $1.key }) {
            if place == sounds.count { sounds.append(sound) } else { sounds[place] = sound }
        }
        repertoire.sounds = sounds.map { $0.moved(by: wish.mappings, stays: wish.stays) }
        match(old, before, Set(kept))
    }

    /// Gives every sound of `wish` its place: that of the same patch with the same values, or one that is free.
    private mutating func settle(
        _ wish: Repertoire, _ live: [Sound], held: Set<Int>, capacity: Int
    ) -> [Int]? {
        let old = Dictionary(live.enumerated().map { ($1.identity, $0) }, uniquingKeysWith: { $1 })
        var places: [Int?] = wish.sounds.map { old[$0.identity] }
        var used = held.union(places.compactMap { $0 })
        var free = live.indices.filter { !used.contains($0) }.makeIterator()
        var end = live.count
        for (index, sound) in wish.sounds.enumerated() where places[index] == nil {
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

    /// Finds the entries of before: by name and parts, else by parts alone (a new name), else by name (new parts).
    private mutating func match(_ old: Repertoire, _ before: [Repertoire.Entry], _ kept: Set<Int>) {
        entries = Array(repeating: -1, count: before.count)
        successors = entries
        var taken: Set<Int> = []
        let listed = repertoire.entries
        func find(_ fits: (Repertoire.Entry) -> Bool) -> Int? {
            listed.indices.first { !taken.contains($0) && fits(listed[$0]) }
        }
        for place in before.indices where kept.contains(place) {
            let entry = before[place]
            guard let found = find({ $0.name == entry.name && $0.parts == entry.parts }) else {
                continue
            }
            entries[place] = found
            taken.insert(found)
        }
        let names = Set(before.map(\.name)), now = Set(listed.map(\.name))
        for place in before.indices where kept.contains(place) && entries[place] < 0 {
            let entry = before[place]
            guard !entry.parts.isEmpty, !now.contains(entry.name),
                let found = find({ $0.parts == entry.parts && !names.contains($0.name) })
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
            guard !before[place].parts.isEmpty else {
                entries[place] = successors[place]
                continue
            }
            entries[place] = listed.count + repertoire.gone.count
            repertoire.gone.append(gone(place, old, before))
        }
    }

    /// An entry that plays on outside the list: the way from it leads to what stands where it stood.
    private func gone(_ place: Int, _ old: Repertoire, _ before: [Repertoire.Entry]) -> Repertoire.Gone {
        if successors[place] >= 0 {
            return .init(
                entry: before[place], next: successors[place] + 1, previous: successors[place] - 1)
        }
        let from =
            place < old.entries.count ? place + 1 : old.gone[place - old.entries.count].next
        for after in max(0, from)..<max(0, from, old.entries.count) {
            let now = successors[after] >= 0 ? successors[after] : entries[after]
            if repertoire.entries.indices.contains(now) {
                return .init(entry: before[place], next: now, previous: now - 1)
            }
        }
        let end = repertoire.entries.count
        return .init(entry: before[place], next: end, previous: end - 1)
    }
}

extension Sound {
    /// What makes it the same sound in another repertoire, whatever edits made of it.
    var identity: [String] {
        [Workbench.key(header)] + values.flatMap { [$0.macro.text, $0.value.text] }
    }
}
