import KairosEngine
import KairosFiles

/// What the console cannot do by itself, because it is the instrument's.
public struct OSCHost: Sendable {
    /// Begins to learn a control for a target, takes the last back, or ends. Returns what to tell.
    public enum MIDILearn: Sendable, Equatable { case start(String), undo, stop }

    /// The state of the machine: load (0…1), interruptions.
    public var machine: @Sendable () -> (load: Double, xruns: Int)
    /// Each entry's state in a word.
    public var states: @Sendable () -> [String]
    /// See ``MIDILearn``. Throws what is wrong with the target.
    public var learn: @Sendable (MIDILearn) throws -> String
    /// Folders of patches, the player's own first.
    public var folders: [String]
    /// Where the player's own patches are written.
    public var userFolder: String
    /// Where the player's own presets are written.
    public var presetFolder = Library.userFolder(.presets)
    /// Whose state is kept.
    public var owner = SavedSession.Owner()
    /// How often the loader should look at once.
    public var wake: @Sendable () -> Void

    /// A host.
    public init(
        machine: @escaping @Sendable () -> (load: Double, xruns: Int),
        states: @escaping @Sendable () -> [String],
        learn: @escaping @Sendable (MIDILearn) throws -> String, folders: [String], userFolder: String,
        wake: @escaping @Sendable () -> Void
    ) {
        self.machine = machine
        self.states = states
        self.learn = learn
        self.folders = folders
        self.userFolder = userFolder
        self.wake = wake
    }
}
