import KairosDSP

/// The values of one active layer, or of the master effects.
public struct LayerValues: Sendable {
    /// The index of the layer, or 16 for the master effects.
    public let layer: Int
    /// The index of its sound.
    public let sound: Int
    /// Names (`module.parameter`), specs and values, in the order of the patch.
    public let values: [(name: String, spec: ParamSpec, value: Float)]
}
