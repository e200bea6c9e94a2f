/// The contents of the chunks of a MIDI file, with times in ticks.
struct SMFContents {
    /// A complete message of a track.
    struct Message {
        var tick: UInt64
        /// Number of the track, from 1.
        var track: Int
        /// Ascends in the order of the file.
        var order: Int
        /// Index in ``outlets``.
        var outlet: Int
        /// Status byte of a channel message, followed by its data bytes; 0 if ``bytes`` contain the message.
        var status: UInt8
        var first: UInt8 = 0
        var second: UInt8 = 0
        /// A complete system message with its status byte; empty for a channel message.
        var bytes: [UInt8] = []
    }

    /// The destination of a track: the port of meta event 0x21 and the device name of meta event 0x09.
    struct Outlet: Hashable {
        var port: UInt8 = 0
        var device = ""
    }

    var division = TickClock.Division.quarter(480)
    var messages: [Message] = []
    var tempos: [TickClock.Tempo] = []
    private(set) var outlets: [Outlet] = []
    /// For each outlet, the byte offset of the event that first named it; 0 if none did.
    private(set) var outletOffsets: [Int] = []
    private var indices: [Outlet: Int] = [:]
    /// The end of the longest track.
    var lastTick: UInt64 = 0
    /// The name of the first track.
    var name = ""

    /// The index of an outlet. A new outlet is added, with the byte offset of the event that names it.
    mutating func index(of outlet: Outlet, at offset: Int) -> Int {
        if let index = indices[outlet] { return index }
        indices[outlet] = outlets.count
        outlets.append(outlet)
        outletOffsets.append(offset)
        return outlets.count - 1
    }
}
