import KairosDSP

/// Crossover of one channel at 800 Hz, of fourth order: two Butterworth filters in series for each band, whose sum has
/// the level of the input (S. Linkwitz, R. Riley, "Active crossover networks for noncoincident drivers", 1976). [audio]
struct Crossover: BitwiseCopyable {
    private let coefficients: Integrators.Coefficients
    private var first = Integrators()
    /// Lane 0 filters the low, lane 1 the high band.
    private var second = Integrators()

    init(_ format: Format) {
        let turns = Lanes(repeating: 800 / format.sampleRate)
        let g = sine(halfTurns: turns) / cosine(halfTurns: turns), sum = g + Self.damping
        let part = (g + g) / Lanes.one.addingProduct(g, sum)
        coefficients = Integrators.Coefficients(push: part, loss: part * sum, pull: part * g)
    }

    /// 1 / Q of a Butterworth filter.
    private static var damping: Lanes { Lanes(repeating: 1.414_213_6) }

    /// Clears the state.
    mutating func reset() {
        first.clear(.all)
        second.clear(.all)
    }

    /// Divides sixteen frames: the first vector of `bands` becomes the high, the second the low band.
    @inline(__always) mutating func divide(_ x: Lanes, _ bands: UnsafeMutablePointer<Lanes>) {
        let memory = UnsafeMutableRawPointer(bands)
        bands[0] = x
        for frame in 0..<SubBlock.controlTick {
            let x = Lanes(repeating: memory.load(fromByteOffset: 4 &* frame, as: Float.self))
            let parts = first.advance(x, coefficients)
            let high = x.subtractingProduct(parts.band, Self.damping) - parts.low
            let both = Lanes(stereo: SIMD2(parts.low.stereo.x, high.stereo.y))
            let again = second.advance(both, coefficients)
            let upper = both.subtractingProduct(again.band, Self.damping) - again.low
            memory.storeBytes(of: upper.stereo.y, toByteOffset: 4 &* frame, as: Float.self)
            memory.storeBytes(of: again.low.stereo.x, toByteOffset: 64 &+ 4 &* frame, as: Float.self)
        }
    }
}
