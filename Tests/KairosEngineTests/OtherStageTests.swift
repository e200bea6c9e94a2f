import KairosControl
import KairosTestSupport
import Testing

/// Chord, scale, strum, humanize and sequence: what they do with notes.
@Suite struct OtherStageTests {
    /// One key, 1000 … 9000.
    private func key(_ key: Int = 60, until end: Int = 9000) -> [Event] {
        var score = Score()
        score.on(1000, key)
        score.off(end, key)
        return score.events
    }

    @Test(
        arguments: [
            ("shape: major", 3, 191), ("shape: minorSeventh", 4, 260), ("shape: ninth", 5, 335),
            ("shape: octave", 2, 132), ("shape: major, inversion: 1", 3, 203),
            ("shape: major, inversion: 2", 3, 215), ("shape: custom, note1: -12, note3: 7", 3, 175),
            ("shape: custom", 1, 60),
        ]) func `a chord begins and ends with its key`(values: String, count: Int, keys: Float) throws
    {
        let probe = try NoteProbe("[{ type: chord, \(values) }]", key(), frames: 12_000)
        #expect(probe.changes == [.init(1000, count, keys), .init(9000, -count, -keys)])
    }

    @Test func `a chord of a note with an explicit pitch has its deviation`() throws {
        var score = Score()
        let velocity = NormalizedValue.scaled(UInt8(100))
        score.add(1000, Event(.noteOnPitch(key: 60, velocity: velocity, pitch: 60.5)))
        score.add(9000, Event(.noteOffPitch(key: 60, velocity: 0, pitch: 60.5)))
        let probe = try NoteProbe("[{ type: chord }]", score.events, frames: 12_000)
        #expect(probe.changes == [.init(1000, 3, 192.5), .init(9000, -3, -192.5)])
    }

    @Test func `notes beyond the 128 keys are left out`() throws {
        let probe = try NoteProbe("[{ type: chord, shape: ninth }]", key(120), frames: 12_000)
        #expect(probe.changes.map(\.notes) == [3, -3])
    }

    @Test(
        arguments: [
            ("major", "nearest", [60, 60, 62, 62, 64, 65, 65, 67, 67, 69, 69, 71]),
            ("major", "up", [60, 62, 62, 64, 64, 65, 67, 67, 69, 69, 71, 71]),
            ("major", "down", [60, 60, 62, 62, 64, 65, 65, 67, 67, 69, 69, 71]),
            ("minorPentatonic", "nearest", [60, 60, 63, 63, 63, 65, 65, 67, 67, 70, 70, 70]),
        ]) func `a scale moves the keys outside of it`(scale: String, outside: String, keys: [Int]) throws
    {
        var score = Score()
        for step in 0..<12 {
            score.on(1000 + 2000 * step, 60 + step)
            score.off(2000 + 2000 * step, 60 + step)
        }
        let probe = try NoteProbe(
            "[{ type: scale, scale: \(scale), outside: \(outside) }]", score.events, frames: 26_000)
        #expect(probe.startedKeys == keys)
        #expect(probe.remaining == 0)
        let dropped = try NoteProbe(
            "[{ type: scale, scale: \(scale), outside: drop }]", score.events, frames: 26_000)
        #expect(dropped.startedKeys == Set(keys).sorted())
    }

    @Test(
        arguments: [("up", [60, 64, 67]), ("down", [67, 64, 60]), ("played", [64, 60, 67])])
    func `a strum spreads the keys of a chord`(direction: String, keys: [Int]) throws {
        var score = Score()
        for key in [64, 60, 67] { score.on(1000, key) }
        for key in [64, 60, 67] { score.off(9000, key) }
        let probe = try NoteProbe(
            "[{ type: strum, time: 10 ms, direction: \(direction) }]", score.events, frames: 12_000)
        #expect(probe.startedKeys == keys)
        #expect(probe.starts.map(\.frame) == [1000, 1480, 1960])
        #expect(probe.changes.last == .init(9000, -3, -191))
    }

