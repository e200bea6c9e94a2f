/// Module that is allowed in a feedback loop. There it is split into two steps: `read` runs first, `write`
/// last.
///
/// The output of `read` is at least ``SubBlock/longest`` frames old.
public protocol FeedbackModule: Module {
    /// Fills the outlets from the frames written before this sub-block. [audio]
    mutating func read(_ io: ModuleIO<Self>)

    /// Stores the inlets of this sub-block. [audio]
    mutating func write(_ io: ModuleIO<Self>)
}
