import Glibc

/// Peak of a signal between its samples, by meters that share nothing with the limiter.
public enum TruePeakMeter {
    /// True peak in dB as libebur128 measures it: four times the sample rate by 49 taps with a Hann window.
    public static func decibels(_ signal: [Float]) -> Double {
        interpolatedPeak(signal, factor: 4, reach: 6) { x in 0.5 + 0.5 * cos(.pi * x / 6) }
    }

    /// Peak in dB between the samples, eight times the sample rate by 128 taps a phase.
    public static func exactDecibels(_ signal: [Float]) -> Double {
        interpolatedPeak(signal, factor: 8, reach: 64) { x in 0.5 + 0.5 * cos(.pi * x / 64) }
    }

    private static func interpolatedPeak(
        _ signal: [Float], factor: Int, reach: Int, _ window: (Double) -> Double
    ) -> Double {
        var largest = 0.0
        for phase in 0..<factor {
            let fraction = Double(phase) / Double(factor)
            let taps = (-reach...reach).map { k -> Double in
                let x = Double(k) - fraction
                if abs(x) >= Double(reach) { return 0 }
                return (x == 0 ? 1 : sin(.pi * x) / (.pi * x)) * window(x)
            }
            for n in reach..<signal.count - reach {
                var sum = 0.0
                for k in -reach...reach { sum += taps[k + reach] * Double(signal[n + k]) }
                largest = max(largest, abs(sum))
            }
        }
        return 20 * log10(largest)
    }
}
