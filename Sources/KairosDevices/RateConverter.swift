import Foundation
import KairosDSP

/// A stereo sample rate converter for the engine's output. [audio] except `init`
///
/// A windowed sinc (Kaiser window, 100 dB) in 512 phases with linear interpolation between them. The passband
/// is 0…0.9 of the lower Nyquist frequency. The ratio is exact: positions are integers in units of 1/`output`
/// frame, so that nothing drifts.
struct RateConverter: ~Copyable {
    /// The input sample rate in Hz.
    let input: Int
    /// The output sample rate in Hz.
    let output: Int
    /// The delay of the filter in input frames.
    var delay: Int { taps / 2 }

    private static let phases = 512
    /// The greatest number of output frames computed at once.
    private static let longest = 64
    private let taps: Int
    /// `phases + 1` rows of `taps` coefficients.
    private let table: FixedArray<Float>
    private var left: FixedArray<Float>
    private var right: FixedArray<Float>
    /// The number of frames in `left` and `right`.
    private var filled: Int
    /// The first input frame that the next output frame needs, and the fraction of a frame after it, in units
    /// of 1/`output`.
    private var whole = 0
    private var part = 0

    /// Renders `count` input frames into `left` and `right`.
    typealias Source = (
        _ left: UnsafeMutablePointer<Float>, _ right: UnsafeMutablePointer<Float>, _ count: Int
    ) -> Void

    /// A converter from `input` to `output` Hz, both at least 1. It allocates and computes its table, which
    /// takes some milliseconds. [control]
    init(from input: Int, to output: Int) {
        self.input = input
        self.output = output
        let ratio = Double(input) / Double(output)
        // The number of taps for a transition band from 0.907 to 1.093 of the lower Nyquist frequency.
        taps = (Int((72 * max(1, ratio)).rounded(.up)) + 7) / 8 * 8
        let capacity = taps + Int((Double(Self.longest) * ratio).rounded(.up)) + 8
        table = FixedArray(copying: Self.sinc(taps: taps, cutoff: min(1, 1 / ratio)))
        left = FixedArray(count: capacity, repeating: 0)
        right = FixedArray(count: capacity, repeating: 0)
        filled = taps
    }

    /// Clears the buffered input.
    mutating func reset() {
        left.fill(0)
        right.fill(0)
        filled = taps
        whole = 0
        part = 0
    }

    /// The distance in input frames from the last buffered frame to the newest one that the next output frame
    /// needs: −1…input/output.
    var lead: Double { Double(whole + taps - filled) + Double(part) / Double(output) }

    /// Renders `count` output frames; calls `source` for the input frames that they need.
    mutating func render(
        _ outLeft: UnsafeMutablePointer<Float>, _ outRight: UnsafeMutablePointer<Float>, _ count: Int,
        _ source: Source
    ) {
        var done = 0
        while done < count {
            let some = min(Self.longest, count - done)
            let needed = whole + (part + (some - 1) * input) / output + taps
            if needed > filled {
                source(left.baseAddress + filled, right.baseAddress + filled, needed - filled)
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

    /// Moves the frames that are still needed to the front of the buffers. The next output frame begins at
    /// `first`, which may not be buffered yet.
    private mutating func drop(_ first: Int) {
        let gone = min(first, filled)
        filled -= gone
        left.baseAddress.update(from: left.baseAddress + gone, count: filled)
        right.baseAddress.update(from: right.baseAddress + gone, count: filled)
        whole = first - gone
    }

    private func write(
        _ outLeft: UnsafeMutablePointer<Float>, _ outRight: UnsafeMutablePointer<Float>, _ first: Int,
        _ rest: Int
    ) {
        let phase = Float(rest) * (Float(Self.phases) / Float(output))
        let row = min(Self.phases - 1, Int(phase)), fraction = phase - Float(row)
        let low = table.baseAddress + row * taps, high = low + taps
        let left = left.baseAddress + first, right = right.baseAddress + first
        var l = SIMD8<Float>.zero, r = l
        var at = 0
        while at < taps {
            let a = Self.load8(low + at)
            let weights = a.addingProduct(Self.load8(high + at) - a, SIMD8(repeating: fraction))
            l.addProduct(weights, Self.load8(left + at))
            r.addProduct(weights, Self.load8(right + at))
            at += 8
        }
        outLeft.pointee = l.sum()
        outRight.pointee = r.sum()
    }

    @inline(__always) private static func load8(_ values: UnsafeMutablePointer<Float>) -> SIMD8<Float> {
        UnsafeRawPointer(values).loadUnaligned(as: SIMD8<Float>.self)
    }

    /// Computes the table: row p has the coefficients for an offset of p/512 frame.
    private static func sinc(taps: Int, cutoff: Double) -> [Float] {
        var table: [Float] = []
        table.reserveCapacity((phases + 1) * taps)
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
            // Each phase has a gain of 1 at 0 Hz.
            let sum = row.reduce(0, +)
            table += row.map { Float($0 / sum) }
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
