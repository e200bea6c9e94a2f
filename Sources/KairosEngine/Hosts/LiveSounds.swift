import Synchronization

/// The sounds as they are now: the repertoire's, and what edits made of them.
///
/// > Any thread, but the audio thread.
public final class LiveSounds: Sendable {
    private struct State {
        var sounds: [Sound]
        var versions: [Int]
        var edits = 0
    }

    private let state: Mutex<State>

    init(_ sounds: [Sound]) {
        state = Mutex(State(sounds: sounds, versions: Array(repeating: 0, count: sounds.count)))
    }

    /// A sound by its place in the repertoire.
    public subscript(_ index: Int) -> Sound { state.withLock { $0.sounds[index] } }

    /// A sound, or nil where there is none at that place.
    public func sound(_ index: Int) -> Sound? {
        state.withLock { $0.sounds.indices.contains(index) ? $0.sounds[index] : nil }
    }

    /// How many there are.
    public var count: Int { state.withLock { $0.sounds.count } }

    /// How often each was edited.
    public func version(_ index: Int) -> Int { state.withLock { $0.versions[index] } }

    /// How often any was.
    public var edits: Int { state.withLock { $0.edits } }

    /// Puts a sound in the place of another. The loader lets it sound. Returns its version.
    @discardableResult
    public func replace(_ index: Int, with sound: Sound) -> Int {
        state.withLock {
            $0.sounds[index] = sound
            $0.versions[index] += 1
            $0.edits += 1
            return $0.versions[index]
        }
    }
}
