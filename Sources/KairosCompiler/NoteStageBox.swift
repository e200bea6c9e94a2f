import KairosDSP

/// The box of a note stage.
final class NoteStageBox<Stage: NoteStage>: Box<Stage> {
    @inline(__always) private func stageIO(
        _ context: UnsafePointer<StepContext>, _ exchange: UnsafeMutablePointer<NoteExchange>
    ) -> NoteStageIO<Stage> { unsafe NoteStageIO(io(context), exchange) }

    package override func receive(
        _ event: NoteEvent, _ context: UnsafePointer<StepContext>,
        _ exchange: UnsafeMutablePointer<NoteExchange>
    ) {
        unsafe module.pointee.receive(event, stageIO(context, exchange))
    }
    package override func nextFrame(
        _ context: UnsafePointer<StepContext>, _ exchange: UnsafeMutablePointer<NoteExchange>
    ) -> Int? { unsafe module.pointee.nextFrame(stageIO(context, exchange)) }
    package override func advance(
        _ context: UnsafePointer<StepContext>, _ exchange: UnsafeMutablePointer<NoteExchange>
    ) {
        unsafe module.pointee.advance(stageIO(context, exchange))
    }
    package override func latches(
        _ context: UnsafePointer<StepContext>, _ exchange: UnsafeMutablePointer<NoteExchange>
    ) -> Bool { unsafe module.pointee.latches(stageIO(context, exchange)) }
    package override func rewind() { unsafe module.pointee.rewind() }
}
