import KairosDSP

/// One module in its place, behind one virtual call a piece.
///
/// The audio thread holds it unretained; whoever built the program frees it.
class ModuleBox {
    func process(_ context: UnsafePointer<StepContext>) {}
    func read(_ context: UnsafePointer<StepContext>) {}
    func write(_ context: UnsafePointer<StepContext>) {}
    func reset() {}
    func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {}
    var gap: Int { 0 }
    /// Bytes.
    var memory: Int { 0 }
}

class Box<M: Module & ~Copyable>: ModuleBox {
    // Behind a pointer, so that no access is checked for exclusivity while it runs.
    final let module: UnsafeMutablePointer<M>

    init(_ format: Format) {
        module = .allocate(capacity: 1)
        module.initialize(to: M(format))
    }

    deinit {
        module.deinitialize(count: 1)
        module.deallocate()
    }

    final override func process(_ context: UnsafePointer<StepContext>) {
        module.pointee.process(ModuleIO(context))
    }
    final override func reset() { module.pointee.reset() }
    final override func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        module.pointee.start(lanes, seeds: seeds)
    }
    final override var gap: Int { module.pointee.gap }
    final override var memory: Int { MemoryLayout<M>.size + module.pointee.memory }
}

final class FeedbackBox<M: FeedbackModule & ~Copyable>: Box<M> {
    override func read(_ context: UnsafePointer<StepContext>) { module.pointee.read(ModuleIO(context)) }
    override func write(_ context: UnsafePointer<StepContext>) { module.pointee.write(ModuleIO(context)) }
}
