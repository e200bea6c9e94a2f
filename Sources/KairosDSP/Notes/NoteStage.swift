/// Note stage: a module in front of the voices, which gets note-ons and note-offs and sends others.
///
/// * Its parameters are all latched. It has no inlets and no outlets, and `process` is not called.
/// * It sends the note-off of each note-on that it has sent. It ends its notes by itself, in bounded time, once
///   it has got the note-off of every note. A note-off of a note that it does not know has no effect.
/// * It acts by itself at the frames that ``nextFrame(_:)`` returns. What it does depends on its state, its
///   parameters and the time only, not on how often it is asked.
/// * Its random values come from the seed of its format and from a count that ``rewind()`` sets to 0.
/// * A call sends at most ``NoteExchange/eventsPerCall`` events, and takes bounded time.
public protocol NoteStage: Module where Inlet == NoInlets, Outlet == NoOutlets {
    /// Handles a note-on or note-off at the frame of `io`. [audio]
    mutating func receive(_ event: NoteEvent, _ io: NoteStageIO<Self>)

    /// The next frame, that of `io` or later, at which it acts by itself; nil if it has nothing to do without another
    /// note. [audio]
    mutating func nextFrame(_ io: NoteStageIO<Self>) -> Int?

    /// Acts at the frame of `io`, which ``nextFrame(_:)`` has returned. [audio]
    mutating func advance(_ io: NoteStageIO<Self>)

    /// True where keys that come up are to be held until the next key. [audio]
    func latches(_ io: NoteStageIO<Self>) -> Bool

    /// Sets the count of its random values to 0: its patch becomes active again. [audio]
    mutating func rewind()
}

extension NoteStage {
    /// nil: it acts when it gets a note only.
    @inlinable public mutating func nextFrame(_ io: NoteStageIO<Self>) -> Int? { nil }
    /// Nothing.
    @inlinable public mutating func advance(_ io: NoteStageIO<Self>) {}
    /// False.
    @inlinable public func latches(_ io: NoteStageIO<Self>) -> Bool { false }
    /// Nothing.
    @inlinable public mutating func rewind() {}
    /// Nothing: a stage has no lanes.
    @inlinable public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {}
    /// Nothing: a stage is not rendered.
    @inlinable public mutating func process(_ io: ModuleIO<Self>) {}
}
