import KairosControl

/// A report of the audio thread to the control side. Reports that nobody reads in time are dropped.
public enum Report: Sendable, BitwiseCopyable {
    /// An event acted, or could not.
    case event(EventReport)
    /// The notes and pedals of a source were released.
    case sourceGone(EventReport)
    /// A part changed to another entry.
    case changed(EntryChange)
    /// A slot of the entry is silent, at `frame`, so many frames after a change has left it.
    case rangOut(EntryID?, frame: Int, after: Int)
    /// An entry that was waited for has failed; the old sound plays on.
    case failed(EntryID)
    /// A slot of the entry was faded, because the change to come would have overloaded the processor.
    case shortened(EntryID?)
    /// The entry is requested and not built yet; the old sound plays on.
    case wanted(EntryID)
    /// A module, by its index in the patch of a sound, produced a value that is not finite.
    case notFinite(module: Int32, of: SoundID?)
    /// A slot of the entry was faded to make room, or because it rang too long.
    case evicted(EntryID?)
    /// The instances of a sound play this version of it from now on.
    case edited(SoundID, version: Int32)

    /// The report about an event. [audio]
    init(_ report: EventReport) {
        switch report.event.message {
        case .sourceGone: self = .sourceGone(report)
        default: self = .event(report)
        }
    }
}
