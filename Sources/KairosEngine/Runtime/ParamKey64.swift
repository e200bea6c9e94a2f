/// Key of a parameter (see ``ParamKeys``) with the parameter's index in the patch instance. Tables of them are in
/// ascending order of the keys.
struct ParamKey64: BitwiseCopyable {
    var key: UInt64
    var index: Int32
}

extension RegionTable where Element == ParamKey64 {
    /// The index of the parameter with `key`, or nil. [any]
    func index(of key: UInt64) -> Int? {
        var low = 0, high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low].key == key ? Int(self[low].index) : nil
    }
}
