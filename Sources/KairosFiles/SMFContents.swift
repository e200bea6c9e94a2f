/// What the chunks of a MIDI file hold, before ticks become time.
struct SMFContents {
    /// One complete message of a track.
    struct Message {
        var tick: UInt64
        var track: Int
        /// Rises in the order of the file.
        var order: Int
        /// Index in ``outlets``.
        var outlet: Int
        /// Status and data of a channel message; the status is 0 where ``bytes`` hold the message.
        var status: UInt8
        var first: UInt8 = 0
        var second: UInt8 = 0
        /// A system message, complete, from its status byte on.
        var bytes: [UInt8] = []
    }

    /// Where a track plays to: the port of meta event 21 and the device of meta event 09.
    struct Outlet: Hashable {
        var port: UInt8 = 0
        var device = ""
    }

    var division = TickClock.Division.quarter(480)
    var messages: [Message] = []
    var tempos: [TickClock.Tempo] = []
    private(set) var outlets: [Outlet] = []
    /// For each outlet, the byte offset of the event that first named it; 0 where none did.
    private(set) var outletOffsets: [Int] = []
    private var indices: [Outlet: Int] = [:]
    /// The end of the longest track.
    var lastTick: UInt64 = 0
    var name = ""

    /// The index of an outlet, which is added where it is new, as named at `offset`.
    mutating func index(of outlet: Outlet, at offset: Int) -> Int {
        if let index = indices[outlet] { return index }
        indices[outlet] = outlets.count
        outlets.append(outlet)
        outletOffsets.append(offset)
        return outlets.count - 1
    }
}
