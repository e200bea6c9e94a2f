import KairosDSP

/// The held notes: every note whose gate is high, with its owner and the slot where it sounds. [audio]
///
/// A note-off is matched by source, channel and key as received; what splits, transposition and mapping did
/// at note-on is stored with the note. The table has a fixed size. `init` is for the control thread.
public struct NoteTable: ~Copyable, Sendable {
    private var notes: FixedArray<Note>
    /// The notes that ``popReleased()`` removed last.
    private var removed: FixedArray<Note>
    /// The pedals that are down: for each pedal and source, one bit for each channel.
    private var pedals: FixedArray<UInt16>
    /// The number of held notes.
    public private(set) var count = 0
    /// The greatest number of held notes.
    public static let capacity = 1024

    private enum Pedal: Int, CaseIterable { case sustain, hold, sostenuto }

    /// An empty table. It allocates. [control]
    public init() {
        notes = FixedArray(count: Self.capacity, repeating: Note())
        removed = FixedArray(count: Self.capacity, repeating: Note())
        pedals = FixedArray(count: Pedal.allCases.count * Event.sourceLimit, repeating: 0)
    }

    /// The note at an index, 0..<``count``; the oldest is first.
    public subscript(_ index: Int) -> Note { notes[index] }

    /// Adds a note. When the table is full, the oldest note is removed and returned: the caller must end it
    /// first.
    public mutating func add(_ note: Note) -> Note? {
        var evicted: Note?
        if count == Self.capacity { evicted = remove(at: 0) }
        notes[count] = note
        count += 1
        return evicted
    }

    /// Handles a note-off: marks the oldest note of the key as up, in every slot that plays it. Notes that no
    /// pedal holds are then returned by ``popReleased()``. Returns the note, or nil where the key holds none.
    /// [audio]
    ///
    /// `pitch` is the explicit pitch of the note-on in semitones: only a note of exactly this pitch ends.
    /// Without a pitch, a note without explicit pitch ends, or the oldest note of the key where there is
    /// none.
    public mutating func keyUp(
        source: UInt16, channel: UInt8, key: UInt8, pitch: Float? = nil, velocity: Float
    ) -> Note? {
        guard let first = index(source: source, channel: channel, key: key, pitch: pitch) else { return nil }
        let note = notes[first], sustained = isSustained(note.home, note.source)
        for layer in first..<count where notes[layer].serial == note.serial {
            notes[layer].isDown = false
            notes[layer].releaseVelocity = velocity
            notes[layer].isSustained = sustained
        }
        return notes[first]
    }

    private func index(source: UInt16, channel: UInt8, key: UInt8, pitch: Float?) -> Int? {
        var other: Int?
        for index in 0..<count {
            let note = notes[index]
            guard note.isDown, note.source == source, note.channel == channel, note.key == key else {
                continue
            }
            if note.namedPitch == pitch { return index }
            if other == nil { other = index }
        }
        return pitch == nil ? other : nil
    }

    private func isHeld(_ index: Int) -> Bool { notes[index].isPlayed || notes[index].isLatched }

    /// True where the sustain pedal or the second hold pedal of `channel` holds notes of `source`. [audio]
    public func isSustained(_ channel: UInt8, _ source: UInt16) -> Bool {
        isPedalDown(.sustain, channel, source) || isPedalDown(.hold, channel, source)
    }

    /// True where the pedal is down for notes of `source`. A pedal acts on the notes of all sources, but a
    /// pedal of port 2 and up of a MIDI file acts only on the notes of its own port.
    private func isPedalDown(_ pedal: Pedal, _ channel: UInt8, _ source: UInt16) -> Bool {
        let first = pedal.rawValue * Event.sourceLimit
        var all: UInt16 = 0
        if FixedSource.filePorts.contains(source) {
            all = pedals[first + Int(source)]
        } else {
            for other in 0..<Event.sourceLimit where !FixedSource.filePorts.contains(UInt16(other)) {
                all |= pedals[first + other]
            }
        }
        return all >> UInt16(channel) & 1 == 1
    }

