public import KairosControl
public import KairosDSP

extension Event {
    /// An event that sets a parameter of an active patch instance, by its key (see ``ParamKeys``), to a value in its
    /// own unit. `layer` is an index as in ``LayerValues``. [any]
    public init(set key: UInt64, of layer: Int, to value: ParamValue, stamp: UInt64 = 0) {
        let layer = layer == KairosEngine.Part.layerLimit ? Layer.masterEffects : .layer(UInt8(layer))
        self.init(.setParam(key: key, of: layer, to: value), stamp: stamp)
    }

    /// A note with an explicit pitch in semitones; `key` is the nearest key, for splits and key tracking. A velocity
    /// of 0 ends the note of exactly this pitch. [any]
    public init(pitch: Float, key: UInt8, velocity: UInt32, channel: UInt8, stamp: UInt64 = 0) {
        self.init(
            velocity == 0
                ? .noteOffPitch(key: key, velocity: velocity, pitch: pitch)
                : .noteOnPitch(key: key, velocity: velocity, pitch: pitch), stamp: stamp, channel: channel)
    }
}

extension Event.Layer {
    /// The index among the layers of the first part and, after them, the master effects.
    var index: Int {
        switch self {
        case .layer(let layer): Int(layer)
        case .masterEffects: Part.layerLimit
        }
    }
}

extension Event.Message {
    /// True for messages that end notes of all parts.
    var releasesEverywhere: Bool {
        switch self {
        case .panic, .reset, .sourceGone: true
        default: false
        }
    }

    /// True for messages about which nothing is reported, because they come often.
    var isUnreported: Bool {
        switch self {
        case .snapshot, .clock, .start, .resume, .stop, .songPosition: true
        default: false
        }
    }
}

extension Event.DataEntry {
    /// True for a registered parameter that has a meaning of its own: bend range, tuning, MPE configuration.
    var hasMeaning: Bool { parameter <= 3 || (parameter == 6 && (part == .coarse || part == .whole)) }
}
