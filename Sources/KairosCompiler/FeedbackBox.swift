import KairosDSP

/// The box of a module that may be part of a feedback loop.
final class FeedbackBox<M: FeedbackModule>: Box<M> {
    package override func read(_ context: UnsafePointer<StepContext>) {
        unsafe module.pointee.read(io(context))
    }
    package override func write(_ context: UnsafePointer<StepContext>) {
        unsafe module.pointee.write(io(context))
    }
}
