import KairosControl
import KairosDSP
import KairosPatch
import Synchronization

/// The same as the audio thread has it: flat.
struct FlatSettings {
    struct Channel {
        var volume: Float = 1
        var pan: Float = 0.5
        /// Not a number for the patch's own.
        var semitones: Float = 2
        var cents: Float = 0
        var range: Float = .nan
        var fineTuning: UInt32 = 8192
        var coarseTuning: Float = 0
        var tuningProgram: UInt8 = 0
        var octave = InlineArray<12, Float>(repeating: 0)
    }

    var entry: Int32 = -1
    var tempo = 120.0
    var volume: Float = 1
    var balance: Float = 0.5
    var fineTuning: Float = 0
    var coarseTuning: Float = 0
    var channels = InlineArray<17, Channel>(repeating: Channel())
    var keptPositions = InlineArray<16, Float>(repeating: 0)
    var known: UInt16 = 0
}

/// Where settings are copied to, and where those stand that are to be.
///
/// > The copy is written by the audio thread while it is asked, the requested by the one who asks.
struct SettingsBoard: @unchecked Sendable {
    static let keys = 128 * 128

    let copy = UnsafeMutablePointer<FlatSettings>.allocate(capacity: 1)
    let requested = UnsafeMutablePointer<FlatSettings>.allocate(capacity: 1)
    /// Of each key of each tuning program; not a number where no message said anything.
    let tunings = UnsafeMutablePointer<Float>.allocate(capacity: Self.keys)
    let wishedTunings = UnsafeMutablePointer<Float>.allocate(capacity: Self.keys)

    init() {
        copy.initialize(to: FlatSettings())
        requested.initialize(to: FlatSettings())
        tunings.initialize(repeating: .nan, count: Self.keys)
        wishedTunings.initialize(repeating: .nan, count: Self.keys)
    }

    func free() {
        copy.deallocate()
        requested.deallocate()
        tunings.deallocate()
        wishedTunings.deallocate()
    }
}

// Settings in and out. Everything here runs in the audio thread, or before it does.
extension EngineCore {
    /// Copies what is set beside the parameters. Of the tunings only where a message has changed any.
    mutating func copySettings() {
        let copy = board.settings.copy
        copy.pointee.entry = parts[0].entry
        copy.pointee.tempo = transport.ownTempo
        copy.pointee.volume = master.volume
        copy.pointee.balance = master.pan
        copy.pointee.fineTuning = masterFine
        copy.pointee.coarseTuning = masterCoarse
        for index in 0..<Self.stripCount {
            copy.pointee.channels[index].volume = strips[index].volume
            copy.pointee.channels[index].pan = strips[index].pan
        }
        for index in 0..<16 {
            copy.pointee.channels[index].semitones = lines[index].rangeSemitones
            copy.pointee.channels[index].cents = lines[index].rangeCents
            copy.pointee.channels[index].range = lines[index].now.range
            copy.pointee.channels[index].fineTuning = lines[index].fineTuning
            copy.pointee.channels[index].coarseTuning = lines[index].coarseTuning
            copy.pointee.channels[index].tuningProgram = lines[index].tuningProgram
            copy.pointee.channels[index].octave = lines[index].octave
            copy.pointee.keptPositions[index] = parts[0].keptPositions[index]
        }
        copy.pointee.known = parts[0].known
        guard areTuningsNew else { return }
        board.settings.tunings.update(from: tunings, count: SettingsBoard.keys)
        areTuningsNew = false
    }

    /// Sets all of it. Before the first block it is there at once, later it comes as smoothly as messages would
    /// bring it; keys that sound keep the pitch they began with.
    mutating func takeSettings(_ frame: Int) {
        let requested = board.settings.requested
        transport.setTempo(requested.pointee.tempo, at: clock)
        tunings.update(from: board.settings.wishedTunings, count: SettingsBoard.keys)
        areTuningsNew = true
        masterFine = requested.pointee.fineTuning
        masterCoarse = requested.pointee.coarseTuning
        later(.master(.tuning), masterFine + masterCoarse, frame)
        later(.master(.volume), requested.pointee.volume, frame)
        later(.master(.balance), requested.pointee.balance, frame)
        for index in 0..<Self.stripCount {
            later(.strip(.volume, index), requested.pointee.channels[index].volume, frame)
            later(.strip(.pan, index), requested.pointee.channels[index].pan, frame)
        }
        for index in 0..<16 {
            let channel = requested.pointee.channels[index]
            lines[index].rangeSemitones = channel.semitones
            lines[index].rangeCents = channel.cents
            lines[index].now.range = channel.range
            later(.channel(.bendRange, line: index), channel.range, frame)
            lines[index].fineTuning = channel.fineTuning
            lines[index].coarseTuning = channel.coarseTuning
            lines[index].now.tuning = lines[index].channelTuning
            later(.channel(.tuning, line: index), lines[index].channelTuning, frame)
            lines[index].tuningProgram = channel.tuningProgram
            lines[index].octave = channel.octave
            parts[0].keptPositions[index] = requested.pointee.keptPositions[index]
        }
        parts[0].known = requested.pointee.known
    }

    /// What was chosen takes its place, with these settings, before anything sounds.
    mutating func begin() {
        takeSettings(clock)
        applyControlChanges()
        // Nothing has sounded yet: nothing has to glide.
        master.snap()
        for index in 0..<Self.stripCount { (strips + index).pointee.snap() }
        receive()
    }

