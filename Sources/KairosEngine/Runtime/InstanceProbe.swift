import KairosDSP

/// Renders one patch instance by itself and counts what each of its steps takes, for measurements. The thread
/// that uses it has the instance alone.
package struct InstanceProbe {
    private let instance: PatchInstance
    private var core: UnsafeMutablePointer<InstanceCore> { instance.core }

    /// Creates a probe of `instance`.
    package init(_ instance: PatchInstance) { self.instance = instance }

    /// The number of nodes of its schedule.
    package var nodeCount: Int { core.pointee.nodeCount }

    /// True if the time of each step is added to the cost of its node.
    package var isTimed: Bool {
        get { core.pointee.isTimed }
        nonmutating set { core.pointee.isTimed = newValue }
    }

    /// The number of voice groups that ran in the last sub-block.
    package var soundingGroups: Int { core.pointee.soundingGroups }

    /// The time that a node took since this was last called, in nanoseconds.
    package func takeCost(ofNode node: Int) -> UInt32 {
        defer { core.pointee.nodeCosts[node] = 0 }
        return core.pointee.nodeCosts[node]
    }

    /// Puts it back to its state before the first note.
    package func reset() { instance.reset() }

    /// Sets one frame of the input of master effects, for all sub-blocks to come.
    package func setInput(frame: Int, left: Float, right: Float) {
        core.pointee.inputLeft[frame] = left
        core.pointee.inputRight[frame] = right
    }

    /// Starts a note. `serial` identifies it, `key` is a MIDI note number, `velocity` is 0…1.
    package func startNote(serial: UInt32, key: UInt8, velocity: Float) {
        core.pointee.voices.start(
            NoteStart(serial: serial, key: key, velocity: velocity, in: core.pointee.voices))
    }

    /// Renders a sub-block of 64 frames that begins with frame `clock`.
    package func render(clock: Int) {
        core.pointee.render(
            SubBlock(frames: SubBlock.longest, clock: clock, phase: 0, endsBlock: true))
    }
}
