import Foundation

/// Converts the engine's sound to another sample rate, on the fly.
///
/// A windowed sinc (Kaiser, 100 dB) in 512 phases, linear between them. Passes 0 … 0.9 of the lower Nyquist frequency
/// unchanged. The ratio is exact: positions are whole numbers of 1/`output` frames, so nothing drifts.
///
/// > Thread: [audio], but for `init`
final class RateConverter: @unchecked Sendable {
    /// Frames a second that come in.
    let input: Int
    /// Frames a second that go out.
    let output: Int
    /// Frames that come in between the newest that an output frame needs and its middle.
    var delay: Int { taps / 2 }

    private static let phases = 512
    /// Output frames that are made in one go.
    private static let longest = 64
    private let taps: Int
    /// `phases + 1` rows of `taps` coefficients.
    private let table: UnsafeMutablePointer<Float>
    private let left: UnsafeMutablePointer<Float>
    private let right: UnsafeMutablePointer<Float>
    private let capacity: Int
    /// Frames in `left` and `right`.
    private var filled: Int
    /// The first frame that the next output frame needs, and the part of a frame beyond it, in 1/`output`.
    private var whole = 0
    private var part = 0

    /// Fills `count` frames from where they are asked for.
    typealias Source = (
        _ left: UnsafeMutablePointer<Float>, _ right: UnsafeMutablePointer<Float>, _ count: Int
    ) -> Void

    /// From `input` to `output` frames a second, both at least 1. It allocates and computes its table, which takes
    /// some milliseconds.
    ///
    /// > Thread: [control]
    init(from input: Int, to output: Int) {
        self.input = input
        self.output = output
        let ratio = Double(input) / Double(output)
        // Of the input's rate: the transition from 0.907 to 1.093 of the lower Nyquist frequency.
        taps = (Int((72 * max(1, ratio)).rounded(.up)) + 7) / 8 * 8
        capacity = taps + Int((Double(Self.longest) * ratio).rounded(.up)) + 8
        table = Self.sinc(taps: taps, cutoff: min(1, 1 / ratio))
        left = .allocate(capacity: capacity)
        right = .allocate(capacity: capacity)
        left.initialize(repeating: 0, count: capacity)
        right.initialize(repeating: 0, count: capacity)
        filled = taps
    }

    deinit {
        table.deallocate()
        left.deallocate()
        right.deallocate()
    }

    /// Forgets what came in.
    func reset() {
        left.update(repeating: 0, count: capacity)
        right.update(repeating: 0, count: capacity)
        filled = taps
        whole = 0
        part = 0
    }

    /// How far the newest input frame that the next output frame needs lies after the last one that came in, in input
    /// frames: −1 … input / output.
    var lead: Double { Double(whole + taps - filled) + Double(part) / Double(output) }

    /// Makes `count` frames; `source` is asked for what they need.
    func render(
        _ outLeft: UnsafeMutablePointer<Float>, _ outRight: UnsafeMutablePointer<Float>, _ count: Int,
        _ source: Source
    ) {
        var done = 0
        while done < count {
            let some = min(Self.longest, count - done)
            let needed = whole + (part + (some - 1) * input) / output + taps
            if needed > filled {
                source(left + filled, right + filled, needed - filled)
                filled = needed
            }
            for n in 0..<some {
                let at = part + n * input
                write(outLeft + done + n, outRight + done + n, whole + at / output, at % output)
            }
            let end = part + some * input
            drop(whole + end / output)
            part = end % output
            done += some
        }
    }

    /// Moves what is still needed to the front: the next output frame begins at `first`, which may not have come in
    /// yet.
    private func drop(_ first: Int) {
        let gone = min(first, filled)
        filled -= gone
        left.update(from: left + gone, count: filled)
        right.update(from: right + gone, count: filled)
        whole = first - gone
    }

    private func write(
        _ outLeft: UnsafeMutablePointer<Float>, _ outRight: UnsafeMutablePointer<Float>, _ first: Int,
        _ rest: Int
    ) {
        let phase = Float(rest) * (Float(Self.phases) / Float(output))
        let row = min(Self.phases - 1, Int(phase)), fraction = phase - Float(row)
        let low = table + row * taps, high = low + taps
        var l = SIMD8<Float>.zero, r = l
        var at = 0
        while at < taps {
            let a = Self.eight(low + at)
            let weights = a.addingProduct(Self.eight(high + at) - a, SIMD8(repeating: fraction))
            l.addProduct(weights, Self.eight(left + first + at))
            r.addProduct(weights, Self.eight(right + first + at))
            at += 8
        }
        outLeft.pointee = l.sum()
        outRight.pointee = r.sum()
    }

    @inline(__always) private static func eight(_ values: UnsafeMutablePointer<Float>) -> SIMD8<Float> {
        UnsafeRawPointer(values).loadUnaligned(as: SIMD8<Float>.self)
    }

    /// Row p has the coefficients for a position p/512 of a frame beyond the first.
    private static func sinc(taps: Int, cutoff: Double) -> UnsafeMutablePointer<Float> {
        let table = UnsafeMutablePointer<Float>.allocate(capacity: (phases + 1) * taps)
        let half = Double(taps) / 2, beta = 10.06
        var row = [Double](repeating: 0, count: taps)
        for phase in 0...phases {
            let middle = half - 1 + Double(phase) / Double(phases)
            for tap in 0..<taps {
                let distance = Double(tap) - middle, x = distance / half
                let angle = Double.pi * distance * cutoff
                let sinc = angle == 0 ? 1 : sin(angle) / angle
                row[tap] = x.magnitude >= 1 ? 0 : sinc * bessel(beta * (1 - x * x).squareRoot())
            }
            // Each phase passes a constant as it is.
            let sum = row.reduce(0, +)
            for tap in 0..<taps { (table + phase * taps + tap).initialize(to: Float(row[tap] / sum)) }
        }
        return table
    }

    /// The modified Bessel function of the first kind and order zero.
    private static func bessel(_ x: Double) -> Double {
        var sum = 1.0, term = 1.0, n = 1.0
        while term > 1e-12 * sum {
            term *= (x / (2 * n)) * (x / (2 * n))
            sum += term
            n += 1
        }
        return sum
    }
}
