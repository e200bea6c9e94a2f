import KairosCompiler

/// A rig that the audio thread has or is about to get, and the states of its controls.
struct ActiveRig: Sendable {
    var rig: Rig
    var states: ControlStates
    /// The number of the rig, counted from the first one, 0.
    var generation = 0
}
