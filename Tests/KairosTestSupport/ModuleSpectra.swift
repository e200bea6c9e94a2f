import Glibc
public import KairosDSP

/// The amplitude and phase of one frequency in a signal: its Fourier integral, in doubles.
///
/// `frequency` is in cycles per frame. The sum is not divided by the length: it is the transform of an impulse
/// response.
public func fourier(_ signal: [Float], _ frequency: Double) -> (real: Double, imaginary: Double) {
    var real = 0.0
    var imaginary = 0.0
    for (n, value) in signal.enumerated() where value != 0 {
        let angle = -2 * Double.pi * frequency * Double(n)
        real += Double(value) * cos(angle)
        imaginary += Double(value) * sin(angle)
    }
    return (real, imaginary)
}

/// Level of one frequency in an impulse response, in decibels.
public func level(_ impulseResponse: [Float], _ frequency: Double) -> Double {
    let (real, imaginary) = fourier(impulseResponse, frequency)
    return 10 * log10(max(1e-30, real * real + imaginary * imaginary))
}

/// The power spectrum of a signal whose length is a power of two, with a Kaiser window (β = 20).
public func powerSpectrum(_ signal: [Float]) -> [Double] {
    let count = signal.count
    var real = [Double](repeating: 0, count: count)
    var imaginary = [Double](repeating: 0, count: count)
    for n in 0..<count {
        let x = 2 * Double(n) / Double(count - 1) - 1
        real[n] = Double(signal[n]) * bessel(20 * sqrt(max(0, 1 - x * x))) / bessel(20)
    }
    transform(&real, &imaginary)
    return (0...count / 2).map { real[$0] * real[$0] + imaginary[$0] * imaginary[$0] }
}

/// The power spectrum of a signal without a window, with zeros behind it up to the next power of two.
func paddedSpectrum(_ signal: [Double]) -> [Double] {
    var count = 2
    while count < signal.count { count *= 2 }
    var real = signal + [Double](repeating: 0, count: count - signal.count)
    var imaginary = [Double](repeating: 0, count: count)
    transform(&real, &imaginary)
    return (0...count / 2).map { real[$0] * real[$0] + imaginary[$0] * imaginary[$0] }
}

/// The modified Bessel function of order zero, by its series.
private func bessel(_ x: Double) -> Double {
    var sum = 1.0
    var term = 1.0
    for k in 1..<80 {
        term *= (x / 2 / Double(k)) * (x / 2 / Double(k))
        sum += term
    }
    return sum
}

/// The fast Fourier transform in place (Cooley and Tukey, 1965).
private func transform(_ real: inout [Double], _ imaginary: inout [Double]) {
    let count = real.count
    var j = 0
    for i in 1..<count {
        var bit = count >> 1
        while j & bit != 0 {
            j ^= bit
            bit >>= 1
        }
        j |= bit
        if i < j {
            real.swapAt(i, j)
            imaginary.swapAt(i, j)
        }
    }
    var length = 2
    while length <= count {
        let turns = (0..<length / 2).map { k in
            let angle = -2 * Double.pi * Double(k) / Double(length)
            return (cos(angle), sin(angle))
        }
        for start in stride(from: 0, to: count, by: length) {
            for k in 0..<length / 2 {
                let a = start + k
                let b = a + length / 2
                let x = real[b] * turns[k].0 - imaginary[b] * turns[k].1
                let y = real[b] * turns[k].1 + imaginary[b] * turns[k].0
                (real[b], imaginary[b]) = (real[a] - x, imaginary[a] - y)
                (real[a], imaginary[a]) = (real[a] + x, imaginary[a] + y)
            }
        }
        length *= 2
    }
}

/// The power of a periodic signal between the multiples of its frequency below `limit`, relative to the power at
/// these multiples, in decibels.
///
/// `frequency` and `limit` are in cycles per frame.
public func aliasToSignal(_ signal: [Float], frequency: Double, limit: Double) -> Double {
    let power = powerSpectrum(signal)
    let count = Double(signal.count)
    var harmonic = 0.0
    var other = 0.0
    for (bin, value) in power.enumerated() where bin > 12 && Double(bin) < limit * count {
        let turns = Double(bin) / count / frequency
        let distance = abs(turns - turns.rounded()) * frequency * count
        if distance < 12 && turns > 0.5 { harmonic += value } else { other += value }
    }
    return 10 * log10(max(1e-30, other / harmonic))
}

/// Spectrum below 8 kHz or another limit: mean power in bands a third of an octave apart.
///
/// A band is triangular over the logarithm of the frequency, from the centre of the band below to that of the
/// band above. So a sine wave moves from band to band without a step, and its bins may lie anywhere.
public struct ThirdOctaves {
    /// Centre frequencies of the bands in Hz from 63 Hz on. The last band ends at the limit.
    public let centres: [Double]

    /// Mean power in each band.
    public private(set) var bands: [Double]
    /// Mean power in all bands.
    public var power: Double { bands.reduce(0, +) }

    /// Analyses the mean power of `signals`, all of the same length, through a Hann window, up to `limit` in Hz.
    public init(_ signals: [[Float]], sampleRate: Double, limit: Double = 8000) {
        let last = Int((10 * log10(limit / 1000)).rounded()) - 1
        centres = (-12...last).map { 1000 * pow(10, Double($0) / 10) }
        bands = [Double](repeating: 0, count: centres.count)
        let frames = signals[0].count
        // At least twice the length. A sum over bins then does not depend on the position of the bins.
        var size = 2
        while size < 2 * frames { size *= 2 }
        let window = (0..<frames).map { 0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(frames)) }
        let scale = 1 / (Double(size) * Double(signals.count) * window.reduce(0) { $0 + $1 * $1 })
        // Two signals at once, as the real and the imaginary part: their powers add up in the sum of both sides
        // of the spectrum.
        for index in stride(from: 0, to: signals.count, by: 2) {
            var real = [Double](repeating: 0, count: size), imaginary = real
            for n in 0..<frames {
                real[n] = Double(signals[index][n]) * window[n]
                if index + 1 < signals.count { imaginary[n] = Double(signals[index + 1][n]) * window[n] }
            }
            transform(&real, &imaginary)
            for bin in 1..<size / 2 {
                let hertz = Double(bin) * sampleRate / Double(size), mirror = size - bin
                let position = 10 * log10(hertz / centres[0])
                if position <= -1 { continue }
                if position >= Double(bands.count) { break }
                let value =
                    scale
                    * (real[bin] * real[bin] + imaginary[bin] * imaginary[bin] + real[mirror] * real[mirror]
                        + imaginary[mirror] * imaginary[mirror])
                let lower = Int(position.rounded(.down)), part = position - Double(lower)
                if lower >= 0 { bands[lower] += value * (1 - part) }
                if lower + 1 < bands.count { bands[lower + 1] += value * part }
            }
        }
    }
}

extension Array where Element == Lanes {
    /// One lane of the frames.
    public func lane(_ lane: Int) -> [Float] { map { $0[lane] } }
}
