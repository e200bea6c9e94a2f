import KairosDSP

/// A tuning: the pitch of every key.
public struct Tuning: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// The pitches of keys 0…127 in semitones (MIDI note number with fraction, 69 is 440 Hz); nil for a
    /// silent key.
    public var pitches: [Double?]

    /// Equal temperament.
    public static let equal = Tuning(name: "equal temperament", pitches: (0..<128).map(Double.init))

    /// The tuning of a scale on a keyboard. The default keyboard mapping is Scala's: degree 0 on key 60,
    /// 261.63 Hz. (Scala, "Scale file format" and "Keyboard mappings", huygens-fokker.org/scala.)
    public init(_ scale: Scale, keyboard: KeyboardMap = KeyboardMap()) {
        name = scale.name
        let anchor = 69 + 12 * log2Exact(keyboard.frequency / 440)
        let degree = keyboard.degree(of: keyboard.reference, in: scale)
        // The reference key may be silent: degree 0 is used then.
        let reference = scale.cents(ofDegree: degree ?? 0)
        pitches = (0..<128).map { key in
            guard keyboard.keys.contains(key), let degree = keyboard.degree(of: key, in: scale) else {
                return nil
            }
            return anchor + (scale.cents(ofDegree: degree) - reference) / 100
        }
    }

    /// A tuning by a table of 128 pitches.
    public init(name: String, pitches: [Double?]) {
        self.name = name
        self.pitches = pitches
    }
}

/// Division rounded towards minus infinity: the rest is never negative.
func floorDivided(_ value: Int, by divisor: Int) -> (quotient: Int, rest: Int) {
    let rest = ((value % divisor) + divisor) % divisor
    return ((value - rest) / divisor, rest)
}
