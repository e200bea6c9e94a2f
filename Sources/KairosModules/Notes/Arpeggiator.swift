public import KairosDSP

/// Arpeggiator: plays the held notes one after another, in time with the transport.
///
/// While the music runs, steps are on its beats. While it stands still, the first key begins the first step.
public struct Arpeggiator: NoteStage {
    /// Type name and description.
    public static let info = ModuleInfo(
        "arp", "Arpeggiator: plays held notes one after another, in time with the tempo.")

    /// Parameters.
    public enum Param: Int, ParamKey {
        case mode, rate, octaves, gate, swing, ratchet, latch
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .mode:
                .choice(
                    "Order of the notes; played: as the keys were pressed; chord: all at once.",
                    ArpeggioMode.allCases.map { "\($0)" })
            case .rate: .noteLength("Length of a step.", default: "1/16")
            case .octaves:
                ParamSpec(
                    "Number of octaves, upwards from the keys.", kind: .int, range: 1...4, default: 1)
            case .gate:
                .fixedRatio(
                    "Length of a note, in relation to its step; at 100 % it ends after the next one has begun.",
                    range: 0.05...1, default: 0.5)
            case .swing: .swing
            case .ratchet:
                ParamSpec("Number of notes in each step.", kind: .int, range: 1...8, default: 1)
            case .latch: .toggle("Whether notes continue after the keys came up, until the next key.")
            }
        }
    }

    private let seed: UInt32
    /// The held notes.
    private var held = NoteList()
    /// The notes that sound.
    private var sounding = ArpeggioNotes()
    /// The steps and their beats.
    private var grid = StepGrid()
    /// The number of steps since the first key.
    private var position = 0
    /// The number of random values since the slot became active.
    private var drawn: UInt32 = 0

    /// Creates the stage. [loader]
    public init(_ format: Format, _: inout ModuleMemory) { seed = format.seed }

    /// Forgets all notes. [audio, loader]
    public mutating func reset() {
        held.removeAll()
        sounding.removeAll()
        grid = StepGrid()
        position = 0
        drawn = 0
    }

    /// Sets the count of random values to 0. [audio]
    public mutating func rewind() { drawn = 0 }

    /// True where it latches. [audio]
    public func latches(_ io: NoteStageIO<Self>) -> Bool { io.isOn(.latch) }

    /// Adds a held note, or removes it. [audio]
    public mutating func receive(_ event: NoteEvent, _ io: NoteStageIO<Self>) {
        switch event.kind {
        case .on:
            if held.isEmpty {
                grid.begin(io.time)
                position = 0
            }
            held.add(event)
        case .off: held.remove(event.id)
        }
    }

    /// The next step, or the next end of a note. [audio]
    public mutating func nextFrame(_ io: NoteStageIO<Self>) -> Int? {
        var next = sounding.firstEnd.map { io.time.frame(of: $0) }
        if !held.isEmpty {
            plan(io)
            let step = io.time.frame(of: grid.beat)
            next = min(next ?? step, step)
        }
        return next
    }

    /// Plays a step, and ends notes. [audio]
    public mutating func advance(_ io: NoteStageIO<Self>) {
        if !held.isEmpty {
            plan(io)
            if io.time.hasReached(grid.beat) {
                play(io)
                if grid.advance() { position += 1 }
            }
        }
        // After the starts: at a gate of 100 % the new note begins first, so that mono patches tie them.
        while let end = sounding.firstEnd, io.time.hasReached(end) { io.send(sounding.removeFirst().off()) }
    }

    private mutating func plan(_ io: NoteStageIO<Self>) {
        grid.plan(io.time, length: NoteLength.beats(io.choice(.rate)), swing: Double(io[.swing]))
        grid.setHits(io.choice(.ratchet))
    }

    private mutating func play(_ io: NoteStageIO<Self>) {
        let end = grid.beat + grid.hitLength * Double(io[.gate])
        let octaves = io.choice(.octaves), mode = ArpeggioMode(rawValue: io.choice(.mode)) ?? .up
        if mode == .chord {
            let octave = position % octaves
            for index in 0..<held.count { start(held[index], octave, end, io) }
            return
        }
        let total = held.count * octaves
        var index = mode.index(position, of: total)
        if mode == .random {
            // One draw for each step, also where a step has several notes.
            index = Int(scrambled(seed ^ scrambled(drawn)) % UInt32(total))
            if grid.isLastHit { drawn &+= 1 }
        }
        let place = index % held.count
        start(mode == .played ? held[place] : held.ranked(place), index / held.count, end, io)
    }

    private mutating func start(
        _ note: NoteEvent, _ octave: Int, _ end: Double, _ io: NoteStageIO<Self>
    ) {
        if sounding.isFull { io.send(sounding.removeFirst().off()) }
        var note = note
        note.id = io.newID()
        note.key += Int16(12 * octave)
        io.send(note)
        sounding.add(note, end: end)
    }
}