    /// True where a pedal of `source` acts on the notes of `other`.
    private func sharesPedals(_ source: UInt16, _ other: UInt16) -> Bool {
        source == other || !(FixedSource.filePorts.contains(source) || FixedSource.filePorts.contains(other))
    }

    /// Sets the sustain pedal (CC 64). ``popReleased()`` then returns the notes that nothing holds any more.
    /// [audio]
    public mutating func setSustain(_ down: Bool, source: UInt16, channel: UInt8) {
        set(.sustain, down, source, channel)
        freeSustained(channel, source)
    }

    /// Sets the second hold pedal (CC 69). It acts like the sustain pedal. [audio]
    public mutating func setHold(_ down: Bool, source: UInt16, channel: UInt8) {
        set(.hold, down, source, channel)
        freeSustained(channel, source)
    }

    private mutating func freeSustained(_ channel: UInt8, _ source: UInt16) {
        guard !isSustained(channel, source) else { return }
        for index in 0..<count
        where notes[index].home == channel && sharesPedals(source, notes[index].source) {
            notes[index].isSustained = false
        }
    }

    /// Sets the sostenuto pedal (CC 66). When it goes down, it holds the notes whose keys are down. [audio]
    public mutating func setSostenuto(_ down: Bool, source: UInt16, channel: UInt8) {
        let was = isPedalDown(.sostenuto, channel, source)
        set(.sostenuto, down, source, channel)
        let now = isPedalDown(.sostenuto, channel, source)
        guard was != now else { return }
        for index in 0..<count
        where notes[index].home == channel && sharesPedals(source, notes[index].source) {
            notes[index].isCaught = now && notes[index].isDown
        }
    }

    private mutating func set(_ pedal: Pedal, _ down: Bool, _ source: UInt16, _ channel: UInt8) {
        let bit = UInt16(1) << UInt16(channel)
        let index = pedal.rawValue * Event.sourceLimit + Int(source) % Event.sourceLimit
        if down { pedals[index] |= bit } else { pedals[index] &= ~bit }
    }

    /// All notes off (CC 123) for these MIDI channel states: marks every key as up. Pedals still hold.
    /// [audio]
    public mutating func allKeysUp(_ states: ChannelMask) {
        for index in 0..<count where states.contains(notes[index].channelState) && notes[index].isDown {
            notes[index].isDown = false
            notes[index].isSustained = isSustained(notes[index].home, notes[index].source)
        }
        for index in 0..<count where states.contains(notes[index].channelState) {
            notes[index].isLatched = false
        }
    }

    /// Marks the notes of a source as held by nothing. [audio]
    public mutating func release(source: UInt16) {
        for index in 0..<count where notes[index].source == source { release(index) }
    }

    private mutating func release(_ index: Int) {
        notes[index].isDown = false
        notes[index].isSustained = false
        notes[index].isCaught = false
        notes[index].isLatched = false
    }

    /// Releases the keys and pedals of a source that has gone, and no others. [audio]
    public mutating func forget(source: UInt16) {
        for channel in UInt8(0)..<16 {
            setSustain(false, source: source, channel: channel)
            setHold(false, source: source, channel: channel)
            setSostenuto(false, source: source, channel: channel)
        }
        release(source: source)
    }

    /// Removes all notes and lifts all pedals of all sources (panic). [audio]
    public mutating func clear() {
        count = 0
        pedals.fill(0)
    }

    /// Removes the notes that nothing holds any more. Returns their number; ``released(_:)`` has them.
    /// [audio]
    public mutating func popReleased() -> Int {
        var kept = 0, taken = 0
        for index in 0..<count {
            if isHeld(index) {
                if kept < index { notes[kept] = notes[index] }
                kept += 1
            } else {
                removed[taken] = notes[index]
                taken += 1
            }
        }
        count = kept
        return taken
    }

