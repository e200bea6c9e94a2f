import Glibc
import KairosDSP
import Testing

/// Kernels compared with the C library in double precision: they keep the errors that their docstrings state.
@Suite struct KernelTests {
    /// Largest result of `error` over 16 × 40 000 values evenly spaced from `low` to `high`.
    private func sweep(_ low: Double, _ high: Double, _ error: (Lanes) -> [Double]) -> Double {
        let steps = 40_000
        var largest = 0.0
        for step in 0..<steps {
            var x = Lanes.zero
            for lane in 0..<16 {
                x[lane] = Float(low + (high - low) * Double(step * 16 + lane) / Double(steps * 16 - 1))
            }
            for value in error(x) { largest = max(largest, value) }
        }
        return largest
    }

    @Test func exponential() {
        let error = sweep(-125.9, 125.9) { x in
            let y = exp2(x)
            return (0..<16).map { abs(Double(y[$0]) / Glibc.exp2(Double(x[$0])) - 1) }
        }
        #expect(error < 2e-7, "\(error)")
        for whole in -126...126 {
            #expect(exp2(Lanes(repeating: Float(whole)))[3] == Glibc.exp2f(Float(whole)))
        }
    }

    @Test func sineOfTurns() {
        let error = sweep(-0.5, 0.5) { x in
            let y = sine(turns: x)
            return (0..<16).map { abs(Double(y[$0]) - sin(2 * .pi * Double(x[$0]))) }
        }
        #expect(error < 2e-7, "\(error)")
        let quarter = sweep(-0.25, 0.25) { x in
            let y = quarterSine(x)
            return (0..<16).map { abs(Double(y[$0]) - sin(2 * .pi * Double(x[$0]))) }
        }
        #expect(quarter < 2e-7, "\(quarter)")
    }

    @Test func tangentOfACutoff() {
        let error = sweep(1e-6, 0.49) { x in
            let y = sine(halfTurns: x) / cosine(halfTurns: x)
            return (0..<16).map { abs(Double(y[$0]) / tan(.pi * Double(x[$0])) - 1) }
        }
        #expect(error < 1e-5, "\(error)")
    }

    @Test func incrementOfAPhase() {
        // Within one phase step of the float's value.
        let error = sweep(0, 0.5) { x in
            let y = phaseIncrement(x)
            return (0..<16).map { abs(Double(y[$0]) - Double(x[$0]) * 0x1p32) }
        }
        #expect(error <= 1, "\(error)")
    }

    @Test func offsetOfAPhase() {
        let error = sweep(-37, 37) { x in
            let y = phaseOffset(turns: x)
            return (0..<16).map {
                let turns = Double(y[$0]) * 0x1p-32 - Double(x[$0])
                return abs(turns - turns.rounded())
            }
        }
        #expect(error < 0x1p-32)
    }

    @Test func lanesHaveAnOrder() {
        var lanes = Lanes.zero
        for lane in 0..<16 { lanes[lane] = Float(lane) - 8 }
        #expect(lanes.clamped(-2, 3)[0] == -2 && lanes.clamped(-2, 3)[15] == 3)
        #expect(Lanes(repeating: .nan).clamped(-2, 3)[7] == -2)
        #expect((lanes .> Lanes(repeating: 5)).lanes == LaneMask(bits: 0xc000))
        #expect(lanes.withSign(of: lanes)[0] == 8 && lanes.withSign(of: lanes)[12] == 4)
        var lone = Lanes.zero
        lone[11] = 0.1
        #expect(lone.laneSum == 0.1)
    }

    /// Fails where a lane is left out, comes twice, or comes from an empty set.
    @Test func lanesComeOutOfAMaskInOrder() {
        for bits: UInt16 in [0, 1, 0x8000, 0b1010_0110, .max] {
            var rest = LaneMask(bits: bits), lanes: [Int] = []
            while let lane = rest.popFirst() { lanes.append(lane) }
            #expect(lanes == (0..<16).filter { bits >> $0 & 1 == 1 } && rest.isEmpty)
        }
    }

    @Test func eightFramesOfABusFillAVector() {
        let eight = Lanes.eightFrames { SIMD2(Float($0), Float($0) + 0.5) }
        for frame in 0..<8 {
            #expect(eight[2 * frame] == Float(frame) && eight[2 * frame + 1] == Float(frame) + 0.5)
            #expect(eight.frame(frame) == SIMD2(Float(frame), Float(frame) + 0.5))
        }
        let later = eight.delayed(after: SIMD2(-2, -1))
        #expect(later.frame(0) == SIMD2(-2, -1))
        for frame in 1..<8 { #expect(later.frame(frame) == eight.frame(frame - 1)) }
        #expect(Lanes(stereo: SIMD2(3, 4)).stereo == SIMD2(3, 4))
    }
}
