import KairosPatch

/// ``LiveSettings`` of the audio thread: without references. [audio]
struct FlatSettings: BitwiseCopyable {
    /// Settings of one MIDI channel.
    struct Channel: BitwiseCopyable {
        /// Volume as a normalized value, 0…1.
        var volume: Float = 1
        /// Pan: 0 left…1 right.
        var pan: Float = 0.5
        /// Semitones of the bend range (RPN 0).
        var semitones: Float = 2
        /// Cents of the bend range (RPN 0).
        var cents: Float = 0
        /// Bend range in semitones; nil for the patch's own.
        var range: Float?
        /// Fine tuning (RPN 1), 0…16 383; 8 192 is none.
        var fineTuning: UInt32 = 8192
        /// Coarse tuning in semitones (RPN 2).
        var coarseTuning: Float = 0
        /// Tuning program (RPN 3), 0…127.
        var tuningProgram: UInt8 = 0
        /// Offsets of the twelve pitch classes in semitones, from C.
        var octave = InlineArray<12, Float>(repeating: 0)
    }

    /// Entry of the first part; nil before the first one.
    var entry: EntryID?
    /// Tempo of the transport in beats per minute.
    var tempo = 120.0
    /// Master volume as a normalized value, 0…1.
    var volume: Float = 1
    /// Master balance: 0 left…1 right.
    var balance: Float = 0.5
    /// Master fine tuning in semitones, −1…1.
    var fineTuning: Float = 0
    /// Master coarse tuning in semitones.
    var coarseTuning: Float = 0
    /// Settings of the 16 MIDI channels, then of layers that respond to any channel.
    var channels = InlineArray<17, Channel>(repeating: Channel())
    /// Last normalized values of the kept macros, by the index of their name; nil for a macro that has none yet.
    var keptMacros = InlineArray<16, Float?>(repeating: nil)
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
        for (index, value) in settings.keptMacros.prefix(16).enumerated() {
            // NaN stands for no value.
            keptMacros[index] = value.flatMap { $0.isNaN ? nil : $0 }
        }
    }

    /// The nearest value in a range; the lowest one for NaN.
    private static func clamped(_ value: Float, _ range: ClosedRange<Float>) -> Float {
        value >= range.lowerBound ? min(value, range.upperBound) : range.lowerBound
    }
}

extension LiveSettings {
    /// The settings of the audio thread.
    init(_ flat: FlatSettings) {
        self.init()
        entry = flat.entry?.index
        tempo = Float(flat.tempo)
        volume = flat.volume
        balance = flat.balance
        fineTuning = flat.fineTuning
        coarseTuning = flat.coarseTuning
        for index in channels.indices {
            let channel = flat.channels[index]
            channels[index].volume = channel.volume
            channels[index].pan = channel.pan
            channels[index].bendRange = channel.range
            channels[index].fineTuning = Int(channel.fineTuning)
            channels[index].coarseTuning = Int(channel.coarseTuning)
            channels[index].tuningProgram = Int(channel.tuningProgram)
            for name in 0..<12 { channels[index].octave[name] = channel.octave[name] }
        }
        for index in keptMacros.indices { keptMacros[index] = flat.keptMacros[index] }
    }
}
