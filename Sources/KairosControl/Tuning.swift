import KairosDSP

/// The steps of a scale, as a Scala file has them. Without degree 0, which is the unison.
public struct Scale: Sendable, Equatable {
    /// What the file says of itself.
    public var name: String
    /// Of degrees 1…n above the unison, in cents; the last is the period.
    public var cents: [Double]

    /// A scale; at least one degree.
    public init(name: String = "", cents: [Double]) {
        self.name = name
        self.cents = cents
    }

    /// Twelve equal steps.
    public static let equal = Scale(name: "12 equal steps", cents: (1...12).map { Double($0) * 100 })

    /// Cents above the unison of any degree, below it too: the scale repeats at its period.
    func cents(ofDegree degree: Int) -> Double {
        guard let period = cents.last else { return 0 }
        let (turns, rest) = floorDivided(degree, by: cents.count)
        return Double(turns) * period + (rest == 0 ? 0 : cents[rest - 1])
    }
}

/// Which key plays which degree of a scale, as a Scala keyboard mapping (.kbm) has it.
public struct KeyboardMap: Sendable, Equatable {
    /// The keys that are tuned, 0…127; others are silent.
    public var keys: ClosedRange<Int> = 0...127
    /// The key where the pattern begins: degree 0.
    public var middle = 60
    /// The key whose frequency is given.
    public var reference = 60
    /// That key's frequency in hertz.
    public var frequency = 261.625565300598634
    /// The degree that is one pattern away; 0 for the whole scale.
    public var octaveDegree = 0
    /// The degree of each key of the pattern, nil for a silent one; empty: key by key.
    public var degrees: [Int?] = []

    /// Middle C is degree 0 and where equal temperament has it.
    public init() {}

    /// The degree of a key counted from the middle one, or nil.
    func degree(of key: Int, in scale: Scale) -> Int? {
        let distance = key - middle
        guard !degrees.isEmpty else { return distance }
        let (turns, rest) = floorDivided(distance, by: degrees.count)
        let period = octaveDegree == 0 ? scale.cents.count : octaveDegree
        return degrees[rest].map { $0 + turns * period }
    }
}

/// The pitch of every key.
public struct Tuning: Sendable, Equatable {
    /// What it is called.
    public var name: String
    /// Of keys 0…127, in semitones of the MIDI scale (69 is 440 Hz); not a number for a silent key.
    public var pitches: [Double]

    /// Equal temperament.
    public static let equal = Tuning(name: "equal temperament", pitches: (0..<128).map(Double.init))

    /// A scale on a keyboard. (Scala, "Scale file format" and "Keyboard mappings", huygens-fokker.org/scala; without
    /// a keyboard mapping as in its default: degree 0 on key 60, at 261.63 Hz.)
    public init(_ scale: Scale, keyboard: KeyboardMap = KeyboardMap()) {
        name = scale.name
        let anchor = 69 + 12 * log2Exact(keyboard.frequency / 440)
        let degree = keyboard.degree(of: keyboard.reference, in: scale)
        // The reference key need not be one that sounds: its place is then that of the pattern's beginning.
        let reference = scale.cents(ofDegree: degree ?? 0)
        pitches = (0..<128).map { key in
            guard keyboard.keys.contains(key), let degree = keyboard.degree(of: key, in: scale) else {
                return .nan
            }
            return anchor + (scale.cents(ofDegree: degree) - reference) / 100
        }
    }

    /// A table: 128 pitches.
    public init(name: String, pitches: [Double]) {
        self.name = name
        self.pitches = pitches
    }
}

/// Towards minus infinity: the rest is never negative.
private func floorDivided(_ value: Int, by divisor: Int) -> (quotient: Int, rest: Int) {
    let rest = ((value % divisor) + divisor) % divisor
    return ((value - rest) / divisor, rest)
}
