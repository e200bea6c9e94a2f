import KairosControl
import KairosDSP

// Values of a patch instance's parameters, and its controls and macros. [audio]
extension InstanceCore {
    /// The index of a parameter by its key (see ``ParamKeys``), or nil.
    func param(of key: UInt64) -> Int? {
        var low = 0, high = params.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low < params.count && keys[low].key == key ? Int(keys[low].index) : nil
    }

    /// Sets every parameter to its value in another instance, and copies what the controls have set there.
    mutating func keep(valuesOf old: UnsafeMutablePointer<InstanceCore>) {
        for place in 0..<params.count {
            let index = Int(keys[place].index)
            guard let before = old.pointee.param(of: keys[place].key) else { continue }
            let value = old.pointee.params.intent(before)
            if value != params.intent(index) { params.snap(index, to: value) }
        }
        tables.pointee.controls.succeed(old.pointee.tables.pointee.controls)
    }

    /// Exchanges the tables of controls and macros with those that were prepared for the coming rig. [audio], or
    /// [loader] while the loader has the instance
    func adoptComingTables() {
        coming.pointee.controls.inherit(tables.pointee.controls)
        swap(&tables.pointee, &coming.pointee)
    }

    /// The first node that produced a value that is not finite since the last call, or nil.
    mutating func popFaultyModule() -> Int32? {
        guard faultyModule >= 0 else { return nil }
        defer { faultyModule = -1 }
        return faultyModule
    }
}
