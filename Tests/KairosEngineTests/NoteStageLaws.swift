import KairosCompiler
import KairosControl
import KairosDSP
import KairosTestSupport
import Testing

/// Laws of every note stage: the same notes however blocks are split and in every run; no note without its end; nothing
/// sounds when nothing is held.
@Suite struct NoteStageLaws {
    /// Every stage with every choice, and the others at 0, 1/2 and 1 of their ranges.
    private static let stages: [String] = {
        var texts: [String] = []
        for type in ModuleRegistry.standard.types where type.isNoteStage {
            // Of the steps of a sequence, the first four.
            for (symbol, spec) in type.params
            where type.name != "sequence" || !(symbol.last?.isNumber ?? false)
                || symbol.last.map({ "1234".contains($0) }) ?? false
                    && !(symbol.dropLast().last?.isNumber ?? false)
            {
                for step in 0..<max(3, Int(spec.law.steps)) {
                    let share = Float(step) / Float(max(2, Int(spec.law.steps) - 1))
                    let value = spec.text(spec.law.value(normalized: min(1, share)))
                    let rate = type.name == "arp" && symbol != "rate" ? ", rate: 1/32" : ""
                    let shape = symbol.hasPrefix("note") && type.name == "chord" ? ", shape: custom" : ""
                    texts.append("{ type: \(type.name), \(symbol): \(value)\(rate)\(shape) }")
                }
            }
        }
        return texts
    }()

    /// Stages behind one another.
    private static let chains = [
        "{ type: chord, shape: ninth }, { type: arp, mode: upDown, rate: 1/64, ratchet: 3 }, { type: humanize }",
        "{ type: scale, scale: blues }, { type: chord }, { type: strum, time: 11 ms, direction: alternate }",
        "{ type: arp, mode: chord, rate: 1/32 }, { type: strum, time: 3 ms }, { type: humanize, timing: 40 ms }",
        "{ type: chord }, { type: chord, name: b }, { type: chord, name: c }, { type: chord, name: d }",
        "{ type: arp, rate: 1/8 }, { type: arp, name: fast, rate: 1/64 }, { type: scale, outside: drop }",
    ]

    /// Random keys, pedals, tempo changes and clock ticks. At `end` all keys and pedals are up.
    private static func score(seed: UInt64, end: Int) -> [Event] {
        var draw = Draw(state: seed), score = Score(), down: Set<Int> = []
        var frame = 100
        score.add(0, Event(.setTempo(200)))
        if seed % 3 == 0 { score.add(50, Event(.startStop)) }
        while frame < end - 2000 {
            frame += Int(draw.next(1500))
            let key = 40 + Int(draw.next(50))
            switch draw.next(16) {
            case 0: score.control(frame, 64, draw.next(2) == 0 ? 0 : 127)
            case 1: score.control(frame, 66, draw.next(2) == 0 ? 0 : 127)
            case 2: score.add(frame, Event(.setTempo(Float(180 + draw.next(200)))))
            case 3: score.add(frame, Event(.startStop))
            case 4: for tick in 0..<30 { score.add(frame + 777 * tick, Event(.clock)) }
            case 5...10:
                score.on(frame, key, velocity: UInt8(1 + draw.next(127)))
                down.insert(key)
            default:
                if let key = down.sorted().first {
                    score.off(frame, key)
                    down.remove(key)
                }
            }
        }
        for key in 0..<128 {
            score.off(end, key)
            score.off(end, key)
        }
        score.control(end, 64, 0)
        score.control(end, 66, 0)
        score.control(end, 123, 0)
        return score.events
    }

    @Test func `any split has the same notes, and every note ends`() throws {
        #expect(Self.stages.count > 60)
        for (index, stage) in (Self.stages + Self.chains).enumerated() {
            let seed = UInt64(index + 1), end = 20_000
            let events = Self.score(seed: seed, end: end)
            // The longest step may follow the last key: six beats, and the wait for a lost clock.
            let hasSteps = stage.contains("arp") || stage.contains("sequence")
            let frames = end + (hasSteps ? 150_000 : 40_000)
            let whole = try NoteProbe("[\(stage)]", events, frames: frames, periods: [4096])
            let split = try NoteProbe("[\(stage)]", events, frames: frames, periods: [1, 63, 64, 7, 130])
            #expect(whole == split, "\(stage)")
            // No bar begins while keys are held.
            if !stage.contains("rate: 1/1") { #expect(!whole.changes.isEmpty, "\(stage) plays nothing") }
            #expect(whole.remaining == 0, "\(stage) leaves notes")
            #expect(whole.changes.allSatisfy { $0.frame < frames - 1000 }, "\(stage) does not end")
        }
    }

    @Test func `panic and All Sound Off leave nothing, and the next note plays`() throws {
        for (index, stage) in Self.chains.enumerated() {
            for isPanic in [true, false] {
                var score = Score()
                for key in [50, 54, 57] { score.on(1000 + key * 13, key) }
                if isPanic { score.add(9000, Event(.panic)) } else { score.control(9000, 120, 0) }
                for key in [50, 54, 57] { score.off(15_000, key) }
                score.on(20_000, 60)
                score.off(30_000, 60)
                let probe = try NoteProbe("[\(stage)]", score.events, frames: 140_000)
                #expect(!probe.changes.contains { (9300..<20_000).contains($0.frame) }, "\(index): \(stage)")
                #expect(probe.changes.contains { $0.frame >= 20_000 && $0.notes > 0 }, "\(index): \(stage)")
                #expect(probe.changes.last.map { $0.frame < 139_000 } ?? false)
            }
        }
    }

    /// Four chords behind one another ask for 81 notes, and eight for 6561. Stages remember 32 of them.
    @Test func `work is bounded`() throws {
        let chords = (0..<8).map { "{ type: chord, name: c\($0), shape: ninth }" }.joined(separator: ", ")
        var score = Score()
        for key in 30..<70 { score.on(1000, key) }
        for key in 30..<70 { score.off(5000, key) }
        let probe = try NoteProbe("[\(chords)]", score.events, frames: 9000, voices: "256")
        #expect(probe.remaining == 0)
    }

    @Test func `the swap law holds between arpeggios, chords and plain patches`() throws {
        let lists =
            ["[]"] + Self.chains.map { "[\($0)]" } + [
                "[{ type: arp, mode: random, latch: true, rate: 1/32 }]"
            ]
        let patches = try lists.enumerated().map { number, list in
            try compile(
                "notes: \(list)\n" + TonePatch.text(header: "level: -30 dB", oscillator: "saw"),
                name: "P\(number)", program: number)
        }
        for from in patches.indices {
            for to in patches.indices where to != from {
                var score = Score()
                for key in [57, 60, 64, 69] { score.on(800 + key, key) }
                score.control(5000, 64, 127)
                for key in [60, 69] { score.off(9000, key) }
                score.bend(11_500, 900)
                score.program(12_345, to)
                for key in [45, 62] { score.on(13_001 + key * 11, key, velocity: 60) }
                score.control(30_000, 64, 0)
                for key in [57, 64] { score.off(34_567, key) }
                for key in [45, 62] { score.off(40_001, key) }
                let law = SwapLaw(
                    Rig(patches.map { Sound($0) }), score.events, change: 12_345, frames: 60_000, first: from)
                #expect(law.residual < -130, "\(lists[from]) -> \(lists[to]): \(law.residual) dBFS")
                #expect(dB(law.before.peak) > -60 && dB(law.after.peak) > -60)
            }
        }
    }
}
