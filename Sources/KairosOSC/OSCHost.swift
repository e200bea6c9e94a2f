public import KairosPatch

/// The program around the dispatcher: its functions, folders and storage.
public struct OSCHost: Sendable {
    /// An action of MIDI learn: start for a target, remove the control learned last, stop.
    public enum LearnAction: Sendable, Equatable { case start(String), undo, stop }

    /// Returns the render load (0…1) and the number of xruns.
    public var machine: @Sendable () -> (load: Double, xruns: Int)
    /// Returns the state of each entry as one word.
    public var states: @Sendable () -> [String]
    /// Carries out an action of MIDI learn and returns a line for the player. Throws if the target or the
    /// action is invalid.
    public var learn: @Sendable (LearnAction) throws -> String
    /// Folders that patches are read from, the user's own first.
    public var folders: [String]
    /// The folder that patches are saved in.
    public var userFolder: String
    /// The folder that presets are saved in.
    public var presetFolder: String
    /// Reads and writes patches, presets and sessions.
    public var store: any PatchStore
    /// The set list or patches that a saved session belongs to.
    public var owner = SavedSession.Owner()
    /// Wakes the loader thread now instead of at its next poll.
    public var wake: @Sendable () -> Void

    /// Creates a host whose sessions belong to no set list.
    public init(
        machine: @escaping @Sendable () -> (load: Double, xruns: Int),
        states: @escaping @Sendable () -> [String],
        learn: @escaping @Sendable (LearnAction) throws -> String, folders: [String], userFolder: String,
        presetFolder: String, store: any PatchStore,
        wake: @escaping @Sendable () -> Void
    ) {
        self.machine = machine
        self.states = states
        self.learn = learn
        self.folders = folders
        self.userFolder = userFolder
        self.presetFolder = presetFolder
        self.store = store
        self.wake = wake
    }
}
