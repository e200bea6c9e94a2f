import CRealtime
import Foundation
import KairosControl
import KairosDSP
import KairosEngine
import KairosFiles
import Synchronization

/// Where the parameters of one version of a sound begin, by their names.
struct SoundPresets: Sendable {
    var version: Int
    var values: [String: (spec: ParamSpec, value: Float)]
}

/// How things stand at one moment.
struct Snapshot: Sendable {
    /// Of each layer that plays, and the master effects.
    var values: [LayerValues]
    /// Beside them.
    var settings: LiveSettings
}

// Looking at what plays, as a whole.
extension OSCDispatcher {
    /// Where everything stands now. It costs the audio thread one copy of the values.
    ///
    /// > Any thread but the audio thread; one at a time.
    func look() throws(OSCError) -> Snapshot {
        let outcome: Result<Snapshot, OSCError> = looking.withLock { _ in
            do throws(OSCError) {
                // A program that an edit replaces at this very moment is known again at the next look.
                for _ in 0..<4 {
                    let look = try self.lookOnce()
                    if self.isWhole(look) { return .success(look) }
                }
                return .success(try self.lookOnce())
            } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    private func lookOnce() throws(OSCError) -> Snapshot {
        let before = engine.valueCopies
        try set(Event(.snapshot, stamp: crt_now()))
        // A block or two; a machine that stands still is told of.
        let until = crt_now() + 2_000_000_000
        while engine.valueCopies == before {
            guard crt_now() < until else {
                throw OSCError(.nothingPlays, "the sound card asks for no sound", name: "values")
            }
            usleep(200)
        }
        return Snapshot(values: engine.copiedValues(programs), settings: engine.copiedSettings)
    }

    private func isWhole(_ look: Snapshot) -> Bool {
        let rig = engine.rig
        guard rig.entries.indices.contains(look.settings.entry) else { return true }
        let layers = rig.entries[look.settings.entry].layers.count
        return look.values.count { $0.layer < 16 } == layers
    }

    /// Where the parameters of a sound begin, as it is now.
    func presets(of sound: Int) -> [String: (spec: ParamSpec, value: Float)] {
        presets.withLock { known in
            let version = engine.sounds.version(sound)
            if let found = known[sound], found.version == version { return found.values }
            let values = engine.sounds[sound].compiled.presets
            known[sound] = SoundPresets(version: version, values: values)
            return values
        }
    }

    /// Sends values where they should go, as fast as they can be taken.
    func send(_ values: [Engine.LayerValue]) throws(OSCError) {
        for (index, value) in values.enumerated() {
            try set(Event(set: value.key, of: value.layer, to: value.value, stamp: crt_now()))
            // The engine puts off a limited number to one point of its grid.
            if index % 1000 == 999 { _ = try look() }
        }
    }
}