    /// A note that the last ``popReleased()`` removed, by index; the oldest is first. [audio]
    public func released(_ index: Int) -> Note { removed[index] }

    /// The newest note of a slot that shares the voice `voice`: the one the voice returns to. Nil for none.
    /// [audio]
    public func newest(slot: Int16, voice: UInt32) -> Note? {
        var index = count
        while index > 0 {
            index -= 1
            if notes[index].slot == slot, notes[index].voice == voice { return notes[index] }
        }
        return nil
    }

    /// Records that the voice of the note `former` of a slot now plays the note `serial`. `former` waits for
    /// the voice where `waits` is true; otherwise it is removed, and its note-off has no effect. Notes that
    /// are not in the table are ignored. [audio]
    public mutating func give(voiceOf former: UInt32, to serial: UInt32, slot: Int16, waits: Bool) {
        func index(_ serial: UInt32) -> Int? {
            (0..<count).first { notes[$0].serial == serial && notes[$0].slot == slot }
        }
        guard let old = index(former), let new = index(serial) else { return }
        if waits { notes[new].voice = notes[old].voice } else { _ = remove(at: old) }
    }

    /// The greatest number of note-ons of one key without a note-off.
    public static let strokeLimit = 2

    /// The number of note-ons of a key that had no note-off yet. Only note-ons with this explicit pitch, in
    /// semitones, or without one where `pitch` is nil, are counted. [audio]
    public func openStrokes(source: UInt16, channel: UInt8, key: UInt8, pitch: Float?) -> Int {
        var strokes = 0, last: UInt32?
        for index in 0..<count {
            let note = notes[index]
            guard note.isDown, note.source == source, note.channel == channel, note.key == key,
                note.namedPitch == pitch
            else { continue }
            // The notes of one note-on are adjacent.
            if note.serial != last { strokes += 1 }
            last = note.serial
        }
        return strokes
    }

    /// True where a note of `slot` is held by its key or, unless `keysOnly`, by a pedal. `channelState` is the MIDI
    /// channel state; nil for any. [audio]
    public func holds(slot: Int16, channelState: UInt8?, keysOnly: Bool) -> Bool {
        for index in 0..<count where notes[index].slot == slot {
            if let channelState, notes[index].channelState != channelState { continue }
            if notes[index].isDown || !keysOnly { return true }
        }
        return false
    }

    /// Removes the notes of MIDI channel states that were silenced. [audio]
    public mutating func forget(_ states: ChannelMask) {
        var kept = 0
        for index in 0..<count where !states.contains(notes[index].channelState) {
            notes[kept] = notes[index]
            kept += 1
        }
        count = kept
    }

    /// Removes the notes of a slot that ends. [audio]
    public mutating func forget(slot: Int16) {
        var kept = 0
        for index in 0..<count where notes[index].slot != slot {
            notes[kept] = notes[index]
            kept += 1
        }
        count = kept
    }

    // MARK: note stages

    /// Marks the notes of MIDI channel states as held by nothing. [audio]
    public mutating func release(_ states: ChannelMask) {
        for index in 0..<count where states.contains(notes[index].channelState) { release(index) }
    }

    /// Lets the note at `index` be held after its key came up. [audio]
    public mutating func latch(_ index: Int) { notes[index].isLatched = true }

    /// Holds the latched notes of a slot no longer. True where there were any. [audio]
    public mutating func unlatch(slot: Int16) -> Bool {
        var hadAny = false
        for index in 0..<count where notes[index].slot == slot && notes[index].isLatched {
            notes[index].isLatched = false
            hadAny = true
        }
        return hadAny
    }

    private mutating func remove(at index: Int) -> Note {
        let note = notes[index]
        for later in index + 1..<max(count, index + 1) { notes[later - 1] = notes[later] }
        count -= 1
        return note
    }
}
