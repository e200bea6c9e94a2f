public import KairosDSP

/// Strum: plays the notes of a chord one shortly after another.
public struct Strum: NoteStage {
    /// Type name and description.
    public static let info = ModuleInfo("strum", "Strum: the notes of a chord one shortly after another.")

    /// Parameters.
    public enum Param: Int, ParamKey {
        case direction, time, window
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .direction:
                .choice(
                    "Order of the notes; alternate: up and down in turn; played: as the keys were pressed.",
                    ["up", "down", "alternate", "played"])
            case .time: .fixedTime("Time from one note to the next.", longest: 0.5, default: 0.03)
            case .window:
                .fixedTime(
                    "Time from the first key in which further keys belong to its chord. The chord begins after it.",
                    longest: 0.1, default: 0)
            }
        }
    }

    private let sampleRate: Float
    /// The notes of the chord that is being collected, and the frame at which it is complete.
    private var chord = NoteList()
    private var complete = 0
    private var pending = PendingNotes()
    /// The number of chords since the slot became active.
    private var chords = 0

    /// Creates the stage. [loader]
    public init(_ format: Format, _: inout ModuleMemory) { sampleRate = format.sampleRate }

    /// Forgets all notes. [audio, loader]
    public mutating func reset() {
        chord.removeAll()
        pending.removeAll()
        chords = 0
    }

    /// Begins with an upward strum again. [audio]
    public mutating func rewind() { chords = 0 }

    /// Collects a note. The end of a note that has not begun leaves it out. [audio]
    public mutating func receive(_ event: NoteEvent, _ io: NoteStageIO<Self>) {
        switch event.kind {
        case .on:
            if chord.isEmpty { complete = io.frame + frames(io[.window]) }
            if !chord.add(event) { io.send(event) }
        case .off:
            if chord.remove(event.id) == nil, !pending.removeStart(of: event.id) { io.send(event) }
        }
    }

    /// The frame of the next note. [audio]
    public mutating func nextFrame(_ io: NoteStageIO<Self>) -> Int? {
        guard !chord.isEmpty else { return pending.firstFrame }
        return min(complete, pending.firstFrame ?? complete)
    }

    /// Sends the notes that are due. [audio]
    public mutating func advance(_ io: NoteStageIO<Self>) {
        if !chord.isEmpty, complete <= io.frame { spread(io) }
        while let frame = pending.firstFrame, frame <= io.frame { io.send(pending.removeFirst()) }
    }

    /// Gives each note of the chord its frame.
    private mutating func spread(_ io: NoteStageIO<Self>) {
        let direction = io.choice(.direction), count = chord.count
        let isDown = direction == 1 || (direction == 2 && chords & 1 == 1)
        for place in 0..<count {
            let note = direction == 3 ? chord[place] : chord.ranked(isDown ? count - 1 - place : place)
            let frame = complete + frames(io[.time] * Float(place))
            if !pending.add(note, at: frame) { io.send(note) }
        }
        chord.removeAll()
        chords += 1
    }

    private func frames(_ seconds: Float) -> Int { Int((seconds * sampleRate).rounded()) }
}
