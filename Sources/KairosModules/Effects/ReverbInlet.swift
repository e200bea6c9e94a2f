public import KairosDSP

/// Inlets of a reverb.
public enum ReverbInlet: Int, InletKey {
    case input
    /// Declaration of the inlet.
    public var info: InletInfo { .audio("Input signal, mono or stereo, −1 … 1.") }
}
