import Glibc
public import KairosDSP

/// Impulse response of a stereo effect, with the measures of room acoustics.
public struct ImpulseResponse {
    /// Output for an impulse in both channels at frame 0: left and right.
    public let channels: [[Float]]
    /// Sample rate in Hz.
    public let sampleRate: Double

    /// The response of a module on a bus whose clock begins at `clock`; parameters that `set` does not name have
    /// their defaults.
    public init<M: Module>(
        _ type: M.Type, _ set: [M.Param: Float], seconds: Double, clock: Int = 0, sampleRate: Double = 48_000
    ) where M.Param: Hashable {
        var bench = ModuleBench<M>(M.self, format: .bus(sampleRate: Float(sampleRate)))
        for inlet in M.Inlet.allCases { bench.feed(inlet, .moving { _, frame in frame == 0 ? 1 : 0 }) }
        for (param, value) in set { bench.set(param, value) }
        bench.clock = clock
        bench.events = [.note(0)]
        let frames = bench.run(Int(seconds * sampleRate))[0]
        channels = [frames.lane(0), frames.lane(1)]
        self.sampleRate = sampleRate
    }

    /// Normalised echo density around each of `times` in seconds, the mean of the channels: 0 for single echoes, 1
    /// for noise (J. Abel, P. Huang, "A simple, robust measure of reverberation echo density", 2006). Windows of
    /// 20 ms.
    public func echoDensity(at times: [Double]) -> [Double] {
        let half = Int(0.01 * sampleRate)
        let window = (-half...half).map { 0.5 + 0.5 * cos(Double.pi * Double($0) / Double(half + 1)) }
        let sum = window.reduce(0, +)
        return times.map { time in
            let centre = Int(time * sampleRate)
            let found = channels.map { channel in
                let squares = (-half...half).map {
                    Double(channel[centre + $0]) * Double(channel[centre + $0])
                }
                let variance = zip(window, squares).reduce(0) { $0 + $1.0 * $1.1 } / sum
                return zip(window, squares).reduce(0) { $0 + ($1.1 > variance ? $1.0 : 0) } / sum
            }
            return found.reduce(0, +) / Double(channels.count) / erfc(sqrt(0.5))
        }
    }

    /// Decay time in seconds of an octave band of each channel: 60 dB at the slope of the backward integral from −5
    /// to −35 dB (M. Schroeder, "New method of measuring reverberation time", 1965; ISO 3382-1).
    public func decayTimes(around hertz: Double) -> [Double] {
        channels.map { channel in
            var energy = octave(channel, hertz).map { $0 * $0 }
            for n in stride(from: energy.count - 2, through: 0, by: -1) { energy[n] += energy[n + 1] }
            let top = energy[0]
            // Least squares of the level over time.
            var (count, x, y, xx, xy) = (0.0, 0.0, 0.0, 0.0, 0.0)
            for n in stride(from: 0, to: energy.count, by: 16) {
                let level = 10 * log10(max(1e-30, energy[n] / top)), time = Double(n) / sampleRate
                if level > -5 { continue }
                if level < -35 { break }
                (count, x, y, xx, xy) = (count + 1, x + time, y + level, xx + time * time, xy + time * level)
            }
            return -60 * (count * xx - x * x) / (count * xy - x * y)
        }
    }

    /// Level in decibels of the loudest band of 16 Hz from 100 Hz to 5 kHz, above the median of the bands within 15 %
    /// of its frequency, in the half of `decay` seconds that ends with it; the loudest of both channels. The decay is
    /// levelled out.
    public func loudestMode(decay: Double) -> Double {
        let start = Int(decay / 2 * sampleRate)
        return channels.map { channel in
            let levelled = (0..<start).map { n in
                Double(channel[start + n]) * exp(6.907_755 * Double(n) / (decay * sampleRate))
            }
            var powers = [Double](repeating: 0, count: 5800 / 16)
            let spectrum = paddedSpectrum(levelled)
            for (bin, power) in spectrum.enumerated() {
                let band = Int(Double(bin) * sampleRate / 2 / Double(spectrum.count - 1) / 16)
                if band < powers.count { powers[band] += power }
            }
            return (7..<312).map { band in
                let near = Int((Double(band) * 0.85).rounded(.up))...Int(Double(band) * 1.15)
                let around = powers[near].sorted()
                return 10 * log10(powers[band] / around[around.count / 2])
            }.max() ?? 0
        }.max() ?? 0
    }

    /// Level in decibels of the mono sum of the channels, relative to their mean power.
    public var monoLevel: Double {
        var (mono, both) = (0.0, 0.0)
        for (left, right) in zip(channels[0], channels[1]) {
            let (left, right) = (Double(left), Double(right))
            mono += (left + right) * (left + right) / 4
            both += (left * left + right * right) / 2
        }
        return 10 * log10(mono / both)
    }

    /// Energy of both channels in each second.
    public var energyPerSecond: [Double] {
        let second = Int(sampleRate)
        return (0..<channels[0].count / second).map { index in
            channels.reduce(0) { sum, channel in
                sum
                    + channel[index * second..<(index + 1) * second].reduce(0) {
                        $0 + Double($1) * Double($1)
                    }
            }
        }
    }

    /// An octave band: three band-pass filters of R. Bristow-Johnson's "Audio EQ Cookbook" with a Q of 2.
    private func octave(_ signal: [Float], _ hertz: Double) -> [Double] {
        let angle = 2 * Double.pi * hertz / sampleRate
        let alpha = sin(angle) / 4, gain = alpha / (1 + alpha)
        let (a1, a2) = (-2 * cos(angle) / (1 + alpha), (1 - alpha) / (1 + alpha))
        var result = signal.map { Double($0) }
        for _ in 0..<3 {
            var (x1, x2, y1, y2) = (0.0, 0.0, 0.0, 0.0)
            for n in result.indices {
                let x = result[n], y = gain * (x - x2) - a1 * y1 - a2 * y2
                (x1, x2, y1, y2) = (x, x1, y, y1)
                result[n] = y
            }
        }
        return result
    }
}
