import KairosDSP

/// Owner of the memory that modules lie in.
package protocol ModuleMemoryOwner: AnyObject {
    /// Takes back the memory of a module that is gone. [loader]
    func giveBack(_ memory: UnsafeMutableRawBufferPointer)
}

/// A box: a heap object that runs one module by one virtual call per sub-block. A per-voice module has one box
/// per voice group, a bus module one.
///
/// The module's struct and buffers lie in the box's memory; nothing else changes while it plays. The audio
/// thread holds boxes unretained; the patch instance that created them frees them. A live edit exchanges the
/// boxes of two instances, so a box keeps the owner of its memory alive.
package class ModuleBox {
    /// The struct and the buffers of the module. Addresses in it are relative to its beginning.
    package final let memory: UnsafeMutableRawBufferPointer
    private let owner: any ModuleMemoryOwner

    /// A box whose module lies in `memory`, which belongs to `owner`. By itself it does nothing: for nodes of the engine
    /// that a live edit leaves behind.
    init(_ memory: UnsafeMutableRawBufferPointer, of owner: any ModuleMemoryOwner) {
        self.memory = memory
        self.owner = owner
    }

    deinit { owner.giveBack(memory) }

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
}

/// The box of a module type.
class Box<M: Module>: ModuleBox {
    // Held by pointer, which avoids Swift's runtime exclusivity checks on each access.
    final let module: UnsafeMutablePointer<M>

    /// Makes a module for `format` in `memory`. [loader]
    required init(_ format: Format, in memory: UnsafeMutableRawBufferPointer, of owner: any ModuleMemoryOwner)
    {
        module = M.make(format, in: memory)
        super.init(memory, of: owner)
    }

    @inline(__always) final func io(_ context: UnsafePointer<StepContext>) -> ModuleIO<M> {
        ModuleIO(context, module: UnsafeMutableRawPointer(module))
    }

    package final override func process(_ context: UnsafePointer<StepContext>) {
        module.pointee.process(io(context))
    }
    package final override func reset() { module.pointee.reset() }
    package final override func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        module.pointee.start(lanes, seeds: seeds)
    }
    package final override var silenceGap: Int { module.pointee.silenceGap }
}

/// The box of a module that may be part of a feedback loop.
final class FeedbackBox<M: FeedbackModule>: Box<M> {
    package override func read(_ context: UnsafePointer<StepContext>) { module.pointee.read(io(context)) }
    package override func write(_ context: UnsafePointer<StepContext>) { module.pointee.write(io(context)) }
}
