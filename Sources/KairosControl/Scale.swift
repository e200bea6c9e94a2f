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
