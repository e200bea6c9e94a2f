import KairosDSP

/// Parameter values of a reverb at one control tick. [audio]
struct ReverbControls {
    /// Length of the delay lines, 1 is 100 %.
    let size: Float
    /// Decay time in seconds.
    let decay: Float
    /// Damping of high frequencies, 0 … 1.
    let damping: Float
    /// Time before the reverberation, in seconds.
    let preDelay: Float
    /// Cutoff frequency of the high-pass filter, in Hz.
    let lowCut: Float
    /// Depth of the modulation, 0 … 1.
    let modulation: Float
    /// Stereo width, 0 … 1.
    let width: Float
    /// Dry/wet mix, 0 … 1.
    let mix: Float

    /// The values at a frame of the sub-block.
    @inline(__always) init<M: Module>(_ io: ModuleIO<M>, _ frame: Int) where M.Param == ReverbParam {
        size = io[.size][frame][0]
        decay = io[.decay][frame][0]
        damping = io[.damping][frame][0]
        preDelay = io[.preDelay][frame][0]
        lowCut = io[.lowCut][frame][0]
        modulation = io[.modulation][frame][0]
        width = io[.width][frame][0]
        mix = io[.mix][frame][0]
    }
}
