import CRealtime
import Glibc
import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosPatch
import Synchronization

/// Reads the current values from the engine, and sends many values to it. [input, control]
final class SnapshotReader: Sendable {
    /// The values that the parameters of one version of a sound are loaded with, by `module.parameter`.
    private struct InitialValues: Sendable {
        var version: Int
        var values: [String: (spec: ParamSpec, value: ParamValue)]
    }

    private let engine: Engine
    private let instances: LiveInstances
    private let inputs: OSCEventInputs
    /// Held while a snapshot is read: the engine makes one copy at a time.
    private let reading = Mutex(())
    /// By sound.
    private let initial = Mutex<[Int: InitialValues]>([:])

    init(_ engine: Engine, _ instances: LiveInstances, _ inputs: OSCEventInputs) {
        self.engine = engine
        self.instances = instances
        self.inputs = inputs
    }

    /// The current values and settings. It costs the audio thread one copy of the values. Throws
    /// `nothing-plays` if no block is rendered for two seconds, or `busy`.
    func read() throws(OSCError) -> Snapshot {
        let outcome: Result<Snapshot, OSCError> = reading.withLock { _ in
            do throws(OSCError) {
                // An instance that an edit replaces at this moment is missing; the next attempt has its
                // successor.
                for _ in 0..<4 {
                    let snapshot = try self.readOnce()
                    if self.isComplete(snapshot) { return .success(snapshot) }
                }
                return .success(try self.readOnce())
            } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    private func readOnce() throws(OSCError) -> Snapshot {
        let previous = engine.valueCopies
        try inputs.sendValue(Event(.snapshot, stamp: crt_now()))
        // The copy is there after a block or two; the limit is for a driver that has stopped.
        let deadline = crt_now() + 2_000_000_000
        while engine.valueCopies == previous {
            guard crt_now() < deadline else {
                throw OSCError(.nothingPlays, "the audio driver is not running", name: "values")
            }
            usleep(200)
        }
        return Snapshot(values: engine.copiedValues(instances), settings: engine.copiedSettings)
    }

    /// True if a snapshot has the values of every layer of its entry.
    private func isComplete(_ snapshot: Snapshot) -> Bool {
        let rig = engine.rig
        guard let entry = snapshot.settings.entry, rig.entries.indices.contains(entry) else { return true }
        let layers = rig.entries[entry].layers.count
        return snapshot.values.count { $0.layer < 16 } == layers
    }

    /// The values that the parameters of a sound are loaded with, by `module.parameter`, in its current
    /// version.
    func initialValues(of sound: Int) -> [String: (spec: ParamSpec, value: ParamValue)] {
        initial.withLock { known in
            let version = engine.sounds.version(sound)
            if let found = known[sound], found.version == version { return found.values }
            let values = engine.sounds[sound].compiled.presets
            known[sound] = InitialValues(version: version, values: values)
            return values
        }
    }

    /// The number that a value has at the present tempo, in the parameter's unit.
    func number(of value: ParamValue, _ spec: ParamSpec) -> Float {
        switch value {
        case .number(let number): return number
        case .note(let note):
            let tempo = Float(engine.tempo), meter = engine.rig.meter
            return spec.noteLaw?.resolve(note, tempo: tempo, meter: meter).number ?? spec.defaultValue
        }
    }

    /// Sends any number of values, as fast as the engine applies them. Throws `busy` or `nothing-plays`.
    func send(_ values: [Engine.LayerValue]) throws(OSCError) {
        for (index, value) in values.enumerated() {
            try inputs.sendValue(Event(set: value.key, of: value.layer, to: value.value, stamp: crt_now()))
            // The engine holds a limited number of changes for one control tick; a snapshot comes after them.
            if index % 1000 == 999 { _ = try read() }
        }
    }
}
