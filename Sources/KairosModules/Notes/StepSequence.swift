public import KairosDSP

/// Step sequencer: plays a sequence of up to 64 steps while a key is held, transposed to the newest key.
///
/// While the music runs, step 1 is at its beginning. While it stands still, the first key begins step 1.
public struct StepSequence: NoteStage {
    /// Type name and description.
    public static let info = ModuleInfo(
        "sequence", "Step sequencer: up to 64 steps, transposed to the held key, in time with the tempo.")

    /// Parameters.
    public typealias Param = StepSequenceParam

    private let seed: UInt32
    /// The held keys. The newest one plays.
    private var held = NoteList()
    /// The note that sounds.
    private var sounding = ArpeggioNotes()
    /// The steps and their beats.
    private var grid = StepGrid()
    /// True where the present step is played, by its probability.
    private var plays = true
    /// The number of random values since the slot became active.
    private var drawn: UInt32 = 0

    /// Creates the stage. [loader]
    public init(_ format: Format, _: inout ModuleMemory) { seed = format.seed }

    /// Forgets all notes. [audio, loader]
    public mutating func reset() {
        held.removeAll()
        sounding.removeAll()
        grid = StepGrid()
        plays = true
        drawn = 0
    }

    /// Sets the count of random values to 0. [audio]
    public mutating func rewind() { drawn = 0 }

    /// Adds a held key, or removes it. When the last one comes up, the note ends. [audio]
    public mutating func receive(_ event: NoteEvent, _ io: NoteStageIO<Self>) {
        switch event.kind {
        case .on:
            if held.isEmpty { grid.begin(io.time) }
            held.add(event)
        case .off:
            if held.remove(event.id) != nil, held.isEmpty {
                while sounding.firstEnd != nil {
                    io.send(sounding.removeFirst().off(velocity: event.velocity))
                }
            }
        }
    }

    /// The next step, or the next end of a note. [audio]
    public mutating func nextFrame(_ io: NoteStageIO<Self>) -> Int? {
        guard !held.isEmpty else { return nil }
        plan(io)
        let step = io.time.frame(of: grid.beat)
        return min(step, sounding.firstEnd.map { io.time.frame(of: $0) } ?? step)
    }

    /// Plays a step, and ends notes. [audio]
    public mutating func advance(_ io: NoteStageIO<Self>) {
        guard !held.isEmpty else { return }
        plan(io)
        if io.time.hasReached(grid.beat) {
            play(io)
            _ = grid.advance()
        }
        while let end = sounding.firstEnd, io.time.hasReached(end) { io.send(sounding.removeFirst().off()) }
    }

    private mutating func plan(_ io: NoteStageIO<Self>) {
        let length = NoteLength.beats(io.choice(.rate)), swing = Double(io[.swing])
        grid.plan(io.time, length: length, swing: swing)
        grid.setHits(io.choice(.of(.ratchet, step: index(io))))
    }

    /// The index of the present step, 0..<64.
    private func index(_ io: NoteStageIO<Self>) -> Int {
        let length = io.choice(.length)
        return (grid.step % length + length) % length
    }

    private mutating func play(_ io: NoteStageIO<Self>) {
        let index = index(io)
        if grid.isFirstHit { plays = draw() < io[.of(.probability, step: index)] }
        let gate = io[.of(.gate, step: index)]
        guard plays, gate > 0 else { return }
        // The note before sounds until the end of this step: see `tiedBeats(_:)`.
        if io.isOn(.of(.tie, step: index)), sounding.firstEnd.map({ !io.time.hasReached($0) }) ?? false {
            return
        }
        if sounding.isFull { io.send(sounding.removeFirst().off()) }
        var note = held[held.count - 1]
        note.id = io.newID()
        note.key += Int16(io[.of(.pitch, step: index)])
        note.velocity *= io[.of(.velocity, step: index)]
        let tied = grid.isLastHit ? tiedBeats(index, io) : nil
        io.send(note)
        sounding.add(note, end: tied ?? grid.beat + grid.hitLength * Double(gate))
    }

    /// The beat until which the steps after `index` prolong its note; nil where the next step is not tied.
    private func tiedBeats(_ index: Int, _ io: NoteStageIO<Self>) -> Double? {
        let length = io.choice(.length)
        var tied = 0
        while tied < length - 1, io.isOn(.of(.tie, step: (index + tied + 1) % length)) { tied += 1 }
        guard tied > 0 else { return nil }
        let gate = io[.of(.gate, step: (index + tied) % length)]
        let start = grid.start(of: grid.step + tied)
        return start + (grid.start(of: grid.step + tied + 1) - start) * Double(gate)
    }

    /// A random value, 0 ..< 1.
    private mutating func draw() -> Float {
        drawn &+= 1
        return Float(scrambled(seed ^ scrambled(drawn)) >> 8) / 16_777_216
    }
}
