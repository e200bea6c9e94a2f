import Glibc
import KairosDSP
import Testing

/// The binary logarithm compared with the C library in double precision.
@Suite struct LogarithmTests {
    @Test(arguments: [(125.9, 5e-6), (8.0, 7e-7)])
    func binaryLogarithm(high: Double, limit: Double) {
        let low = -high
        var largest = 0.0
        for step in 0..<40_000 {
            var x = Lanes.zero
            for lane in 0..<16 {
                x[lane] = Float(Glibc.exp2(low + (high - low) * Double(step * 16 + lane) / 639_999))
            }
            let y = log2(x)
            for lane in 0..<16 { largest = max(largest, abs(Double(y[lane]) - Glibc.log2(Double(x[lane])))) }
        }
        #expect(largest < limit, "\(largest)")
    }

    @Test func powersOfTwoAreExact() {
        for power in -126...127 {
            #expect(log2(Lanes(repeating: Glibc.exp2f(Float(power))))[5] == Float(power))
        }
        #expect(log2(Lanes.zero)[0] == -127)
    }
}
