public import KairosControl
import KairosDSP
import KairosPatch

extension Rig {
    /// The control table rows of actions and tempo, which belong to no patch, and a message for each entry
    /// that `mappings` name and that does not exist.
    public func actionRows(_ mappings: [Mapping]) -> (rows: [ControlTable.Row], faults: [String]) {
        var rows: [ControlTable.Row] = [], faults: [String] = []
        for (mapping, places) in zip(mappings, ControlSurface.indices(mappings)) {
            for (index, control) in mapping.controls.enumerated() {
                do {
                    guard let (effect, controlRange) = try effect(control) else { continue }
                    rows.append(
                        mapping.row(
                            index, places, effect: effect, law: controlRange.law,
                            reversed: controlRange.reversed)
                    )
                } catch {
                    faults.append("\(control.location.isEmpty ? mapping.name : control.location): \(error)")
                }
            }
        }
        return (rows, faults)
    }

    /// The effect and the range of a control that moves no patch parameter; nil if it moves one.
    private func effect(
        _ control: Mapping.Control
    ) throws(ParamError) -> (ControlTable.Effect, (law: ControlLaw, reversed: Bool))? {
        let whole = (law: ControlLaw.numbers(ParamLaw(low: 0, high: 1)), reversed: false)
        switch control.target {
        case .tempo:
            let (first, last) = try control.tempi()
            return (
                .tempo,
                (.numbers(ParamLaw(low: min(first, last), high: max(first, last))), first > last)
            )
        case .nothing: return (.nothing, whole)
        case .action(.nextEntry): return (.action(.nextEntry), whole)
        case .action(.previousEntry): return (.action(.previousEntry), whole)
        case .action(.panic): return (.action(.panic), whole)
        case .action(.tapTempo): return (.action(.tapTempo), whole)
        case .action(.startStop): return (.action(.startStop), whole)
        case .action(.entry(let name)):
            guard let place = entry(named: name) else {
                throw ParamError("there is no entry '\(name)'" + didYouMean(name, among: entries.map(\.name)))
            }
            return (.action(.selectEntry(UInt32(place))), whole)
        default: return nil
        }
    }
}
