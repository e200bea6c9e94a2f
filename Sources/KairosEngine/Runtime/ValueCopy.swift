import KairosDSP

/// A copy of the value of every parameter that plays, and of all settings.
struct ValueCopy: ~Copyable {
    /// Parameters of a patch beyond this number are not copied.
    private static let limit = 8192

    /// For each layer, the number of its instance, or nil, and of its parameters, and their values.
    private var instances = FixedArray<Int?>(count: ValueBoard.layerCount, repeating: nil)
    private var counts = FixedArray(count: ValueBoard.layerCount, repeating: 0)
    private var values = FixedArray(
        count: ValueBoard.layerCount * Self.limit, repeating: ParamValue.number(0))
    /// The settings.
    var settings = SettingsBoard()

    init() {}

    /// Copies the values of an instance, or that there is none. [audio]
    mutating func copy(_ core: Reference<InstanceCore>?, ofLayer layer: Int) {
        instances[layer] = core?.pointee.id
        guard let core else { return }
        let count = min(core.pointee.params.count, Self.limit)
        counts[layer] = count
        for index in 0..<count { values[layer * Self.limit + index] = core.pointee.params.intent(index) }
    }

    /// The number of a layer's instance, or nil, and the values of its parameters. [control]
    func values(ofLayer layer: Int) -> (instance: Int, values: [ParamValue])? {
        guard let instance = instances[layer] else { return nil }
        return (instance, (0..<counts[layer]).map { values[layer * Self.limit + $0] })
    }
}