    @Test func `keys within the window of a strum are one chord; a key that comes up is left out`() throws {
        var score = Score()
        for (place, key) in [64, 60, 67].enumerated() { score.on(1000 + 300 * place, key) }
        score.off(2500, 67)
        let probe = try NoteProbe(
            "[{ type: strum, time: 10 ms, window: 20 ms }]", score.events, frames: 12_000)
        #expect(probe.changes == [.init(1960, 1, 60), .init(2440, 1, 64)])
    }

    @Test func `humanize delays by up to its time, and a note's end as its beginning`() throws {
        var score = Score()
        for step in 0..<50 {
            score.on(2000 * step, 60)
            score.off(2000 * step + 1000, 60)
        }
        let probe = try NoteProbe("[{ type: humanize, timing: 10 ms }]", score.events, frames: 102_000)
        let starts = probe.starts.map(\.frame), ends = probe.changes.filter { $0.notes < 0 }.map(\.frame)
        #expect(starts.count == 50 && zip(starts, ends).allSatisfy { $1 - $0 == 1000 })
        let delays = starts.enumerated().map { $1 - 2000 * $0 }
        #expect(delays.allSatisfy { (0...480).contains($0) } && Set(delays).count > 30)
        #expect((delays.max() ?? 0) > 400 && (delays.min() ?? 480) < 80)
    }

    @Test func `a sequence: pitches, rests, ratchets, relative to the key`() throws {
        let probe = try NoteProbe(
            "[{ type: sequence, length: 4, pitch: [0, 3, -5, 12], gate: [50 %, 0 %, 50 %, 100 %], ratchet: [1, 1, 2] }]",
            key(until: 50_000), frames: 60_000)
        // The last step of the sequence ends where the first one begins.
        #expect(
            probe.changes.prefix(8) == [
                .init(1000, 1, 60), .init(4000, -1, -60), .init(13_000, 1, 55), .init(14_500, -1, -55),
                .init(16_000, 1, 55), .init(17_500, -1, -55), .init(19_000, 1, 72), .init(25_000, 0, -12),
            ])
        #expect(probe.remaining == 0)
    }

    @Test func `ties prolong the step before, and the last key ends the note`() throws {
        let probe = try NoteProbe(
            "[{ type: sequence, length: 4, pitch: [0, 5, 7, 9], tie: [false, true, true] }]",
            key(until: 26_000), frames: 40_000)
        #expect(
            probe.changes == [
                .init(1000, 1, 60), .init(16_000, -1, -60), .init(19_000, 1, 69), .init(22_000, -1, -69),
                .init(25_000, 1, 60), .init(26_000, -1, -60),
            ])
    }

    @Test func `the newest key transposes, and probability leaves steps out`() throws {
        var score = Score()
        score.on(1000, 60)
        score.on(8000, 72)
        score.off(20_000, 72)
        let probe = try NoteProbe("[{ type: sequence, length: 1 }]", score.events, frames: 30_000)
        #expect(probe.startedKeys == [60, 60, 72, 72, 60])
        let half = try NoteProbe(
            "[{ type: sequence, length: 1, rate: 1/64, probability: [50 %] }]", key(until: 700_000),
            frames: 601_000)
        #expect((160...240).contains(half.startedKeys.count), "\(half.startedKeys.count) of 400")
    }

    @Test func `a sequence is on the beats of the music: step 1 at its beginning`() throws {
        var score = Score()
        score.add(1000, Event(.startStop))
        score.on(8000, 60)
        let probe = try NoteProbe(
            "[{ type: sequence, length: 4, pitch: [0, 1, 2, 3] }]", score.events, frames: 30_000)
        #expect(probe.startedKeys == [62, 63, 60])
        #expect(probe.starts.map(\.frame) == [13_000, 19_000, 25_000])
    }
}
