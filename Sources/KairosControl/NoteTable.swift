/// Who holds which note: every note whose gate is high, whoever struck it and wherever it sounds.
///
/// A note-off is matched by source, channel and key as received; what became of the note at its note-on is
/// remembered with it. Flat and of fixed size.
///
/// > Audio thread, but for `init` and `free`.
public struct NoteTable: Sendable {
    /// One note that is held by a key or a pedal.
    public struct Note: Sendable, BitwiseCopyable {
        /// The engine's number of the stroke: the greater, the newer. Layers of one stroke share it.
        public var serial: UInt32 = 0
        /// The device.
        public var source: UInt16 = 0
        /// The channel as received, 0…15.
        public var channel: UInt8 = 0
        /// The key as received, 0…127.
        public var key: UInt8 = 0
        /// The channel whose pedals hold it: its own, or its zone's first.
        public var home: UInt8 = 0
        /// Whose bend and pressure it has, by the engine's count.
        public var line: UInt8 = 0
        /// The slot it sounds in.
        public var slot: Int16 = 0
        /// The pitch in semitones that its note-on named, by which its note-off is matched as well; nil where the
        /// note-on named only a key.
        public var namedPitch: Float?
        /// The serial of the stroke that its voice was started for. Notes of a slot that share a voice (mono, legato) take
        /// turns: the newest plays, the others wait.
        public var voice: UInt32 = 0
        /// What the slot was started with: the pitch in semitones and the velocity, 0…1.
        public var pitch: Float = 0
        /// 0…1
        public var velocity: Float = 0
        /// How loud its part plays this velocity, 0…1.
        public var gain: Float = 1
        /// 0…1, once the key is up.
        public var releaseVelocity: Float = 0
        /// Whether the key is down.
        public var isDown = true
        /// Whether the sustain pedal holds it though the key is up.
        public var isSustained = false
        /// Whether the sostenuto pedal caught it.
        public var isCaught = false

        /// A note whose key went down.
        public init(
            serial: UInt32 = 0, source: UInt16 = 0, channel: UInt8 = 0, key: UInt8 = 0, home: UInt8 = 0,
            line: UInt8 = 0, slot: Int16 = 0, namedPitch: Float? = nil, pitch: Float = 0, velocity: Float = 0,
            gain: Float = 1
        ) {
            self.serial = serial
            voice = serial
            self.source = source
            self.channel = channel
            self.key = key
            self.home = home
            self.line = line
            self.slot = slot
            self.namedPitch = namedPitch
            self.pitch = pitch
            self.velocity = velocity
            self.gain = gain
        }
    }

    private nonisolated(unsafe) let notes: UnsafeMutablePointer<Note>
    /// What was taken out last.
    private nonisolated(unsafe) let released: UnsafeMutablePointer<Note>
    /// One bit a channel, for each source.
    private nonisolated(unsafe) let sustain: UnsafeMutablePointer<UInt16>
    private nonisolated(unsafe) let hold: UnsafeMutablePointer<UInt16>
    private nonisolated(unsafe) let sostenuto: UnsafeMutablePointer<UInt16>
    /// How many notes are held.
    public private(set) var count = 0
    /// The most notes that can be held at once.
    public static let capacity = 1024

    /// An empty table.
    ///
    /// > Control thread.
    public init() {
        notes = .allocate(capacity: Self.capacity)
        notes.initialize(repeating: Note(), count: Self.capacity)
        released = .allocate(capacity: Self.capacity)
        released.initialize(repeating: Note(), count: Self.capacity)
        sustain = .allocate(capacity: Event.sourceLimit)
        sustain.initialize(repeating: 0, count: Event.sourceLimit)
        hold = .allocate(capacity: Event.sourceLimit)
        hold.initialize(repeating: 0, count: Event.sourceLimit)
        sostenuto = .allocate(capacity: Event.sourceLimit)
        sostenuto.initialize(repeating: 0, count: Event.sourceLimit)
    }

    /// Gives the memory back.
    ///
    /// > Control thread, once.
    public func free() {
        notes.deallocate()
        released.deallocate()
        sustain.deallocate()
        hold.deallocate()
        sostenuto.deallocate()
    }

    /// The note at a place, oldest first.
    public subscript(_ index: Int) -> Note { notes[index] }

