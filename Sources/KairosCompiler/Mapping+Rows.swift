import KairosControl
import KairosDSP

extension Mapping {
    /// The control table row of the control with this index.
    func row(
        _ index: Int, _ places: (controls: [Int], shift: Int?), effect: ControlTable.Effect, law: ControlLaw,
        reversed: Bool
    ) -> ControlTable.Row {
        let control = controls[index], place = places.controls[index]
        var row = ControlTable.Row(control: place, effect: effect, law: law)
        row.curve = control.curve
        row.inverted = control.inverted != reversed
        row.takeover = control.takeover
        row.encoding = control.encoding
        row.step = control.step ?? 0
        row.steps = Int32(control.steps)
        row.button = control.button
        if let shift = places.shift {
            row.shift = Int32(shift)
            // A control without a shifted meaning keeps its plain meaning while shift is held.
            let hasSecond = zip(controls, places.controls).contains { $0.shifted && $1 == place }
            row.layer = control.shifted ? .shifted : hasSecond ? .plain : .any
        }
        return row
    }
}
