import KairosCompiler
import KairosEngine
import KairosPatch
import KairosSession

extension Instrument {
    /// A line per entry: program number, name and state; '>' marks the active entry.
    var entryLines: [String] {
        let now = engine.status.entry
        return zip(engine.rig.entries, states).enumerated().map { index, row in
            let number = row.0.number.map { $0 >= 128 ? "\($0 / 128):\($0 % 128)" : "\($0)" } ?? "-"
            return "\(index == now ? ">" : " ") \(padded(number, 7)) \(padded(row.0.name, 24)) \(row.1.word)"
        }
    }

    /// A line per sounding slot: its load in percent of one core, and its four most expensive modules.
    var loadLines: [String] {
        let loads = engine.loads
        guard !loads.isEmpty else { return ["no patch is sounding"] }
        return loads.map { slot in
            let compiled = engine.sounds[slot.sound].compiled
            let expensive = slot.modules.sorted { $0.load > $1.load }.prefix(4).map {
                "\(compiled.moduleName($0.module)) \(fixed($0.load * 100, 2)) %"
            }
            return
                "\(slot.isActive ? "active " : "ringing")  \(padded(compiled.patch.name, 20)) "
                + "\(fixed(slot.load * 100, 2)) %  (\(expensive.joined(separator: ", ")))"
        }
    }
}