    /// Lets a parameter stand at a value before anything sounds. False where there is none of this key.
    mutating func begin(_ key: UInt64, of layer: Int, at value: Float) -> Bool {
        guard let (core, instance) = program(ofLayer: layer), let index = core.pointee.param(of: key) else {
            return false
        }
        core.pointee.params.snap(index, to: value)
        if case .slot(let slot) = instance.place { slots[Int(slot)].isUntouched = false }
        return true
    }
}

extension Strip {
    /// Where it is aimed, without a way there.
    mutating func snap() {
        aim(frames: 1)
        left.arrive()
        right.arrive()
    }
}

extension Engine {
    /// A value for a parameter of what plays: the layer, from 0 (16 is the master effects), its key (see ``ParamKeys``), the
    /// value in its unit.
    public typealias LayerValue = (layer: Int, key: UInt64, value: Float)

    /// Counts whatever may have moved a parameter or a setting. While it stands still, so do they.
    ///
    /// > Any thread.
    public var touches: Int { meters.pointee.touches.load(ordering: .acquiring) }

    /// Lets the entry that was chosen begin with these settings and values: the first block has them, and nothing
    /// glides there. Returns how many of the values have a parameter.
    ///
    /// > Control thread, before the first block, when what is to sound was delivered.
    public func begin(_ settings: LiveSettings, values: [LayerValue]) -> Int {
        request(settings)
        core.pointee.begin()
        return values.count { core.pointee.begin($0.key, of: $0.layer, at: $0.value) }
    }

    /// Says what a `restore` event sets.
    ///
    /// > The one thread that sends them; not again before it has been carried out.
    public func request(_ settings: LiveSettings) {
        let requested = board.settings.requested
        requested.pointee = FlatSettings(settings)
        let tunings = board.settings.wishedTunings
        for key in 0..<SettingsBoard.keys { tunings[key] = .nan }
        for (program, keys) in settings.tunings {
            for (key, pitch) in keys { tunings[(program & 127) * 128 + (key & 127)] = pitch }
        }
    }

    /// The settings of the last copy; see ``valueCopies``.
    ///
    /// > The one thread that sends `snapshot` events, once the copy is there.
    public var copiedSettings: LiveSettings {
        var settings = LiveSettings(board.settings.copy.pointee)
        for key in 0..<SettingsBoard.keys where !board.settings.tunings[key].isNaN {
            settings.tunings[key / 128, default: [:]][key % 128] = board.settings.tunings[key]
        }
        return settings
    }
}

extension FlatSettings {
    init(_ settings: LiveSettings) {
        tempo = Double(settings.tempo)
        volume = Self.clamped(settings.volume, 0...1)
        balance = Self.clamped(settings.balance, 0...1)
        fineTuning = Self.clamped(settings.fineTuning, -1...1)
        coarseTuning = Self.clamped(settings.coarseTuning, -64...64)
        for (index, channel) in settings.channels.prefix(17).enumerated() {
            channels[index].volume = Self.clamped(channel.volume, 0...1)
            channels[index].pan = Self.clamped(channel.pan, 0...1)
            if let range = channel.bendRange.map({ Self.clamped($0, 0...128) }) {
                channels[index].range = range
                channels[index].semitones = range.rounded(.down)
                channels[index].cents = ((range - range.rounded(.down)) * 100).rounded()
            }
            channels[index].fineTuning = UInt32(min(16_383, max(0, channel.fineTuning)))
            channels[index].coarseTuning = Float(min(63, max(-64, channel.coarseTuning)))
            channels[index].tuningProgram = UInt8(min(127, max(0, channel.tuningProgram)))
            for (name, semitones) in channel.octave.prefix(12).enumerated() {
                channels[index].octave[name] = semitones
            }
        }
        for (index, normalized) in settings.keptMacros.prefix(16).enumerated() {
            guard let normalized else { continue }
            keptPositions[index] = normalized
            known |= 1 << UInt16(index)
        }
    }
}

extension FlatSettings {
    /// The nearest value in a range; the lowest for what is no number.
    private static func clamped(_ value: Float, _ range: ClosedRange<Float>) -> Float {
        value >= range.lowerBound ? min(value, range.upperBound) : range.lowerBound
    }
}

extension LiveSettings {
    init(_ flat: FlatSettings) {
        self.init()
        entry = Int(flat.entry)
        tempo = Float(flat.tempo)
        volume = flat.volume
        balance = flat.balance
        fineTuning = flat.fineTuning
        coarseTuning = flat.coarseTuning
        for index in channels.indices {
            let channel = flat.channels[index]
            channels[index].volume = channel.volume
            channels[index].pan = channel.pan
            channels[index].bendRange = channel.range.isNaN ? nil : channel.range
            channels[index].fineTuning = Int(channel.fineTuning)
            channels[index].coarseTuning = Int(channel.coarseTuning)
            channels[index].tuningProgram = Int(channel.tuningProgram)
            for name in 0..<12 { channels[index].octave[name] = channel.octave[name] }
        }
        for index in keptMacros.indices where flat.known >> UInt16(index) & 1 == 1 {
            keptMacros[index] = flat.keptPositions[index]
        }
    }
}
