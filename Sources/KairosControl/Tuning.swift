import KairosDSP

/// A scale as in a Scala file: its degrees without degree 0, the unison.
public struct Scale: Sendable, Equatable {
    /// The description in the file.
    public var name: String
    /// The intervals of degrees 1…n above the unison, in cents; the last is the period of repetition.
    public var cents: [Double]

    /// A scale; `cents` has at least one degree.
    public init(name: String = "", cents: [Double]) {
        self.name = name
        self.cents = cents
    }

    /// Twelve-tone equal temperament.
    public static let equal = Scale(name: "12 equal steps", cents: (1...12).map { Double($0) * 100 })

    /// The interval of any degree, also a negative one, above the unison in cents: the scale repeats at its
    /// period.
    func cents(ofDegree degree: Int) -> Double {
        guard let period = cents.last else { return 0 }
        let (turns, rest) = floorDivided(degree, by: cents.count)
        return Double(turns) * period + (rest == 0 ? 0 : cents[rest - 1])
    }
}

/// Assigns keys to the degrees of a scale, as in a Scala keyboard mapping (.kbm).
public struct KeyboardMap: Sendable, Equatable {
    /// The tuned keys, 0…127; other keys are silent.
    public var keys: ClosedRange<Int> = 0...127
    /// The key of degree 0, where the pattern begins.
    public var middle = 60
    /// The key that has the reference frequency.
    public var reference = 60
    /// The reference frequency in hertz.
    public var frequency = 261.625565300598634
    /// The degree by which consecutive repetitions of the pattern differ; 0 for the number of degrees of the
    /// scale.
    public var octaveDegree = 0
    /// The degree of each key of the pattern; nil for a silent key. Empty for consecutive degrees on
    /// consecutive keys.
    public var degrees: [Int?] = []

    /// The default: consecutive degrees from key 60, which has its equal-tempered frequency.
    public init() {}

    /// The degree of a key, relative to ``middle``; nil for a silent key.
    func degree(of key: Int, in scale: Scale) -> Int? {
        let distance = key - middle
        guard !degrees.isEmpty else { return distance }
        let (turns, rest) = floorDivided(distance, by: degrees.count)
        let period = octaveDegree == 0 ? scale.cents.count : octaveDegree
        return degrees[rest].map { $0 + turns * period }
    }
}

/// A tuning: the pitch of every key.
public struct Tuning: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// The pitches of keys 0…127 in semitones (MIDI note number with fraction, 69 is 440 Hz); NaN for a
    /// silent key.
    public var pitches: [Double]

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
                return .nan
            }
            return anchor + (scale.cents(ofDegree: degree) - reference) / 100
        }
    }

    /// A tuning by a table of 128 pitches.
    public init(name: String, pitches: [Double]) {
        self.name = name
        self.pitches = pitches
    }
}

/// Division rounded towards minus infinity: the rest is never negative.
private func floorDivided(_ value: Int, by divisor: Int) -> (quotient: Int, rest: Int) {
    let rest = ((value % divisor) + divisor) % divisor
    return ((value - rest) / divisor, rest)
}
