import KairosDSP

/// The box of a module type.
@safe class Box<M: Module>: ModuleBox {
    // Held by pointer, which avoids Swift's runtime exclusivity checks on each access.
    final let module: UnsafeMutablePointer<M>

    /// Makes a module for `format` in `memory`. [loader]
    required init(_ format: Format, in memory: UnsafeMutableRawBufferPointer, of owner: any ModuleMemoryOwner)
    {
        unsafe module = M.make(format, in: memory)
        unsafe super.init(memory, of: owner)
    }

    @inline(__always) final func io(_ context: UnsafePointer<StepContext>) -> ModuleIO<M> {
        unsafe ModuleIO(context, module: UnsafeMutableRawPointer(module))
    }

    package final override func process(_ context: UnsafePointer<StepContext>) {
        unsafe module.pointee.process(io(context))
    }
    package final override func reset() { unsafe module.pointee.reset() }
    package final override func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        unsafe module.pointee.start(lanes, seeds: seeds)
    }
    package final override var silenceGap: Int { unsafe module.pointee.silenceGap }
}
