public import KairosCompiler
package import KairosControl
import Synchronization

/// The current sounds of the rig, edits included, with a version each. Thread-safe by a mutex. [loader, input, control]
///
/// The newest version of each sound is recorded here. The loader builds for the version that it took up last, and stores
/// that one in ``StandbyState`` for the audio thread. The version of an instance never changes; it travels with the
/// instance in an ``InstanceHandoff``.
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

    /// The sound with this index. Traps if there is none.
    public subscript(_ index: Int) -> Sound { state.withLock { $0.sounds[index] } }

    /// The sound with this index; nil if there is none.
    public func sound(_ index: Int) -> Sound? {
        state.withLock { $0.sounds.indices.contains(index) ? $0.sounds[index] : nil }
    }

    /// The number of sounds.
    public var count: Int { state.withLock { $0.sounds.count } }

    /// The version of a sound: how often it has been replaced.
    public func version(_ index: Int) -> Int { state.withLock { $0.versions[index] } }

    /// The number of edits of all sounds.
    public var edits: Int { state.withLock { $0.edits } }

    /// Replaces a sound; the loader then builds the instance that sounds. The new sound gets the current
    /// mappings.
    ///
    /// - Parameter version: If given, nothing is replaced unless the sound still has this version.
    ///
    /// - Returns: The new version; nil if nothing was replaced.
    @discardableResult
    public func replace(_ index: Int, with sound: Sound, after version: Int? = nil) -> Int? {
        state.withLock {
            if let version, $0.versions[index] != version { return nil }
            $0.sounds[index] = sound.with(mappings: $0.mappings, keptMacros: $0.keptMacros)
            $0.versions[index] += 1
            $0.edits += 1
            return $0.versions[index]
        }
    }

    /// All sounds, by index.
    package var all: [Sound] { state.withLock { $0.sounds } }

    /// Replaces sounds by index (the index after the last appends one), and gives all sounds these mappings
    /// and kept macros. [loader]
    package func update(_ new: [Int: Sound], mappings: [Mapping], keptMacros: [String]) {
        state.withLock { state in
            state.mappings = mappings
            state.keptMacros = keptMacros
            for (index, sound) in new.sorted(by: { $0.key < $1.key }) {
                if index == state.sounds.count {
                    state.sounds.append(sound)
                    state.versions.append(0)
                } else {
                    state.sounds[index] = sound
                    state.versions[index] += 1
                }
            }
            for index in state.sounds.indices {
                state.sounds[index] = state.sounds[index].with(mappings: mappings, keptMacros: keptMacros)
            }
        }
    }
}