    /// Adds a note that was struck. When the table is full, the oldest is returned: it must be ended first.
    public mutating func add(_ note: Note) -> Note? {
        var evicted: Note?
        if count == Self.capacity { evicted = remove(at: 0) }
        notes[count] = note
        count += 1
        return evicted
    }

    /// A note-off: the oldest note of the key whose key is down loses it, in every slot that plays it. What nothing
    /// else holds leaves through ``takeReleased()``. Returns the note, or nil where the key held none.
    ///
    /// `pitch` is the pitch in semitones that the note-on named: only a note of exactly this pitch ends. A note-off
    /// without one ends a note without one, or, where there is none, the oldest note of the key. [audio]
    public mutating func keyUp(
        source: UInt16, channel: UInt8, key: UInt8, pitch: Float? = nil, velocity: Float
    ) -> Note? {
        guard let first = place(source: source, channel: channel, key: key, pitch: pitch) else { return nil }
        let note = notes[first], sustained = isSustained(note.home, note.source)
        for layer in first..<count where notes[layer].serial == note.serial {
            notes[layer].isDown = false
            notes[layer].releaseVelocity = velocity
            notes[layer].isSustained = sustained
        }
        return notes[first]
    }

    private func place(source: UInt16, channel: UInt8, key: UInt8, pitch: Float?) -> Int? {
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

    private func isHeld(_ index: Int) -> Bool {
        notes[index].isDown || notes[index].isSustained || notes[index].isCaught
    }

    /// Whether the sustain pedal, or the second hold pedal, of `channel` holds notes of `source`. [audio]
    public func isSustained(_ channel: UInt8, _ source: UInt16) -> Bool {
        isPedalDown(sustain, channel, source) || isPedalDown(hold, channel, source)
    }

    /// Pedals hold the notes of all keyboards, but those of a further port of a MIDI file only its own.
    private func isPedalDown(
        _ pedal: UnsafeMutablePointer<UInt16>, _ channel: UInt8, _ source: UInt16
    ) -> Bool {
        var all: UInt16 = 0
        if FixedSource.filePorts.contains(source) {
            all = pedal[Int(source)]
        } else {
            for other in 0..<Event.sourceLimit where !FixedSource.filePorts.contains(UInt16(other)) {
                all |= pedal[other]
            }
        }
        return all >> UInt16(channel) & 1 == 1
    }

    /// Whether a pedal of `source` acts on the notes of `other`.
    private func sharesPedals(_ source: UInt16, _ other: UInt16) -> Bool {
        source == other || !(FixedSource.filePorts.contains(source) || FixedSource.filePorts.contains(other))
    }

    /// The sustain pedal moved. Notes that it alone held leave through ``takeReleased()``.
    public mutating func setSustain(_ down: Bool, source: UInt16, channel: UInt8) {
        set(sustain, down, source, channel)
        freeSustained(channel, source)
    }

    /// The second hold pedal moved. It holds as the sustain pedal does.
    public mutating func setHold(_ down: Bool, source: UInt16, channel: UInt8) {
        set(hold, down, source, channel)
        freeSustained(channel, source)
    }

    private func freeSustained(_ channel: UInt8, _ source: UInt16) {
        guard !isSustained(channel, source) else { return }
        for index in 0..<count
        where notes[index].home == channel && sharesPedals(source, notes[index].source) {
            notes[index].isSustained = false
        }
    }

    /// The sostenuto pedal moved: going down it catches the notes whose keys are down.
    public mutating func setSostenuto(_ down: Bool, source: UInt16, channel: UInt8) {
        let was = isPedalDown(sostenuto, channel, source)
        set(sostenuto, down, source, channel)
        let now = isPedalDown(sostenuto, channel, source)
        guard was != now else { return }
        for index in 0..<count
        where notes[index].home == channel && sharesPedals(source, notes[index].source) {
            notes[index].isCaught = now && notes[index].isDown
        }
    }

    private func set(_ pedal: UnsafeMutablePointer<UInt16>, _ down: Bool, _ source: UInt16, _ channel: UInt8)
    {
        let bit = UInt16(1) << UInt16(channel)
        let source = Int(source) % Event.sourceLimit
        if down { pedal[source] |= bit } else { pedal[source] &= ~bit }
    }

    /// Every key of these lines is up (CC 123); pedals go on holding.
    public mutating func allKeysUp(_ lines: ChannelMask) {
        for index in 0..<count where lines.contains(notes[index].line) && notes[index].isDown {
            notes[index].isDown = false
            notes[index].isSustained = isSustained(notes[index].home, notes[index].source)
        }
    }

    /// Every key of a source is up, and nothing holds it.
    public mutating func letGo(source: UInt16) {
        for index in 0..<count where notes[index].source == source {
            notes[index].isDown = false
            notes[index].isSustained = false
            notes[index].isCaught = false
        }
    }

    /// A source is gone: its keys are up and its pedals too, nobody else's.
    public mutating func forget(source: UInt16) {
        for channel in UInt8(0)..<16 {
            setSustain(false, source: source, channel: channel)
            setHold(false, source: source, channel: channel)
            setSostenuto(false, source: source, channel: channel)
        }
        letGo(source: source)
    }

    /// Every pedal of every source is up, and every key (panic).
    public mutating func clear() {
        count = 0
        for source in 0..<Event.sourceLimit {
            sustain[source] = 0
            hold[source] = 0
            sostenuto[source] = 0
        }
    }

    /// Takes out every note that nothing holds any more, in one pass. Returns how many: see ``released(_:)``. [audio]
    public mutating func takeReleased() -> Int {
        var kept = 0, taken = 0
        for index in 0..<count {
            if isHeld(index) {
                if kept < index { notes[kept] = notes[index] }
                kept += 1
            } else {
                released[taken] = notes[index]
                taken += 1
            }
        }
        count = kept
        return taken
    }

    /// A note that was taken out last, oldest first. [audio]
    public func released(_ index: Int) -> Note { released[index] }

    /// The newest note of a slot that waits for a voice: what the voice goes back to. [audio]
    public func newest(slot: Int16, voice: UInt32) -> Note? {
        var index = count
        while index > 0 {
            index -= 1
            if notes[index].slot == slot, notes[index].voice == voice { return notes[index] }
        }
        return nil
    }

    /// The voice of the note `former` went to the note `serial` in a slot. `former` waits until it comes back, or is
    /// forgotten: then its note-off does nothing. A note that nothing holds any more is not here. [audio]
    public mutating func give(voiceOf former: UInt32, to serial: UInt32, slot: Int16, waits: Bool) {
        func place(_ serial: UInt32) -> Int? {
            (0..<count).first { notes[$0].serial == serial && notes[$0].slot == slot }
        }
        guard let old = place(former), let new = place(serial) else { return }
        if waits { notes[new].voice = notes[old].voice } else { _ = remove(at: old) }
    }

    /// The most strokes of one key that may be open at once.
    public static let strokeLimit = 2

    /// How many note-ons of a key had no note-off yet. `pitch` is what the note-ons named beside the key, in semitones:
    /// each pitch counts for itself. [audio]
    public func openStrokes(source: UInt16, channel: UInt8, key: UInt8, pitch: Float?) -> Int {
        var strokes = 0, last: UInt32?
        for index in 0..<count {
            let note = notes[index]
            guard note.isDown, note.source == source, note.channel == channel, note.key == key,
                note.namedPitch == pitch
            else { continue }
            // The layers of a stroke are neighbours.
            if note.serial != last { strokes += 1 }
            last = note.serial
        }
        return strokes
    }

    /// Whether a key of `slot` is down on `line`, or held there by a pedal.
    public func holds(slot: Int16, line: UInt8?, keysOnly: Bool) -> Bool {
        for index in 0..<count where notes[index].slot == slot {
            if let line, notes[index].line != line { continue }
            if notes[index].isDown || !keysOnly { return true }
        }
        return false
    }

    /// Takes out every note of lines that were cut off.
    public mutating func forget(_ lines: ChannelMask) {
        var kept = 0
        for index in 0..<count where !lines.contains(notes[index].line) {
            notes[kept] = notes[index]
            kept += 1
        }
        count = kept
    }

    /// Takes out every note of a slot that ends.
    public mutating func forget(slot: Int16) {
        var kept = 0
        for index in 0..<count where notes[index].slot != slot {
            notes[kept] = notes[index]
            kept += 1
        }
        count = kept
    }

    private mutating func remove(at index: Int) -> Note {
        let note = notes[index]
        for later in index + 1..<max(count, index + 1) { notes[later - 1] = notes[later] }
        count -= 1
        return note
    }
}
