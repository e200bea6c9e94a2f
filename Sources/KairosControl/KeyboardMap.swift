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
