public import KairosDSP

/// Parameter values of an active layer, or of the master effects.
public struct LayerValues: Sendable {
    /// Index of the layer, 0…15; 16 for the master effects.
    public let layer: Int
    /// Index of its sound.
    public let sound: Int
    /// Names (`module.parameter`), specs and values, in the order of the patch.
    public let values: [(name: String, spec: ParamSpec, value: ParamValue)]
}
