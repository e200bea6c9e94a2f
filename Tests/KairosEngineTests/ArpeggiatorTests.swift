import KairosControl
import KairosTestSupport
import Testing

/// The arpeggiator: the order of its notes and the frames of its steps.
@Suite struct ArpeggiatorTests {
    /// Frames of a beat at 120 beats per minute.
    private static let beat = 24_000
    private static let sixteenth = 6000

    /// Three keys, pressed in the order 64, 60, 67 at frame 1000.
    private func chord(until frame: Int = 90_000) -> Score {
        var score = Score()
        for key in [64, 60, 67] { score.on(1000, key) }
        for key in [64, 60, 67] { score.off(frame, key) }
        return score
    }

    @Test(
        arguments: [
            ("up", 1, [60, 64, 67, 60, 64, 67, 60]), ("down", 1, [67, 64, 60, 67, 64, 60, 67]),
            ("upDown", 1, [60, 64, 67, 64, 60, 64, 67]), ("downUp", 1, [67, 64, 60, 64, 67, 64, 60]),
            ("played", 1, [64, 60, 67, 64, 60, 67, 64]), ("up", 2, [60, 64, 67, 72, 76, 79, 60]),
            ("down", 2, [79, 76, 72, 67, 64, 60, 79]), ("upDown", 2, [60, 64, 67, 72, 76, 79, 76]),
        ])
    func `plays the keys in order, from the first key on`(mode: String, octaves: Int, keys: [Int]) throws {
        let probe = try NoteProbe(
            "[{ type: arp, mode: \(mode), octaves: \(octaves), rate: 1/16 }]", chord().events, frames: 43_000)
        #expect(probe.startedKeys == keys)
        #expect(probe.starts.map(\.frame) == (0..<7).map { 1000 + $0 * Self.sixteenth })
        // The gate is 50 %.
        #expect(
            probe.changes.filter { $0.notes < 0 }.map(\.frame) == (0..<7).map { 4000 + $0 * Self.sixteenth })
    }

    @Test func `chord: all keys at once, one octave after the other`() throws {
        let probe = try NoteProbe(
            "[{ type: arp, mode: chord, octaves: 2, rate: 1/8 }]", chord().events, frames: 30_000)
        #expect(probe.starts == [.init(1000, 3, 191), .init(13_000, 3, 227), .init(25_000, 3, 191)])
    }

    @Test func `random: the same in every run, each key in its turn about as often`() throws {
        let notes = "[{ type: arp, mode: random, rate: 1/64 }]"
        let first = try NoteProbe(notes, chord(until: 600_000).events, frames: 500_000)
        #expect(try first == NoteProbe(notes, chord(until: 600_000).events, frames: 500_000))
        for key in [60, 64, 67] {
            let share = Float(first.startedKeys.count { $0 == key }) / Float(first.startedKeys.count)
            #expect((0.25...0.42).contains(share), "\(key): \(share)")
        }
    }

    @Test func `swing delays every second step, ratchets divide a step`() throws {
        let swung = try NoteProbe(
            "[{ type: arp, swing: 75 %, rate: 1/16 }]", chord().events, frames: 25_500)
        #expect(swung.starts.map(\.frame) == [1000, 10_000, 13_000, 22_000, 25_000])
        let divided = try NoteProbe("[{ type: arp, ratchet: 3, rate: 1/8 }]", chord().events, frames: 24_000)
        #expect(divided.starts.map(\.frame) == [1000, 5000, 9000, 13_000, 17_000, 21_000])
        #expect(divided.startedKeys == [60, 60, 60, 64, 64, 64])
        // Half of a third of a step.
        #expect(divided.changes.first { $0.notes < 0 }?.frame == 3000)
    }

    @Test func `at a gate of 100 % the next note begins before the last one ends`() throws {
        let probe = try NoteProbe("[{ type: arp, gate: 100 %, rate: 1/16 }]", chord().events, frames: 14_000)
        #expect(probe.changes == [.init(1000, 1, 60), .init(7000, 0, 4), .init(13_000, 0, 3)])
        // In a legato patch they are one voice without a new attack: it never falls silent.
        let legato = try NoteProbe(
            "[{ type: arp, gate: 100 %, rate: 1/16 }]", chord().events, frames: 14_000, voices: "legato")
        #expect(legato.changes == probe.changes)
    }

    @Test func `keys join and leave while it plays, and the last note ends by its gate`() throws {
        var score = Score()
        score.on(1000, 60)
        score.on(8000, 72)
        score.off(20_000, 60)
        score.off(32_000, 72)
        let probe = try NoteProbe("[{ type: arp, rate: 1/16 }]", score.events, frames: 60_000)
        #expect(probe.startedKeys == [60, 60, 60, 72, 72, 72])
        #expect(probe.changes.last == .init(34_000, -1, -72))
    }

    @Test func `note values are fractions of a bar of four beats`() throws {
        for (word, frames) in [
            ("1/1", 96_000), ("1/2.", 72_000), ("1/4", 24_000), ("1/4t", 16_000), ("1/8.", 18_000),
            ("1/8t", 8000), ("1/16t", 4000), ("1/32", 3000), ("1/64", 1500),
        ] {
            var score = Score()
            score.on(100, 60)
            let probe = try NoteProbe("[{ type: arp, rate: \(word) }]", score.events, frames: frames + 200)
            #expect(probe.starts.map(\.frame) == [100, 100 + frames], "\(word)")
        }
    }

    // MARK: the transport

    @Test func `while the music runs, steps are on its beats; at a new tempo too`() throws {
        var score = Score()
        score.add(500, Event(.startStop))
        score.on(8000, 60)
        score.add(20_000, Event(.setTempo(240)))
        let probe = try NoteProbe("[{ type: arp, rate: 1/16 }]", score.events, frames: 30_000)
        // At frame 20 000 the position is 0.8125 beats: a quarter of the step to 1 remains, at twice the tempo.
        #expect(probe.starts.map(\.frame) == [12_500, 18_500, 22_250, 25_250, 28_250])
    }

    @Test func `when the music stops, it goes on; when it starts, it follows it`() throws {
        var score = Score()
        score.on(1000, 60)
        score.add(15_000, Event(.startStop))
        score.add(40_000, Event(.startStop))
        let probe = try NoteProbe("[{ type: arp, rate: 1/8 }]", score.events, frames: 60_000)
        #expect(probe.starts.map(\.frame) == [1000, 13_000, 15_000, 27_000, 39_000, 51_000])
    }

    /// The ticks of a clock at 125 beats per minute, every 960 frames, each up to 40 frames late.
    private func clock(_ score: inout Score, from frame: Int, count: Int, jitter: Int) -> [Int] {
        var draw = Draw(state: 5)
        return (0..<count).map { tick in
            let at = frame + 960 * tick + (jitter > 0 ? Int(draw.next(UInt32(jitter))) : 0)
            score.add(at, Event(.clock))
            return at
        }
    }

    @Test(arguments: [0, 40]) func `by a MIDI clock, steps on ticks are at the ticks' own frames`(jitter: Int)
        throws
    {
        var score = Score()
        score.add(100, Event(.start))
        let ticks = clock(&score, from: 1000, count: 200, jitter: jitter)
        score.on(900, 60)
        let probe = try NoteProbe("[{ type: arp, rate: 1/16 }]", score.events, frames: 180_000)
        let expected = stride(from: 0, to: 200, by: 6).map { ticks[$0] }.filter { $0 < 180_000 }
        // The first step cannot know the clock that begins with it.
        #expect(Array(probe.starts.map(\.frame).suffix(expected.count - 1)) == Array(expected.dropFirst()))
    }

    @Test func `between two ticks the follower's line counts`() throws {
        var score = Score()
        score.add(100, Event(.start))
        _ = clock(&score, from: 1000, count: 200, jitter: 40)
        score.on(50_000, 60)
        let probe = try NoteProbe("[{ type: arp, rate: 1/64 }]", score.events, frames: 180_000)
        // A step is one and a half ticks.
        let frames = probe.starts.map { Double($0.frame - 1020) / 1440 }
        #expect(frames.count > 80)
        for frame in frames { #expect(abs(frame - frame.rounded()) * 1440 < 45, "\(frame)") }
    }

    @Test func `a lost clock: the arpeggio goes on at the internal tempo`() throws {
        var score = Score()
        score.add(100, Event(.start))
        _ = clock(&score, from: 1000, count: 60, jitter: 0)
        score.on(900, 60)
        let probe = try NoteProbe("[{ type: arp, rate: 1/16 }]", score.events, frames: 300_000)
        let late = probe.starts.map(\.frame).filter { $0 > 110_000 }
        #expect(late.count >= 30)
        #expect(zip(late, late.dropFirst()).allSatisfy { $1 - $0 == Self.sixteenth })
    }
}
