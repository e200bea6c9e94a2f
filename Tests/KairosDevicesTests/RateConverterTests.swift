import CRealtime
import Foundation
import KairosEngine
import Testing

@testable import KairosDevices

/// Sample rate conversion.
@Suite struct RateConverterTests {
    /// Converts a sine of `frequency` Hz from `input` to `output` Hz in blocks of changing length. Returns
    /// `count` frames.
    private func converted(_ frequency: Double, from input: Int, to output: Int, count: Int) -> [Float] {
        var converter = RateConverter(from: input, to: output)
        var made = 0, done = 0
        var left = [Float](repeating: 0, count: count), right = left
        while done < count {
            let some = min([1, 64, 127, 1024, 3][done % 5], count - done)
            left.withUnsafeMutableBufferPointer { l in
                right.withUnsafeMutableBufferPointer { r in
                    guard let l = l.baseAddress, let r = r.baseAddress else { return }
                    crt_realtime_enter()
                    converter.render(l + done, r + done, some) { left, right, frames in
                        for n in 0..<frames {
                            let angle = 2 * Double.pi * frequency * Double(made + n) / Double(input)
                            left[n] = Float(sin(angle))
                            right[n] = Float(cos(angle))
                        }
                        made += frames
                    }
                    crt_realtime_exit()
                }
            }
            done += some
        }
        return left
    }

    /// Fits a sine of `frequency` to `signal` by least squares. Returns the level of the residue relative to
    /// the signal in dB, and the sine's amplitude.
    private func residue(_ signal: ArraySlice<Float>, _ frequency: Double, _ rate: Int) -> (
        decibels: Double, gain: Double
    ) {
        var ss = 0.0, cc = 0.0, sc = 0.0, sx = 0.0, cx = 0.0, xx = 0.0
        for (n, value) in signal.enumerated() {
            let angle = 2 * Double.pi * frequency * Double(n) / Double(rate)
            let s = sin(angle), c = cos(angle), x = Double(value)
            ss += s * s
            cc += c * c
            sc += s * c
            sx += s * x
            cx += c * x
            xx += x * x
        }
        let determinant = ss * cc - sc * sc
        let a = (sx * cc - cx * sc) / determinant, b = (cx * ss - sx * sc) / determinant
        let rest = max(1e-30, xx - a * sx - b * cx)
        return (10 * log10(rest / xx), (a * a + b * b).squareRoot())
    }

    @Test func `a tone keeps its pitch and level at every pair of rates`() {
        for (input, output) in [
            (48_000, 44_100), (44_100, 48_000), (48_000, 96_000), (96_000, 48_000), (192_000, 44_100),
            (44_100, 192_000), (48_000, 47_999), (48_000, 8000), (8000, 48_000),
        ] {
            for frequency in [220.0, 1000, 3000] {
                let sound = converted(frequency, from: input, to: output, count: 12_000)
                let found = residue(sound[4000...], frequency, output)
                #expect(
                    found.decibels < -90 && abs(found.gain - 1) < 0.001,
                    "\(input) to \(output), \(frequency) Hz: \(found)")
            }
        }
    }

    @Test func `frequencies above the lower Nyquist frequency are removed`() {
        let sound = converted(30_000, from: 96_000, to: 44_100, count: 12_000)
        #expect(sound[4000...].map(abs).max() ?? 1 < 1e-4)
    }

    @Test func `an event sounds at the right frame at any rate`() {
        let time = BlockTime(stamp: 5_000_000, latency: 128, framesPerNanosecond: 44_100e-9)
        let timebase = EngineFeed.timebase(time, clock: 1000, lead: 0.25, ratio: 48 / 44.1)
        // An event at the beginning of the block sounds 128 driver frames later, which are 139.3 engine
        // frames.
        #expect(timebase.frame(of: 5_000_000) == 1000 + 140)
        #expect(timebase.frame(of: 5_000_000 + 1_000_000_000) == 1000 + 140 + 48_000)
        #expect(abs(timebase.framesPerNanosecond - 48e-6) < 1e-12)
    }
}
