import Glibc
import KairosDSP
import Testing

/// Six-point interpolation compared with the Lagrange polynomial in double precision, and with sine waves.
@Suite struct FractionalReadTests {
    /// Weight of the frame `node` frames older than the read position's own, from the definition of the polynomial.
    private static func weight(_ node: Int, _ fraction: Double) -> Double {
        (-2...3).filter { $0 != node }.reduce(1) {
            $0 * (fraction - Double($1)) / Double(node - $1)
        }
    }

    private static func weights(_ read: FractionalRead, _ lane: Int) -> [Double] {
        let w = read.weights
        return [w.0, w.1, w.2, w.3, w.4, w.5].map { Double($0[lane]) }
    }

    @Test func weightsAreThoseOfThePolynomial() {
        for step in 0..<400 {
            let delay = Lanes(repeating: 3) + Lanes(repeating: Float(step) / 16) * Lanes(repeating: 0.37)
            let read = FractionalRead(delay)
            let fraction = Double(delay[5]) - Double(read.age[5])
            #expect(fraction >= 0 && fraction <= 1)
            for (index, found) in Self.weights(read, 5).enumerated() {
                #expect(abs(found - Self.weight(index - 2, fraction)) < 3e-7)
            }
        }
    }

    @Test(arguments: [Float(3), 4, 100, 4095, 4096, 1_000_000])
    func wholeFramesAreExact(delay: Float) {
        let read = FractionalRead(Lanes(repeating: delay))
        let weights = Self.weights(read, 0)
        // In a tie the read position is the frame itself or the end of the frame before.
        let node = 2 + Int(delay) - Int(read.age[0])
        #expect((2...3).contains(node))
        for (index, weight) in weights.enumerated() { #expect(weight == (index == node ? 1 : 0)) }
    }

    /// Level in dB of a sine wave read half a frame between two frames.
    private static func level(_ hertz: Double, _ sampleRate: Double) -> Double {
        let read = FractionalRead(Lanes(repeating: 10.5))
        let turns = hertz / sampleRate
        let parts = weights(read, 0).enumerated().reduce((0.0, 0.0)) { sum, item in
            let angle = 2 * .pi * turns * (Double(item.offset) - 2.5)
            return (sum.0 + item.element * cos(angle), sum.1 + item.element * sin(angle))
        }
        return 20 * log10(hypot(parts.0, parts.1))
    }

    @Test func levelIsFlatToTenKilohertz() {
        for (hertz, sampleRate, expected) in [
            (5000.0, 44_100.0, -0.01), (10_000, 44_100, -0.26), (12_000, 44_100, -0.70),
            (10_000, 48_000, -0.16), (12_000, 48_000, -0.44),
        ] {
            let found = Self.level(hertz, sampleRate)
            #expect(abs(found - expected) < 0.02, "\(hertz) Hz at \(sampleRate) Hz: \(found) dB")
        }
    }

    /// Sixteen consecutive frames whose ages differ have the bits of sixteen single reads.
    @Test(arguments: [Float(20.25), 20.5, 20.96, 21])
    func agesThatDifferByOneHaveTheSameBits(start: Float) {
        let noise = (0..<64).map { Float(sin(Double($0 * $0))) }
        for change in [Float(-0.9), -0.03, 0, 0.4, 1] {
            let delay = Lanes(repeating: start).addingProduct(.tickPositions, Lanes(repeating: change))
            let read = FractionalRead(delay)
            // Frames 40 … 55 are the lanes.
            func frames(_ age: Int) -> Lanes {
                var lanes = Lanes.zero
                for lane in 0..<16 { lanes[lane] = noise[40 + lane - age] }
                return lanes
            }
            let found = read.value(youngest: Int(read.age.min()), frames)
            for lane in 0..<16 {
                let age = Int(read.age[lane])
                let alone = read.value(
                    frames(age - 2), frames(age - 1), frames(age), frames(age + 1), frames(age + 2),
                    frames(age + 3))
                #expect(found[lane].bitPattern == alone[lane].bitPattern)
            }
        }
    }

    /// A sine wave with a vibrato of ±0.3 ms, compared with the wave itself at the delayed times.
    @Test(arguments: [(1000.0, -130.0), (5000, -67), (10_000, -33)])
    func aMovingDelayAddsLittle(hertz: Double, limit: Double) {
        let sampleRate = 44_100.0
        var error = 0.0, power = 0.0
        for n in 4000..<24_000 {
            let time = Double(n) / sampleRate
            let delay = Float(400 + 13.23 * sin(2 * .pi * 5 * time))
            let read = FractionalRead(Lanes(repeating: delay))
            func sine(_ position: Double) -> Double { sin(2 * .pi * hertz / sampleRate * position) }
            let weights = Self.weights(read, 0)
            let found = (0..<6).reduce(0.0) { sum, index in
                sum + weights[index] * sine(Double(n - Int(read.age[0]) + 2 - index))
            }
            let expected = sine(Double(n) - Double(delay))
            error += (found - expected) * (found - expected)
            power += expected * expected
        }
        let level = 10 * log10(error / power)
        #expect(level < limit, "\(hertz) Hz: \(level) dB")
    }
}
