public import KairosDSP

extension ModuleBench {
    /// Sets a choice to one of its words.
    public mutating func set(_ param: M.Param, word: String) {
        guard case .choice(let words) = param.spec.kind, let index = words.firstIndex(of: word) else {
            preconditionFailure("\(M.info.type).\(param) has no word \(word)")
        }
        set(param, Float(index))
    }
}
