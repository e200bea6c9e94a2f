import Glibc
import KairosDSP

/// The amplitude and phase of one frequency in a signal: its Fourier integral, in doubles.
///
/// `frequency` in cycles a frame. The sum is not divided by the length: it is an impulse response's transform.
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

/// Decibels of how large one frequency is in an impulse response.
public func level(_ impulseResponse: [Float], _ frequency: Double) -> Double {
    let (real, imaginary) = fourier(impulseResponse, frequency)
    return 10 * log10(max(1e-30, real * real + imaginary * imaginary))
}

/// The power spectrum of a signal, whose length is a power of two, through a Kaiser window of beta 20.
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

/// What of a periodic signal is at the multiples of its frequency below `limit`, and what is not, in decibels.
///
/// `frequency` and `limit` in cycles a frame. The ratio of the second to the first is returned.
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

extension Array where Element == Lanes {
    /// One lane of the frames.
    public func lane(_ lane: Int) -> [Float] { map { $0[lane] } }
}
