public import KairosDSP

/// Humanize: small random changes of time and velocity.
public struct Humanize: NoteStage {
    /// Type name and description.
    public static let info = ModuleInfo("humanize", "Small random delays and changes of velocity.")

    /// Parameters.
    public enum Param: Int, ParamKey {
        case timing, velocity
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .timing:
                .fixedTime(
                    "Longest delay. The end of a note is delayed as its beginning.", longest: 0.1,
                    default: 0.01)
            case .velocity:
                .fixedRatio("Greatest change of the velocity up or down, in relation to it.", default: 0.1)
            }
        }
    }

    /// The delay of a note that sounds, in frames.
    private struct Delay: BitwiseCopyable {
        var id: UInt32 = 0
        var frames = 0
    }

    private let sampleRate: Float
    private let seed: UInt32
    private var delays = InlineArray<32, Delay>(repeating: Delay())
    private var count = 0
    private var pending = PendingNotes()
    /// The number of random values since the slot became active.
    private var drawn: UInt32 = 0

    /// Creates the stage. [loader]
    public init(_ format: Format, _: inout ModuleMemory) {
        sampleRate = format.sampleRate
        seed = format.seed
    }

    /// Forgets all notes. [audio, loader]
    public mutating func reset() {
        count = 0
        pending.removeAll()
        drawn = 0
    }

    /// Sets the count of random values to 0. [audio]
    public mutating func rewind() { drawn = 0 }

    /// Delays a note, and changes its velocity. [audio]
    public mutating func receive(_ event: NoteEvent, _ io: NoteStageIO<Self>) {
        switch event.kind {
        case .on: start(event, io)
        case .off: end(event, io)
        }
    }

    /// The frame of the next note. [audio]
    public mutating func nextFrame(_ io: NoteStageIO<Self>) -> Int? { pending.firstFrame }

    /// Sends the notes that are due. [audio]
    public mutating func advance(_ io: NoteStageIO<Self>) {
        while let frame = pending.firstFrame, frame <= io.frame { io.send(pending.removeFirst()) }
    }

    private mutating func start(_ event: NoteEvent, _ io: NoteStageIO<Self>) {
        let frames = Int((random() * io[.timing] * sampleRate).rounded())
        let change = (2 * random() - 1) * io[.velocity]
        var note = event
        note.velocity = min(1, max(1 / 127, event.velocity * (1 + change)))
        guard count < delays.count, pending.add(note, at: io.frame + frames) else { return io.send(note) }
        delays[count] = Delay(id: event.id, frames: frames)
        count += 1
    }

    private mutating func end(_ event: NoteEvent, _ io: NoteStageIO<Self>) {
        for index in 0..<count where delays[index].id == event.id {
            let frames = delays[index].frames
            count -= 1
            delays[index] = delays[count]
            if pending.add(event, at: io.frame + frames) { return }
            break
        }
        // A note without delay, or no room to wait: it ends now, or does not begin.
        if !pending.removeStart(of: event.id) { io.send(event) }
    }

    /// A random value, 0…1.
    private mutating func random() -> Float {
        drawn &+= 1
        return Float(scrambled(seed ^ scrambled(drawn)) >> 8) / 16_777_216
    }
}
