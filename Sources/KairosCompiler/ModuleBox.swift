package import KairosDSP

/// A box: a heap object that runs one module by one virtual call per sub-block. A per-voice module has one box
/// per voice group, a bus module one.
///
/// The module's struct and buffers lie in the box's memory; nothing else changes while it plays. The audio
/// thread holds boxes unretained; the patch instance that created them frees them. A live edit exchanges the
/// boxes of two instances, so a box keeps the owner of its memory alive.
@safe package class ModuleBox {
    /// The struct and the buffers of the module. Addresses in it are relative to its beginning.
    package final let memory: UnsafeMutableRawBufferPointer
    private let owner: any ModuleMemoryOwner

    /// A box whose module lies in `memory`, which belongs to `owner`. The base class does nothing: it is for the
    /// engine's own types, which have no module.
    init(_ memory: UnsafeMutableRawBufferPointer, of owner: any ModuleMemoryOwner) {
        unsafe self.memory = memory
        self.owner = owner
    }

    deinit { unsafe owner.giveBack(memory) }

    /// Renders one sub-block. [audio]
    package func process(_ context: UnsafePointer<StepContext>) {}
    /// Renders a feedback module's outlets before its inlets are known. [audio]
    package func read(_ context: UnsafePointer<StepContext>) {}
    /// Stores a feedback module's inlets after they have been computed. [audio]
    package func write(_ context: UnsafePointer<StepContext>) {}
    /// Resets all state. [audio, loader]
    package func reset() {}
    /// Clears the state of `lanes` for new notes. [audio]
    package func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {}
    /// Longest silence gap in frames: the time for which the output may be silent before it sounds again.
    package var silenceGap: Int { 0 }

    // MARK: note stages

    /// Handles a note-on or note-off (``NoteStage``). [audio]
    package func receive(
        _ event: NoteEvent, _ context: UnsafePointer<StepContext>,
        _ exchange: UnsafeMutablePointer<NoteExchange>
    ) {}
    /// The next frame at which a note stage acts by itself; nil for none. [audio]
    package func nextFrame(
        _ context: UnsafePointer<StepContext>, _ exchange: UnsafeMutablePointer<NoteExchange>
    ) -> Int? { nil }
    /// Lets a note stage act by itself. [audio]
    package func advance(
        _ context: UnsafePointer<StepContext>, _ exchange: UnsafeMutablePointer<NoteExchange>
    ) {}
    /// True if a note stage holds keys that come up. [audio]
    package func latches(
        _ context: UnsafePointer<StepContext>, _ exchange: UnsafeMutablePointer<NoteExchange>
    ) -> Bool { false }
    /// Sets the count of a note stage's random values to 0. [audio]
    package func rewind() {}
}
