import KairosControl
import KairosDSP

/// The tuning of the instrument as a whole: keys by tuning messages, concert pitch, transposition, and master fine
/// and coarse tuning.
///
/// [audio], but for `init` and `deinit`.
struct InstrumentTuning: ~Copyable {
    /// The number of keys of all tuning programs.
    static let keyCount = 128 * 128

    /// Pitches in semitones, by tuning program and key; not a number where no message set one.
    private var keys = FixedArray(count: Self.keyCount, repeating: Float.nan)
    /// True where a key has changed since the keys were copied last.
    private var hasChanged = false
    /// Master fine and coarse tuning in semitones, as the last messages have them.
    private(set) var fine: Float = 0
    private(set) var coarse: Float = 0
    /// Master tuning in semitones, as sounding notes have it.
    var applied: Float = 0
    /// The distance of concert pitch from 440 Hz, in semitones.
    let concertOffset: Float
    /// Semitones that are added to every key.
    private let transpose: Int

    /// `concertPitch` is the frequency of key 69 in hertz.
    init(concertPitch: Double, transpose: Int) {
        concertOffset = 12 * log2Precise(Float(concertPitch) / 440)
        self.transpose = transpose
    }

    /// The key whose pitch a key of a layer has, so that a scale stays where it is.
    func transposed(_ key: UInt8, _ layer: Float) -> Int { Int(key) + transpose + Int(layer) }

    /// The pitch that a tuning message gave to a key, in semitones, or nil.
    func pitch(of key: Int, program: UInt8) -> Float? {
        let pitch = keys[Int(program) * 128 + key]
        return pitch.isNaN ? nil : pitch
    }

    /// Sets the pitch of a key, in semitones.
    mutating func set(key: Int, program: Int, to pitch: Float) {
        keys[program * 128 + key] = pitch
        hasChanged = true
    }

    /// Master fine tuning: a normalized value, ±1 semitone. Returns the whole master tuning.
    mutating func setFine(_ value: Float) -> Float {
        fine = 2 * value - 1
        return fine + coarse
    }

    /// Master coarse tuning in semitones. Returns the whole master tuning.
    mutating func setCoarse(_ semitones: Float) -> Float {
        coarse = semitones
        return fine + coarse
    }

    /// Removes what messages set.
    mutating func reset() {
        for key in 0..<Self.keyCount { keys[key] = .nan }
        hasChanged = true
        fine = 0
        coarse = 0
    }

    /// Copies the keys, where any has changed since the last copy.
    mutating func copyKeys(to copy: inout FixedArray<Float>) {
        guard hasChanged else { return }
        copy.update(from: keys)
        hasChanged = false
    }

    /// Restores keys, and master fine and coarse tuning in semitones. Returns the whole master tuning.
    mutating func restore(keys new: borrowing FixedArray<Float>, fine: Float, coarse: Float) -> Float {
        keys.update(from: new)
        hasChanged = true
        self.fine = fine
        self.coarse = coarse
        return fine + coarse
    }
}
