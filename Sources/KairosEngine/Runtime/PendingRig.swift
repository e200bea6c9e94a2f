package import KairosCompiler

/// A rig that was requested and is not sent to the audio thread yet.
package struct PendingRig: Sendable {
    package var rig: Rig
    /// For each mapping for one device, the sources that it applies to: bit n is source n.
    package var masks: [UInt64]
}
