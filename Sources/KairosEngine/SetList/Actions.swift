import KairosControl
import KairosDSP

extension Rig {
    /// The rows of what is no parameter, and entries that `mappings` name and that do not exist.
    public func actionRows(_ mappings: [Mapping]) -> (rows: [ControlTable.Row], faults: [String]) {
        var rows: [ControlTable.Row] = [], faults: [String] = []
        for (mapping, places) in zip(mappings, ControlSurface.places(mappings)) {
            for (index, control) in mapping.controls.enumerated() {
                do {
                    guard let (effect, travel) = try effect(control) else { continue }
                    rows.append(
                        mapping.row(index, places, effect: effect, law: travel.law, reversed: travel.reversed)
                    )
                } catch {
                    faults.append("\(control.place.isEmpty ? mapping.name : control.place): \(error)")
                }
            }
        }
        return (rows, faults)
    }

    /// What a control does that moves no parameter of a patch, and over which range.
    private func effect(
        _ control: Mapping.Control
    ) throws(ParamError) -> (ControlTable.Effect, (law: ParamLaw, reversed: Bool))? {
        let whole = (law: ParamLaw(low: 0, high: 1), reversed: false)
        switch control.target {
        case .tempo:
            let (first, last) = try control.tempi()
            return (.tempo, (ParamLaw(low: min(first, last), high: max(first, last)), first > last))
        case .nothing: return (.nothing, whole)
        case .action(.nextEntry): return (.action(.nextEntry, 0), whole)
        case .action(.previousEntry): return (.action(.previousEntry, 0), whole)
        case .action(.panic): return (.action(.panic, 0), whole)
        case .action(.tapTempo): return (.action(.tapTempo, 0), whole)
        case .action(.startStop): return (.action(.startStop, 0), whole)
        case .action(.entry(let name)):
            guard let place = entry(named: name) else {
                throw ParamError("there is no entry '\(name)'" + didYouMean(name, among: entries.map(\.name)))
            }
            return (.action(.selectEntry, UInt32(place)), whole)
        default: return nil
        }
    }
}

extension Mapping.Control {
    /// The tempi at the ends of its range, in beats a minute; 60 and 180 without one. Throws what is wrong with them.
    public func tempi() throws(ParamError) -> (first: Float, last: Float) {
        guard let range else { return (60, 180) }
        let first = try ParamSpec.tempo.parse(range.first), last = try ParamSpec.tempo.parse(range.last)
        guard first != last else {
            throw ParamError("both ends of the range are the same, so nothing would move")
        }
        return (first, last)
    }
}
