import KairosControl
import KairosDSP

/// Tuning of the whole instrument: keys that tuning messages set, concert pitch, transposition, and master fine and
/// coarse tuning.
///
/// [audio], but for `init` and `deinit`.
struct InstrumentTuning: ~Copyable {
    /// Number of keys of all tuning programs.
    static let keyCount = 128 * 128

    /// Pitches in semitones, by tuning program and key; nil for a key that no message has set.
    private var keys = FixedArray<Float?>(count: Self.keyCount, repeating: nil)
    /// True if a key has changed since the keys were copied last.
    private var hasChanged = false
    /// Master fine tuning of the last message in semitones, −1…1.
    private(set) var fine: Float = 0
    /// Master coarse tuning of the last message in semitones.
    private(set) var coarse: Float = 0
    /// Master tuning of the sounding notes in semitones: that of the last control tick.
    var applied: Float = 0
    /// Distance of concert pitch from 440 Hz in semitones.
    let concertOffset: Float
    /// Semitones that are added to every key.
    private let transpose: Int

    /// A tuning without messages. `concertPitch` is the frequency of key 69 in hertz. [control]
    init(concertPitch: Double, transpose: Int) {
        concertOffset = 12 * log2Precise(Float(concertPitch) / 440)
        self.transpose = transpose
    }

    /// The key after transposition by the instrument and by a layer. The key is transposed, not its pitch, so that the
    /// degrees of a scale keep their pitches.
    func transposed(_ key: UInt8, _ layer: Float) -> Int { Int(key) + transpose + Int(layer) }

    /// Pitch of a key in semitones by tuning messages, or nil.
    func pitch(of key: Int, program: UInt8) -> Float? {
        keys[Int(program) * 128 + key]
    }

    /// Sets the pitch of a key, in semitones.
    mutating func set(key: Int, program: Int, to pitch: Float) {
        keys[program * 128 + key] = pitch
        hasChanged = true
    }

    /// Sets master fine tuning by a normalized value: ±1 semitone. Returns the whole master tuning in semitones.
    mutating func setFine(_ value: Float) -> Float {
        fine = 2 * value - 1
        return fine + coarse
    }

    /// Sets master coarse tuning in semitones. Returns the whole master tuning in semitones.
    mutating func setCoarse(_ semitones: Float) -> Float {
        coarse = semitones
        return fine + coarse
    }

    /// Removes the tunings that messages have set.
    mutating func reset() {
        for key in 0..<Self.keyCount { keys[key] = nil }
        hasChanged = true
        fine = 0
        coarse = 0
    }

    /// Copies the keys if any has changed since the last copy.
    mutating func copyKeys(to copy: inout FixedArray<Float?>) {
        guard hasChanged else { return }
        copy.update(from: keys)
        hasChanged = false
    }

    /// Restores keys, and master fine and coarse tuning in semitones. Returns the whole master tuning in semitones.
    mutating func restore(keys new: borrowing FixedArray<Float?>, fine: Float, coarse: Float) -> Float {
        keys.update(from: new)
        hasChanged = true
        self.fine = fine
        self.coarse = coarse
        return fine + coarse
    }
}
