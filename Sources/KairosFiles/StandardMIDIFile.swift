import Foundation
public import KairosControl
public import KairosPatch

/// A Standard MIDI File (MIDI 1.0, "Standard MIDI Files", RP-001). Damaged files are read as far as possible.
public struct StandardMIDIFile: Sendable, Equatable {
    /// Events in the order of time. Time stamps are nanoseconds from the start of the file. The source is 0;
    /// if several ports or devices use the same channel, those after the first have the sources
    /// ``FixedSource/filePorts``.
    public var events: [Event]
    /// Nanoseconds from the start to the end of the longest track; `UInt64.max` if a time stamp cannot hold
    /// it.
    public var length: UInt64
    /// Name of the first track; empty if it has none.
    public var name: String
    /// A start event and MIDI clock ticks, 24 per quarter note. Empty in a file with time code.
    public var clock: [Event]
    /// The faults of the file with their byte offsets, in the order of the file. Empty if the file is
    /// correct.
    public var warnings: [Diagnostic]
    /// Number of notes that are still held at the end. ``events`` release them there.
    public var heldNotes: Int
    /// Number of pedals that are still held at the end. ``events`` release them there.
    public var heldPedals: Int

    /// A MIDI file.
    public init(
        events: [Event] = [], length: UInt64 = 0, name: String = "", clock: [Event] = [],
        warnings: [Diagnostic] = [], heldNotes: Int = 0, heldPedals: Int = 0
    ) {
        self.events = events
        self.clock = clock
        self.length = length
        self.name = name
        self.warnings = warnings
        self.heldNotes = heldNotes
        self.heldPedals = heldPedals
    }

    /// ``events`` and ``clock`` merged in the order of time; a clock tick precedes events at the same time.
    public var clocked: [Event] {
        var result: [Event] = []
        result.reserveCapacity(events.count + clock.count)
        var tick = 0
        for event in events {
            while tick < clock.count, clock[tick].stamp <= event.stamp {
                result.append(clock[tick])
                tick += 1
            }
            result.append(event)
        }
        return result + clock[tick...]
    }

    /// A message about notes and pedals that were held at the end; nil if there were none.
    public var heldAtEnd: String? { Self.heldAtEnd(notes: heldNotes, pedals: heldPedals) }

    /// A message about the given numbers of notes and pedals that were held at the end; nil if both are 0.
    public static func heldAtEnd(notes: Int, pedals: Int) -> String? {
        func count(_ number: Int, _ noun: String) -> String? {
            number == 0 ? nil : "\(number) \(noun)\(number == 1 ? "" : "s")"
        }
        let parts = [count(notes, "note"), count(pedals, "pedal")].compactMap { $0 }
        guard !parts.isEmpty else { return nil }
        return parts.joined(separator: " and ")
            + (notes + pedals == 1 ? " was" : " were") + " still held at the end"
    }

    /// Reads a file of at most 64 MiB. Blocks for the disk. [any]
    ///
    /// A damaged file is read as far as possible, and its faults are ``warnings``; with `strict` they are
    /// thrown instead. Throws ``Diagnostics`` if nothing can be played.
    public static func read(path: String, strict: Bool = false) throws(Diagnostics) -> StandardMIDIFile {
        try parse(
            try TextFile.bytes(path, limit: 64 << 20, kind: FileKind.midi.noun), file: path, strict: strict)
    }

    /// Parses the bytes of a file, as ``read(path:strict:)`` does; diagnostics name `file`. [any]
    public static func parse(_ bytes: [UInt8], file: String, strict: Bool = false) throws(Diagnostics)
        -> StandardMIDIFile
    {
        var reader = SMFReader(bytes: bytes, file: file)
        let contents = try reader.read()
        let assembler = SMFAssembler(contents)
        var found = reader.faults
        assembler.reportSharedPorts(&found)
        let faults = found.diagnostics
        if strict, !faults.isEmpty { throw Diagnostics(faults) }
        var song = assembler.song()
        if song.events.isEmpty, !faults.isEmpty {
            throw Diagnostics(
                faults + [Diagnostic(file: file, message: "nothing in this file can be played")])
        }
        song.warnings = faults
        return song
    }
}
