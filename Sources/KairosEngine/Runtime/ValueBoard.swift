import KairosDSP
import Synchronization

/// A copy of the values of all parameters of the active patches, made on request.
///
/// The audio thread writes it when a `snapshot` event requests it; the thread that sent the event reads it.
struct ValueBoard: ~Copyable {
    /// The layers of the first part, then the master effects.
    static let layerCount = Part.layerLimit + 1
    /// The greatest number of parameters of a patch that are copied.
    private static let limit = 8192

    /// The number of copies that were made.
    private let copies = Atomic<Int>(0)
    /// For each layer: the identifier of its instance, or nil; the number of its parameters; their values.
    private var instances = FixedArray<Int?>(count: Self.layerCount, repeating: nil)
    private var counts = FixedArray(count: Self.layerCount, repeating: 0)
    private var values = FixedArray(count: Self.layerCount * Self.limit, repeating: Float(0))
    /// The copy of the settings.
    var settings = SettingsBoard()

    init() {}

    /// Copies the values of the instance of a layer; nil for none. [audio]
    mutating func copy(_ core: UnsafeMutablePointer<InstanceCore>?, ofLayer layer: Int) {
        instances[layer] = core?.pointee.id
        guard let core else { return }
        let count = min(core.pointee.params.count, Self.limit)
        counts[layer] = count
        for index in 0..<count { values[layer * Self.limit + index] = core.pointee.params.intent(index) }
    }

    /// Makes the copy readable. [audio]
    func publish() { copies.add(1, ordering: .releasing) }

    /// The number of copies that were made. [any]
    var copyCount: Int { copies.load(ordering: .acquiring) }

    /// The identifier of a layer's instance and the values of its parameters; nil where there is no instance. [control]
    func values(ofLayer layer: Int) -> (instance: Int, values: [Float])? {
        guard let instance = instances[layer] else { return nil }
        return (instance, (0..<counts[layer]).map { values[layer * Self.limit + $0] })
    }
}
