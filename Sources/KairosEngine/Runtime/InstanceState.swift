import KairosDSP

/// State of a playing instance apart from its voices, parameters, gates and modules. It lies in the instance's region
/// and is a part of its image. [audio]
struct InstanceState: BitwiseCopyable {
    /// Amplitude at the output, which moves to the patch's level.
    var level: ScalarRamp
    /// Crossfade of the connections that a live edit added or removed.
    var fade = EditFade()
    /// Frame of the engine at which its entry first became active in its part.
    var epoch = 0
    /// True before the first sub-block, in which the modules that run once are started.
    var unstarted = true
    /// Lanes of modules that run once whose output was not finite.
    var onceMuted = LaneMask.none
    /// Index of the first node whose output was not finite; nil for none.
    var faultyModule: Int32?
    /// Greatest absolute sample since the last control tick.
    var peak: Float = 0
    /// Consecutive control ticks with an output below −140 dBFS.
    var quiet = 0
    /// True if the instance is silent and nothing in it moves. It is not rendered until a note, a gate or a change of a
    /// value wakes it.
    var isIdle = false
}
