import KairosControl
import Synchronization

/// The sounds as they are now: the rig's, and what edits made of them.
///
/// > Any thread, but the audio thread.
public final class LiveSounds: Sendable {
    private struct State {
        var sounds: [Sound]
        var versions: [Int]
        var edits = 0
        var mappings: [Mapping]
        var keptMacros: [String]
    }

    private let state: Mutex<State>

    init(_ rig: Rig) {
        state = Mutex(
            State(
                sounds: rig.sounds, versions: Array(repeating: 0, count: rig.sounds.count),
                mappings: rig.mappings, keptMacros: rig.keptMacros))
    }

    /// A sound by its place in the rig.
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

    /// Puts a sound in the place of another. The loader lets it sound. Returns its version; nil where the place has
    /// been given to another patch since `version`.
    @discardableResult
    public func replace(_ index: Int, with sound: Sound, after version: Int? = nil) -> Int? {
        state.withLock {
            if let version, $0.versions[index] != version { return nil }
            $0.sounds[index] = sound.moved(by: $0.mappings, keptMacros: $0.keptMacros)
            $0.versions[index] += 1
            $0.edits += 1
            return $0.versions[index]
        }
    }

    /// All of them, in the order of their places.
    var all: [Sound] { state.withLock { $0.sounds } }

    /// Puts new sounds in their places, a place after the last included, and lets all be moved by other controls.
    ///
    /// > Loader thread.
    func renew(_ new: [Int: Sound], mappings: [Mapping], keptMacros: [String]) {
        state.withLock { state in
            state.mappings = mappings
            state.keptMacros = keptMacros
            for (place, sound) in new.sorted(by: { $0.key < $1.key }) {
                if place == state.sounds.count {
                    state.sounds.append(sound)
                    state.versions.append(0)
                } else {
                    state.sounds[place] = sound
                    state.versions[place] += 1
                }
            }
            for place in state.sounds.indices {
                state.sounds[place] = state.sounds[place].moved(by: mappings, keptMacros: keptMacros)
            }
        }
    }
}
