import KairosDSP

/// A box: a heap object that owns the state of one module and runs it by one virtual call per sub-block. A
/// per-voice module has one box per voice group, a bus module one.
///
/// The audio thread holds boxes unretained; the patch instance that created them frees them.
package class ModuleBox {
    /// Renders one sub-block. [audio]
    package func process(_ context: UnsafePointer<StepContext>) {}
    /// Renders a feedback module's outlets before its inlets are known. [audio]
    package func read(_ context: UnsafePointer<StepContext>) {}
    /// Stores a feedback module's inlets after they have been computed. [audio]
    package func write(_ context: UnsafePointer<StepContext>) {}
    /// Resets all state.
    package func reset() {}
    /// Clears the state of `lanes` for new notes. [audio]
    package func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {}
    /// The longest silence gap in frames: how long the output may be silent before it sounds again.
    package var silenceGap: Int { 0 }
    /// Size in bytes, buffers included.
    package var memory: Int { 0 }
}

/// The box of a module type.
class Box<M: Module & ~Copyable>: ModuleBox {
    // Held by pointer, which avoids Swift's runtime exclusivity checks on each access.
    final let module: UnsafeMutablePointer<M>

    init(_ format: Format) {
        module = .allocate(capacity: 1)
        module.initialize(to: M(format))
    }

    deinit {
        module.deinitialize(count: 1)
        module.deallocate()
    }

    package final override func process(_ context: UnsafePointer<StepContext>) {
        module.pointee.process(ModuleIO(context))
    }
    package final override func reset() { module.pointee.reset() }
    package final override func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        module.pointee.start(lanes, seeds: seeds)
    }
    package final override var silenceGap: Int { module.pointee.silenceGap }
    package final override var memory: Int { MemoryLayout<M>.size + module.pointee.memory }
}

/// The box of a module that may be part of a feedback loop.
final class FeedbackBox<M: FeedbackModule & ~Copyable>: Box<M> {
    package override func read(_ context: UnsafePointer<StepContext>) {
        module.pointee.read(ModuleIO(context))
    }
    package override func write(_ context: UnsafePointer<StepContext>) {
        module.pointee.write(ModuleIO(context))
    }
}
