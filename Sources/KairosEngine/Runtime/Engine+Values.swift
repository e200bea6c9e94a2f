import KairosCompiler
public import KairosControl
public import KairosDSP
public import KairosPatch
import Synchronization

// Values, settings and controls from outside the audio thread.
extension Engine {
    // MARK: values

    /// A value for a parameter: the layer, 0…15, or 16 for the master effects; the key (see ``ParamKeys``); the value.
    public typealias LayerValue = (layer: Int, key: UInt64, value: ParamValue)

    /// The number of events and changes that may have moved a parameter or a setting. While it stays the same, so do
    /// they. [any]
    public var touches: Int { meters.pointee.touches }

    /// Sets the settings and values that the selected entry begins with, without any glide. Returns how many of the values
    /// have a parameter. [control], before the first block, when its instances are delivered
    public func begin(_ settings: LiveSettings, values: [LayerValue]) -> Int {
        request(settings)
        return audio.withValue { audio in
            audio.begin()
            return values.count { audio.begin($0.key, ofLayer: $0.layer, at: $0.value) }
        }
    }

    /// Sets the settings that the next `restore` event restores. Called by the thread that sends these events, and not
    /// again before the event was performed. [control]
    public func request(_ settings: LiveSettings) {
        board.pointee.request { request in
            request.settings = FlatSettings(settings)
            request.tunings.fill(nil)
            for (program, keys) in settings.tunings {
                for (key, pitch) in keys { request.tunings[(program & 127) * 128 + (key & 127)] = pitch }
            }
        }
    }

    /// The number of copies of all values that were made. A `snapshot` event makes one more. [any]
    public var valueCopies: Int { board.pointee.copyCount }

    /// The settings of the last copy (see ``valueCopies``). Called by the thread that sends `snapshot` events, once the
    /// copy is there. [control]
    public var copiedSettings: LiveSettings {
        board.pointee.read { copy in
            var settings = LiveSettings(copy.settings.settings)
            for key in 0..<InstrumentTuning.keyCount {
                guard let pitch = copy.settings.tunings[key] else { continue }
                settings.tunings[key / 128, default: [:]][key % 128] = pitch
            }
            return settings
        }
    }

    /// The values of the last copy, of instances that are known. Called by the thread that sends `snapshot` events, once
    /// the copy is there. [control]
    public func copiedValues(_ instances: LiveInstances) -> [LayerValues] {
        (0..<ValueBoard.layerCount).compactMap { layer in
            guard let (id, values) = board.pointee.read({ $0.values(ofLayer: layer) }),
                let (source, sound) = instances.instance(id)
            else { return nil }
            return LayerValues(
                layer: layer, sound: sound,
                values: values.enumerated().compactMap { index, value in
                    // Modules that an edit removes, and those inside compound modules, cannot be set.
                    guard let (name, spec) = source.compiled.param(at: index), !name.contains("~"),
                        !name.contains(CompoundModule.separator)
                    else { return nil }
                    return (name, spec, value)
                })
        }
    }

    // MARK: controls

    /// Sets the sources that a mapping applies to: bit n is source n. It locks. [control]
    public func setSources(_ mask: UInt64, ofMapping index: Int) {
        guard index < Mapping.limit else { return }
        activeRig.states.setSources(mask, ofMapping: index)
    }

    /// The position of each control and of its parameter. Live only. It locks. [control]
    public var controlStates: [Feedback.State] {
        let states = activeRig.states
        return (0..<states.count).map { states.state(of: $0) }
    }

    /// The channel of a control's last message, 0…15. It locks. [control]
    public func channel(ofControl control: Int) -> UInt8 {
        let states = activeRig.states
        return control < states.count ? states.channel(of: control) : 0
    }

    /// Stores the value (14 bits) that feedback has sent to a control, at `now` in nanoseconds: the same value from it
    /// within 250 ms is its echo. Called by the thread that sends. It locks. [control]
    public func noteFeedback(control: Int, value: UInt16, at now: UInt64) {
        let states = activeRig.states
        if control < states.count { states.setSent(UInt8(value >> 7), to: control, at: now) }
    }
}
