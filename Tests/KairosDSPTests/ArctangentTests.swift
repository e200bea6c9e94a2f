import Glibc
import KairosDSP
import Testing

/// The arctangent kernel against the C library.
@Suite struct ArctangentTests {
    @Test func itsErrorIsStated() {
        var largest = 0.0
        for step in 0...10_000 {
            let x = Float(step) / 10_000
            largest = max(largest, abs(Double(arctangent(Lanes(repeating: x))[5]) - atan(Double(x))))
        }
        #expect(largest < 2e-6 && largest > 1e-7, "\(largest)")
    }
}
