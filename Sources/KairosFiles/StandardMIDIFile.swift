import Foundation
import KairosControl

/// A Standard MIDI File (MIDI 1.0, "Standard MIDI Files", RP-001), read as far as it is whole.
public struct StandardMIDIFile: Sendable, Equatable {
    /// Events in order of time. Stamps are nanoseconds from the start of the file. The source is 0; where two
    /// ports or devices use the same channel, those after the first are of ``FixedSource/filePorts``.
    public var events: [Event]
    /// Nanoseconds from the start to the end of the longest track; `UInt64.max` where a stamp cannot hold it.
    public var length: UInt64
    /// The first track's name, or empty.
    public var name: String
    /// Clock ticks, 24 to the quarter note, and the start before them. Empty in a file with time code.
    public var clock: [Event]
    /// The file's faults, each with its byte offset, in the order of the file. Empty in a correct file.
    public var warnings: [Diagnostic]
    /// Notes whose keys are still down at the end. ``events`` release them there.
    public var heldNotes: Int
    /// Pedals that are still down at the end. ``events`` release them there.
    public var heldPedals: Int

    /// A song.
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

    /// The events and the clock in one order.
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

    /// What was held at the end, as a sentence; nil where nothing was.
    public var heldAtEnd: String? { Self.heldAtEnd(notes: heldNotes, pedals: heldPedals) }

    /// So many notes and pedals that were held at the end, as a sentence; nil for none.
    public static func heldAtEnd(notes: Int, pedals: Int) -> String? {
        func count(_ number: Int, _ noun: String) -> String? {
            number == 0 ? nil : "\(number) \(noun)\(number == 1 ? "" : "s")"
        }
        let parts = [count(notes, "note"), count(pedals, "pedal")].compactMap { $0 }
        guard !parts.isEmpty else { return nil }
        return parts.joined(separator: " and ")
            + (notes + pedals == 1 ? " was" : " were") + " still held at the end"
    }

    /// Reads a file of at most 64 MiB. What is whole is played and each fault is one of ``warnings``; `strict`
    /// throws them instead. Throws ``Diagnostics`` where nothing can be played.
    ///
    /// > Any thread that may wait for a disk.
    public static func read(path: String, strict: Bool = false) throws(Diagnostics) -> StandardMIDIFile {
        try parse(
            [UInt8](try TextFile.bytes(path, limit: 64 << 20, kind: FileKind.midi.noun)), file: path,
            strict: strict)
    }

    /// Parses the bytes of a file, as ``read(path:strict:)`` does. Diagnostics call it `file`.
    ///
    /// > Any thread.
    public static func parse(_ bytes: [UInt8], file: String, strict: Bool = false) throws(Diagnostics)
        -> StandardMIDIFile
    {
        var reader = SMFReader(bytes: bytes, file: file)
        let contents = try reader.read()
        let assembler = SMFAssembler(contents)
        var found = reader.faults
        assembler.tell(&found)
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
