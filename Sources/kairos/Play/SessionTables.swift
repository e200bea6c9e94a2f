import KairosEngine

// What the player asks to see of a session.
extension Session {
    /// Each entry and whether it can be played at once.
    var entryLines: [String] {
        let now = engine.status.entry
        return zip(engine.rig.entries, states).enumerated().map { index, row in
            let number = row.0.number.map { $0 >= 128 ? "\($0 / 128):\($0 % 128)" : "\($0)" } ?? "-"
            return "\(index == now ? ">" : " ") \(padded(number, 7)) \(padded(row.0.name, 24)) \(row.1.word)"
        }
    }

    /// What each playing slot costs, and its dearest modules.
    var loadLines: [String] {
        let loads = engine.loads
        guard !loads.isEmpty else { return ["nothing plays"] }
        return loads.map { slot in
            let compiled = engine.sounds[slot.sound].compiled
            let dearest = slot.modules.sorted { $0.load > $1.load }.prefix(4).map {
                "\(compiled.moduleName($0.module)) \(fixed($0.load * 100, 2)) %"
            }
            return
                "\(slot.isActive ? "plays" : "rings")  \(padded(compiled.patch.name, 20)) \(fixed(slot.load * 100, 2)) %  (\(dearest.joined(separator: ", ")))"
        }
    }
}
