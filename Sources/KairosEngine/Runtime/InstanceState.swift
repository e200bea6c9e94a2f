import KairosCompiler
import KairosDSP

/// What changes while an instance plays, apart from its voices, parameters, gates and modules. It lies in the
/// instance's region and is a part of what is saved.
struct InstanceState: BitwiseCopyable {
    /// Amplitude at the output, on its way to the patch's level.
    var level: ScalarRamp
    /// How far connections have come or gone that an edit added or took away.
    var fade = EditFade()
    /// The engine's frame at which its entry first became active in its part.
    var epoch = 0
    /// True until the run-once modules were started, before the first sub-block.
    var unstarted = true
    /// Lanes of run-once modules that made something not finite.
    var onceMuted = LaneMask.none
    /// The step that first made something not finite: its node, or −1.
    var faultyModule: Int32 = -1
    /// The greatest sample since the last control tick.
    var peak: Float = 0
    /// Control ticks in a row in which the output was under −140 dBFS.
    var quiet = 0
    /// Nothing sounds, nothing will, nothing moves: until something happens, rendering would change nothing.
    var isIdle = false
}

// The state by the names of its fields, as the audio thread knows them.
extension InstanceCore {
    var level: ScalarRamp {
        get { state.pointee.level }
        nonmutating _modify { yield &state.pointee.level }
    }
    var fade: EditFade {
        get { state.pointee.fade }
        nonmutating _modify { yield &state.pointee.fade }
    }
    var epoch: Int {
        get { state.pointee.epoch }
        nonmutating set { state.pointee.epoch = newValue }
    }
    var unstarted: Bool {
        get { state.pointee.unstarted }
        nonmutating set { state.pointee.unstarted = newValue }
    }
    var onceMuted: LaneMask {
        get { state.pointee.onceMuted }
        nonmutating set { state.pointee.onceMuted = newValue }
    }
    var faultyModule: Int32 {
        get { state.pointee.faultyModule }
        nonmutating set { state.pointee.faultyModule = newValue }
    }
    var peak: Float {
        get { state.pointee.peak }
        nonmutating set { state.pointee.peak = newValue }
    }
    var quiet: Int {
        get { state.pointee.quiet }
        nonmutating set { state.pointee.quiet = newValue }
    }
    var isIdle: Bool {
        get { state.pointee.isIdle }
        nonmutating set { state.pointee.isIdle = newValue }
    }
}
