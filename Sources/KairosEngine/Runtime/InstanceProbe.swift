import KairosDSP

/// Probe of one patch instance for measurements: it renders the instance by itself and measures the time of each step.
///
/// The thread that uses it has the instance alone. [loader]
package struct InstanceProbe {
    private let instance: PatchInstance
    private var core: InstanceCore {
        @inline(__always) unsafeAddress { instance.core.constantAddress }
        @inline(__always) nonmutating unsafeMutableAddress { instance.core.address }
    }

    /// A probe of `instance`.
    package init(_ instance: PatchInstance) { self.instance = instance }

    /// Number of nodes of its schedule.
    package var nodeCount: Int { core.timing.nodeCosts.count }

    /// True if the time of each step is measured.
    package var isTimed: Bool {
        get { core.timing.isTimed }
        nonmutating set { core.timing.isTimed = newValue }
    }

    /// Number of voice groups that were rendered in the last sub-block.
    package var soundingGroups: Int { core.soundingGroups }

    /// Time of a node since the last call, in nanoseconds.
    package func popCost(ofNode node: Int) -> UInt32 {
        defer { core.timing.nodeCosts[node] = 0 }
        return core.timing.nodeCosts[node]
    }

    /// Restores the state before the first note.
    package func reset() { instance.reset() }

    /// Sets one frame of the input of master effects, 0..<64, for all later sub-blocks.
    package func setInput(frame: Int, left: Float, right: Float) {
        core.buffers.input.left[frame] = left
        core.buffers.input.right[frame] = right
    }

    /// Starts a note with a serial number, a MIDI note number and a velocity, 0…1.
    package func startNote(serial: UInt32, key: UInt8, velocity: Float) {
        core.voices.start(
            NoteStart(serial: serial, key: key, velocity: velocity, in: core.voices))
    }

    /// Renders a sub-block of 64 frames, from frame `clock` on.
    package func render(clock: Int) {
        core.render(
            SubBlock(frames: SubBlock.longest, clock: clock, phase: 0, endsBlock: true))
    }
}
