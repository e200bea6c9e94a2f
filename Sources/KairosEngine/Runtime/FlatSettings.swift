import KairosPatch

/// ``LiveSettings`` as the audio thread has them.
struct FlatSettings: BitwiseCopyable {
    /// The settings of one channel.
    struct Channel: BitwiseCopyable {
        /// Normalized values, 0…1.
        var volume: Float = 1
        var pan: Float = 0.5
        /// Bend range: the semitones and cents of RPN 0, and their sum in semitones, or nil for the patch's own.
        var semitones: Float = 2
        var cents: Float = 0
        var range: Float?
        /// RPN 1 in 14 bits, RPN 2 in semitones, RPN 3.
        var fineTuning: UInt32 = 8192
        var coarseTuning: Float = 0
        var tuningProgram: UInt8 = 0
        /// Offsets of the twelve pitch classes in semitones, from C.
        var octave = InlineArray<12, Float>(repeating: 0)
    }

    var entry: EntryID?
    /// In beats per minute.
    var tempo = 120.0
    /// Of the master: normalized values, and semitones.
    var volume: Float = 1
    var balance: Float = 0.5
    var fineTuning: Float = 0
    var coarseTuning: Float = 0
    var channels = InlineArray<17, Channel>(repeating: Channel())
    /// Normalized values, by the index of the name; nil where a macro was never left.
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
            // A value that is no number is none.
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
