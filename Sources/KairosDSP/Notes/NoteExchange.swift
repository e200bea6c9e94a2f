/// Exchange between the engine and the note stages of an instance: the time, the events that a stage sends, numbers
/// for new notes. [audio]
@frozen public struct NoteExchange {
    /// The transport at the frame of the call.
    public var time: BeatTime
    /// The number of the last note of the engine.
    public var lastID: UInt32 = 0
    /// The events that were sent and not handled yet.
    @usableFromInline let events: UnsafeMutablePointer<NoteEvent>
    /// The greatest number of such events.
    @usableFromInline let capacity: Int
    /// The number of events in use.
    public private(set) var count = 0
    /// The number of events that may be in use while the present call sends.
    @usableFromInline var limit = 0

    /// The greatest number of events that a stage may send in one call; the rest is lost.
    @inlinable public static var eventsPerCall: Int { 128 }

    /// An exchange whose events lie in `events`, which has room for `capacity` of them.
    public init(_ events: UnsafeMutablePointer<NoteEvent>, capacity: Int, time: BeatTime) {
        self.events = events
        self.capacity = capacity
        self.time = time
    }

    /// Begins a call of a stage, and returns the index of the first event that it sends.
    public mutating func begin() -> Int {
        limit = min(capacity, count + Self.eventsPerCall)
        return count
    }

    /// Sends an event.
    public mutating func send(_ event: NoteEvent) {
        guard count < limit else { return }
        events[count] = event
        count += 1
    }

    /// An event by its index, 0..<``count``.
    public subscript(_ index: Int) -> NoteEvent { events[index] }

    /// Removes the events from index `first` on, which are handled.
    public mutating func end(from first: Int) { count = first }

    /// A number for a new note.
    public mutating func newID() -> UInt32 {
        lastID &+= 1
        return lastID
    }
}
