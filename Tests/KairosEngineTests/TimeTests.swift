import KairosEngine
import Testing

/// Time stamps, frames and clocks of any value: nothing traps, and order is kept.
@Suite struct TimeConversion {
    private static func random(_ count: Int) -> [UInt64] {
        var state: UInt64 = 7
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> (state & 63)
        }
    }

    private static let edges: [UInt64] = [31, 32, 62, 63].reduce(into: [0, 1, .max - 1, .max]) {
        let power = UInt64(1) << UInt64($1)
        $0 += [power - 1, power, power + 1]
    }

    @Test func `every stamp has a frame, and later stamps no earlier one`() {
        let stamps = (Self.edges + Self.random(2000)).sorted()
        let frames = [0, 1, -1, .max, .min, 1 << 31, -(1 << 31), 1 << 32, -(1 << 32), 1 << 62, -(1 << 62)]
        let rates = [0, 8e-6, 48e-6, 192e-6, -48e-6, 1e300, .infinity, .nan, .leastNonzeroMagnitude]
        for frame in frames {
            for rate in rates {
                for at in [0, 1 << 31, 1 << 62, UInt64.max] {
                    let timebase = Timebase(stamp: at, frame: frame, framesPerNanosecond: rate)
                    let found = stamps.map(timebase.frame)
                    #expect(found.allSatisfy { abs($0) <= Timebase.frameLimit })
                    if rate >= 0 { #expect(zip(found, found.dropFirst()).allSatisfy(<=)) }
                    for frame in frames { _ = timebase.stamp(of: frame) }
                }
            }
        }
    }

    @Test func `within a year the conversion is exact, both ways`() {
        let timebase = Timebase(stamp: 1 << 50, frame: 1 << 31, framesPerNanosecond: 48e-6)
        for distance in [0, 1 << 31, -(1 << 31), 1 << 32, -(1 << 32), 1_234_567, 1 << 40] {
            #expect(timebase.frame(of: timebase.stamp(of: (1 << 31) + distance)) == (1 << 31) + distance)
        }
        #expect(timebase.stamp(of: .min) == 0)
    }

    @Test func `the loop follows any period at any rate`() {
        for rate in [8000.0, 11_025, 44_100, 48_000, 96_000, 192_000] {
            for frames in [1, 2, 16, 64, 1024, 8192, 65_536, 192_000] {
                var loop = DelayLockedLoop(sampleRate: rate, frames: frames)
                let period = Double(frames) / rate * 1e9
                var stamp = 1e9, worst = 0.0, wrong = 0
                for block in 0..<400 {
                    // Occasionally late by a tenth of the period.
                    let late = block % 7 == 3 ? period * 0.1 : 0
                    loop.advance(UInt64(stamp + late))
                    let timebase = loop.timebase(clock: block * frames, latency: frames)
                    let perSecond = timebase.framesPerNanosecond * 1e9
                    if !(perSecond >= rate / 2 && perSecond <= rate * 2) { wrong += 1 }
                    if block > 50 { worst = max(worst, abs(Double(timebase.stamp) - stamp) / period) }
                    stamp += period
                }
                #expect(worst < 0.1 && wrong == 0, "rate \(rate), period \(frames)")
            }
        }
    }

    @Test func `the loop takes any stamps`() {
        let stamps = Self.random(20_000) + Self.edges
        for (rate, frames) in [(8000.0, 192_000), (192_000, 1), (48_000, 128), (0, 0), (-1, -5)] {
            var loop = DelayLockedLoop(sampleRate: rate, frames: frames)
            _ = loop.timebase(clock: 0, latency: 0)
            var wrong = 0
            for stamp in stamps {
                loop.advance(stamp)
                let timebase = loop.timebase(clock: .max, latency: .max)
                _ = timebase.frame(of: stamp)
                if !(timebase.framesPerNanosecond.isFinite && timebase.framesPerNanosecond > 0) { wrong += 1 }
            }
            #expect(wrong == 0)
        }
    }
}
