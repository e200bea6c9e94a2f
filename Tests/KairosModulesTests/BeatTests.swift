import KairosDSP
import KairosTestSupport
import Testing

@testable import KairosModules

/// Modulators whose rate is a note value: in phase with the beats while the transport runs.
@Suite struct BeatTests {
    private func note(_ text: String) throws -> NoteValue { try #require(try NoteValue.read(text)) }

    /// A bench with an LFO of one shape, and a transport from the first frame on.
    private func lfo(
        _ text: String, shape: LFOShape = .saw, beats: Double = 0,
        format: Format = .voices(sampleRate: 48_000)
    ) throws -> ModuleBench<LFO> {
        var bench = ModuleBench<LFO>(LFO.self, format: format)
        bench.set(.rate, try note(text))
        bench.set(.shape, Float(shape.rawValue))
        bench.run(transportFrom: 0, beats: beats)
        return bench
    }

    /// The phase in turns at a frame, for a saw: −1 … 1 is half a turn before and after the beginning.
    private func phase(_ value: Float) -> Float { value < 0 ? value / 2 + 1 : value / 2 }

    /// Distance of two phases in turns, on the shorter way.
    private func distance(_ a: Float, _ b: Double) -> Double {
        let d = Double(a) - b
        return abs(d - d.rounded())
    }

    /// Fails where the phase begins at 0 with the note, or follows the rate in hertz.
    @Test(arguments: ["1/4", "1/8", "1/4.", "1/16t", "2 bars"]) func `an LFO is where the beats are`(
        text: String
    ) throws {
        let period = Double(try note(text).length(meter: 4).beats)
        var bench = try lfo(text, beats: 1003.3)
        bench.events = [.note(0), .note(7001)]
        let output = bench.run(48_000)[0]
        for frame in stride(from: 0, to: 48_000, by: 997) {
            let beats = 1003.3 + Double(frame) * 2 / 48_000
            #expect(distance(phase(output[frame][3]), beats / period) < 2e-4, "frame \(frame)")
        }
    }

    @Test func `with retrigger a cycle begins with the note and lasts the note value`() throws {
        var bench = try lfo("1/8", beats: 0.3)
        bench.set(.retrigger, 1)
        bench.events = [.note(1000)]
        let output = bench.run(60_000)[0]
        for frame in stride(from: 1000, to: 60_000, by: 911) {
            #expect(distance(phase(output[frame][0]), Double(frame - 1000) / 12_000) < 2e-4)
        }
    }

    /// Fails where the phase jumps with the transport, or stays away from the beats.
    @Test func `after the start of the transport the phase glides to the beats within 100 ms`() throws {
        for shape in [LFOShape.sine, .saw] {
            var bench = try lfo("1/4", shape: shape)
            bench.run(transportFrom: 5000)
            bench.events = [.note(0), Event(5000)]
            let output = bench.run(30_000)[0].map { $0[0] }
            if shape == .sine {
                let step = zip(output, output.dropFirst()).map { abs($0 - $1) }.max() ?? 1
                // Half a turn within 11 ms, at first: 32 · 2π / 2 / (32 · 16) per frame at most.
                #expect(step < 0.01, "\(step)")
            } else {
                let beats = Double(10_000 - 5000) * 2 / 48_000
                #expect(distance(phase(output[10_000]), beats) < 1e-3)
                #expect(distance(phase(output[29_000]), Double(24_000) * 2 / 48_000) < 2e-4)
            }
        }
    }

    @Test func `random values are those of the cycle in the music`() throws {
        var whole = try lfo("1/16", shape: .random)
        whole.events = [.note(0)]
        let output = whole.run(48_000)[0]
        var late = try lfo("1/16", shape: .random, beats: 1)
        late.events = [.note(0)]
        // A new note one beat later has the values that a held one has there.
        let other = late.run(20_000)[0]
        for frame in 0..<20_000 where frame % 3000 > 2 && frame % 3000 < 2998 {
            #expect(other[frame][2] == output[frame + 24_000][2])
        }
        #expect(Set(output.map { $0[0] }).count == 8)
    }

    private typealias Event = ModuleBench<LFO>.Event

    /// The laws for the paths that the laws of the catalogue do not take: any split, any lane, control ticks.
    @Test func `bit for bit the same in any split, lane and control tick`() throws {
        for shape in LFOShape.allCases {
            for retrigger in [Float(0), 1] {
                var bench = try lfo("1/16t", shape: shape, beats: 77.7)
                bench.set(.retrigger, retrigger)
                bench.run(transportFrom: 2000, beats: 3)
                bench.events = [
                    .note(0), Event(2000), .note(3001, LaneMask(lane: 4)), .note(3333),
                ]
                let whole = bench.run(9000)[0]
                var split = bench
                split.cuts = [1, 5, 64, 13, 16, 3, 32]
                #expect(split.run(9000)[0] == whole, "\(shape)")
                var ticks = bench
                ticks.atControlTicks = true
                let read = ticks.run(9000)[0]
                for frame in stride(from: 0, to: 9000, by: 16) { #expect(read[frame] == whole[frame]) }
                // Lane 4 alone has a note more; from the last note on, every lane is the same but for the seed.
                guard shape != .random else { continue }
                for frame in 3333..<9000 { #expect(whole[frame][4] == whole[frame][9]) }
            }
        }
    }

    @Test func `tremolo and autopan are in phase with the beats on a bus and in voices`() throws {
        for format in Format.both {
            var tremolo = ModuleBench<Tremolo>(Tremolo.self, format: format)
            tremolo.set(.rate, try note("1/4"))
            tremolo.set(.depth, 1)
            tremolo.feed(.input, .steady(1))
            tremolo.run(transportFrom: 0, beats: 41)
            let output = tremolo.run(96_000)[0]
            var split = tremolo
            split.cuts = [1, 17, 40, 64]
            #expect(split.run(96_000)[0] == output)
            // Gain ½ + ½ sin(2π · beats): 1 at a quarter of the beat, 0 at three quarters.
            for beat in 0..<4 {
                #expect(abs(output[beat * 24_000 + 6000][0] - 1) < 2e-3)
                #expect(abs(output[beat * 24_000 + 18_000][1]) < 2e-3)
            }
            var pan = ModuleBench<Autopan>(Autopan.self, format: format)
            pan.set(.rate, try note("1/1"))
            pan.feed(.input, .steady(1))
            pan.run(transportFrom: 0)
            let first = pan.run(96_000)[0]
            pan.run(transportFrom: 0, beats: 400)
            let later = pan.run(96_000)[0]
            for frame in stride(from: 0, to: 96_000, by: 1001) {
                #expect(abs(first[frame][0] - later[frame][0]) < 1e-4)
            }
        }
    }
}
