import KairosDSP

/// Response of the filters in the loop of ``Comb`` at one frequency: a one-pole low-pass, (1 − a) / (1 − a·z⁻¹), and the
/// interpolation between frames. [audio]
struct LoopFilter {
    /// Phase delay of the low-pass filter in frames: atan2(a·sin ω, 1 − a·cos ω) / ω.
    let phaseDelay: Lanes
    /// Amplitude of the low-pass filter, 0 … 1.
    let magnitude: Lanes
    /// Cosine and sine of the frequency ω.
    private let cosine: Lanes
    private let sine: Lanes

    /// The response with the pole `a`, 0 … 1, at `turns` cycles per frame, up to a quarter.
    init(pole a: Lanes, turns: Lanes) {
        let s = KairosDSP.sine(halfTurns: turns), c = KairosDSP.cosine(halfTurns: turns)
        let near = Lanes.one - a, doubled = a + a
        // 1 − a·cos ω = (1 − a) + 2a·sin²(ω/2), without a difference of large numbers.
        let real = near.addingProduct(doubled * s, s), imaginary = doubled * s * c
        let slope = real.smaller(imaginary) / real.larger(imaginary).larger(Lanes(repeating: 0x1p-60))
        let angle = arctangent(slope)
        phaseDelay =
            angle.replacing(with: Lanes(repeating: .pi / 2) - angle, where: imaginary .> real)
            / (turns * Lanes(repeating: 2 * .pi))
        magnitude = near / (near * near).addingProduct(doubled + doubled, s * s).roots
        cosine = Lanes.one.subtractingProduct(s + s, s)
        sine = (s + s) * c
    }

    /// Amplitude of the interpolation of `read`, 0 … 1.
    func magnitude(of read: FractionalRead) -> Lanes {
        // Horner's scheme in e^(−iω).
        let w = read.weights
        var real = w.5, imaginary = Lanes.zero
        func next(_ weight: Lanes) {
            let x = weight.addingProduct(real, cosine).addingProduct(imaginary, sine)
            imaginary = (imaginary * cosine).subtractingProduct(real, sine)
            real = x
        }
        next(w.4)
        next(w.3)
        next(w.2)
        next(w.1)
        next(w.0)
        return (real * real).addingProduct(imaginary, imaginary).roots
    }
}
