import Foundation
import KairosDSP
import KairosTestSupport
import Testing

@testable import KairosEngine

/// The beats of the transport for note stages: by a tempo, by a MIDI clock, and from one to the other.
@Suite struct BeatTimeTests {
    private static let rate = 48_000.0

    @Test func `beats pass at the tempo and never jump, running or not`() {
        var transport = Transport(meter: 4, sampleRate: Self.rate), draw = Draw(state: 9)
        var last = transport.beatTime(at: 0).beats, tempo = 120.0
        for frame in 1..<200_000 {
            switch draw.next(5000) {
            case 0:
                tempo = Double(20 + draw.next(380))
                transport.setTempo(tempo, at: frame)
            case 1: transport.toggle(at: frame)
            default: break
            }
            let beats = transport.beatTime(at: frame).beats
            // One frame at most at the greatest tempo, 400, and none back.
            #expect(beats >= last && beats - last <= 400 / 60 / Self.rate + 1e-9)
            last = beats
        }
    }

    @Test func `the frame of a beat is the first one that is not before it`() {
        var transport = Transport(meter: 4, sampleRate: Self.rate)
        for (index, tempo) in [20, 97.3, 120, 133.7, 400].enumerated() {
            let now = 1000 * index
            transport.setTempo(tempo, at: now)
            let time = transport.beatTime(at: now)
            for step in 0..<200 {
                let beat = time.beats + Double(step) * 0.0371
                let frame = time.frame(of: beat)
                #expect(transport.beatTime(at: frame).beats >= beat - 2 * BeatTime.tolerance)
                if frame > now { #expect(transport.beatTime(at: frame - 1).beats < beat) }
                // The prediction is the same from every frame before.
                #expect(transport.beatTime(at: now + (frame - now) / 2).frame(of: beat) == frame)
            }
        }
    }

    /// Ten minutes of a clock whose ticks are up to 1 ms late and whose tempo swings between 100 and 140.
    @Test func `ten minutes of a clock: ticks at their own frames, and less than 2 ms between them`() {
        var transport = Transport(meter: 4, sampleRate: Self.rate), draw = Draw(state: 3)
        transport.start()
        var exact = 5000.0, ticks = 0, lastFrame = 0, worst = 0.0, early = 0
        while exact < 600 * Self.rate {
            let frame = Int(exact) + Int(draw.next(48))
            let half = (Double(ticks) - 0.5) / 24
            if ticks > 200, let origin = transport.beatTime(at: lastFrame).origin {
                // The place between the last two ticks, as predicted at the earlier one.
                let predicted = transport.beatTime(at: lastFrame).frame(of: origin + half)
                let middle = exact - interval(exact) / 2 + 24
                worst = max(worst, abs(Double(predicted) - middle))
                if transport.beatTime(at: frame - 1).hasReached(origin + Double(ticks) / 24) { early += 1 }
            }
            transport.advance(at: frame, from: 0)
            if let origin = transport.beatTime(at: frame).origin {
                #expect(transport.beatTime(at: frame).hasReached(origin + Double(ticks) / 24))
                #expect(!transport.beatTime(at: frame).hasReached(origin + Double(ticks + 1) / 24))
            }
            ticks += 1
            lastFrame = frame
            exact += interval(exact)
        }
        #expect(ticks > 28_000 && early == 0)
        #expect(worst < 0.002 * Self.rate, "\(worst) frames")
    }

    /// Frames from one tick to the next: the tempo swings once in 30 s.
    private func interval(_ frame: Double) -> Double {
        let tempo = 120 + 20 * sin(2 * .pi * frame / (30 * Self.rate))
        return Self.rate * 60 / 24 / tempo
    }

    @Test func `a clock begins, is lost and begins again without a jump`() {
        var transport = Transport(meter: 4, sampleRate: Self.rate)
        var last = 0.0, frame = 0
        func check(to end: Int) {
            while frame < end {
                let beats = transport.beatTime(at: frame).beats
                #expect(beats >= last && beats - last < 0.06)
                last = beats
                frame += 1
            }
        }
        check(to: 5000)
        for run in 0..<2 {
            for tick in 0..<30 {
                check(to: 20_000 + 150_000 * run + 1000 * tick)
                transport.advance(at: frame, from: 0)
            }
            // The last tick, two beats of ticks until the clock is lost, then the internal tempo.
            check(to: 150_000 + 150_000 * run)
        }
        #expect(
            transport.beatTime(at: 300_000).frame(of: transport.beatTime(at: 300_000).beats + 1) == 324_000)
    }
}
