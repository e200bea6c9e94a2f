public import KairosDSP

/// Outlets of a reverb.
public enum ReverbOutlet: Int, OutletKey {
    case output
    /// Declaration of the outlet.
    public var info: OutletInfo { .audio("Input signal and its reverberation, stereo, −1 … 1.") }
}
