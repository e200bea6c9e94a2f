import KairosCompiler

/// The order in which the sounds of a rig are needed in the standby pool. [loader]
struct StandbyOrder {
    /// Entries in the order in which they were last active, the latest first.
    private var recent: [Int] = []

    /// Records that these entries are active.
    mutating func record(active: [Int]) {
        for entry in active where recent.first != entry {
            recent.removeAll { $0 == entry }
            recent.insert(entry, at: 0)
        }
    }

    /// Gives the recent entries their indices in another rig; nil for an entry that is gone.
    mutating func remap(_ indices: [Int?]) {
        recent = recent.compactMap { indices.indices.contains($0) ? indices[$0] : nil }
    }

    /// Every sound once, the most needed first: `awaited` sounds, master effects, active entries with their neighbours
    /// in the list, recent entries, then the list in its order.
    func sounds(of rig: Rig, awaited: some Collection<Int>, active: [Int]) -> [Int] {
        var sounds = awaited.sorted()
        // Master effects are also needed in reserve: a panic replaces the instance that plays.
        if let master = rig.master, !awaited.contains(master) { sounds.append(master) }
        var seen = Set(sounds)
        let entries = active.flatMap { [$0, $0 + 1, $0 - 1] } + recent + Array(rig.entries.indices)
        for entry in entries {
            for layer in rig.entry(at: entry)?.layers ?? [] where seen.insert(layer.sound).inserted {
                sounds.append(layer.sound)
            }
        }
        return sounds
    }
}

extension Rig {
    /// The number of instances of each sound that an entry needs.
    func instances(ofEntry entry: Int) -> [(sound: Int, count: Int)] {
        let layers = self.entry(at: entry)?.layers ?? []
        // Most entries have one layer.
        if layers.count == 1 { return [(layers[0].sound, 1)] }
        return layers.reduce(into: [Int: Int]()) { $0[$1.sound, default: 0] += 1 }
            .map { (sound: $0.key, count: $0.value) }
    }
}
