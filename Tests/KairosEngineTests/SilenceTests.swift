import KairosControl
import KairosDSP
import KairosFiles
import KairosPatch
import KairosTestSupport
import Testing

@testable import KairosCompiler
@testable import KairosEngine
@testable import KairosSession

/// Panic and All Sound Off: silence within 10 ms, whatever sounds, until the next note or program change.
@Suite struct SilenceTests {
    /// The messages that silence the instrument.
    enum Means: CaseIterable { case panic, allSoundOff, mapped }

    private static let mapping = Mapping(name: "m", controls: [.init(.control(30), to: .action(.panic))])
    private static let factory = Result { try Checkout.patches() }
    /// Frame of the silence; not a block boundary for any block size.
    private static let frame = 24_005
    /// 10 ms.
    private static let limit = 480

    /// Patches that sound on when every key is released.
    private static let endless: [(name: String, text: String)] = [
        ("drone", "modules:\n  osc: { type: saw }\n  out: { type: output }\nconnections:\n  - osc -> out\n"),
        (
            "noise by an LFO",
            """
            modules:
              lfo: { type: lfo, rate: 3 Hz }
              hiss: { type: noise }
              filter: { type: svf, each: once, cutoff: 900 Hz }
              out: { type: output }
            connections:
              - hiss -> filter
              - lfo -> filter.cutoff @ 12 st
              - filter.low -> out
            """
        ),
        (
            "echo without end",
            """
            modules:
              keys: { type: keys }
              osc: { type: saw }
              env: { type: adsr, attack: 1 ms, release: 20 ms }
              vca: { type: vca }
              echo: { type: delay, each: once, time: 200 ms, feedback: 98 %, mix: 50 % }
              out: { type: output }
            connections:
              - keys.pitch -> osc.pitch
              - keys.gate -> env.gate
              - osc -> vca
              - env -> vca.level
              - vca -> echo
              - echo -> out
            """
        ),
        (
            "self-oscillation",
            """
            modules:
              keys: { type: keys }
              osc: { type: saw }
              env: { type: adsr, attack: 1 ms, release: 20 ms }
              vca: { type: vca }
              filter: { type: svf, each: once, cutoff: 900 Hz, resonance: 100 % }
              hiss: { type: noise }
              dust: { type: mix, gainA: 1 % }
              out: { type: output }
            connections:
              - keys.pitch -> osc.pitch
              - keys.gate -> env.gate
              - osc -> vca
              - env -> vca.level
              - vca -> filter
              - hiss -> dust.a
              - dust -> filter
              - filter.band -> out
            """
        ),
    ]

    private static let movingMaster = """
        modules:
          in: { type: input }
          hiss: { type: noise }
          echo: { type: delay, each: once, time: 150 ms, feedback: 90 %, mix: 50 % }
          out: { type: output }
        connections:
          - in -> echo
          - hiss -> echo
          - echo -> out
        """

    private static func sound(_ text: String, _ name: String = "Test", _ program: Int = 0) throws -> Sound {
        Sound(
            try compile("level: -30 dB\n" + text, name: name, program: program), mappings: [mapping])
    }

    private static func rig(_ sounds: [Sound], master: String? = nil) throws -> Rig {
        guard let master else { return Rig(sounds) }
        let list = try SetListFile.parse(
            "kairos: setlist/1\nmaster: Room\nentries:\n"
                + sounds.enumerated().map {
                    "  - { patch: \($1.compiled.patch.name), program: \($0) }\n"
                }.joined(), file: "test")
        let room = try compile("level: -20 dB\n" + master, name: "Room")
        let (rig, faults) = list.rig(sounds.map(\.compiled) + [room], mappings: [mapping])
        #expect(faults == [])
        return rig
    }

    private static func ask(_ means: Means, _ score: inout Score, at frame: Int = frame, channel: UInt8 = 0) {
        switch means {
        case .panic: score.add(frame, Event(.panic, channel: channel))
        case .allSoundOff: score.control(frame, 120, 0, channel: channel)
        case .mapped: score.control(frame, 30, 127, channel: channel)
        }
    }

    /// The left channel of the output, master effects included.
    private static func render(
        _ rig: Rig, _ events: [Event], frames: Int, period: Int,
        mode: EngineSetup.Mode = .entry, before: [Int: (OfflineHost) -> Void] = [:]
    ) -> [Float] {
        let host = OfflineHost(rig, mode: mode)
        host.play(events)
        var left = [Float](repeating: 0, count: frames), right = left
        var done = 0
        while done < frames {
            before.filter { done <= $0.key && $0.key < done + period }.forEach { $0.value(host) }
            let count = min(period, frames - done)
            left.withUnsafeMutableBufferPointer { l in
                right.withUnsafeMutableBufferPointer { r in
                    if let l = l.baseAddress, let r = r.baseAddress {
                        host.render(left: l + done, right: r + done, frames: count)
                    }
                }
            }
            done += count
        }
        return zip(left, right).map { max(abs($0), abs($1)) }
    }

    private static func chord(_ score: inout Score, at frame: Int, pedal: Bool = true) {
        if pedal { score.control(frame, 64, 127) }
        for key in [40, 52, 59, 64] { score.on(frame, key) }
    }

    /// Loud before, silent from 10 ms after, loud again with the next chord.
    private static func check(_ sound: [Float], again: Int, _ what: String) {
        let before = sound[..<frame].max() ?? 0, after = sound[(frame + limit)..<again].max() ?? 0
        let next = sound[again...].max() ?? 0
        #expect(before > 1e-4, "\(what): silent before")
        #expect(after == 0, "\(what): \(dB(after)) dB after 10 ms")
        #expect(next > 1e-4, "\(what): silent after the next note")
    }

    /// Fails where a tail, a pedal or a drone continues after the silence, or where no later note sounds.
    @Test(arguments: 0..<13, [false, true]) func `every factory patch, with master effects and without`(
        patch: Int, hasEffects: Bool
    ) throws {
        let compiled = try Self.factory.get()[patch]
        let master = hasEffects ? Self.movingMaster : nil
        for means in Means.allCases {
            for period in [64, 1000] {
                var score = Score()
                Self.chord(&score, at: 500)
                Self.ask(means, &score)
                Self.chord(&score, at: 40_000, pedal: false)
                let sound = Self.render(
                    try Self.rig([Sound(compiled, mappings: [Self.mapping])], master: master),
                    score.events,
                    frames: 60_000, period: period)
                Self.check(sound, again: 40_000, "\(compiled.patch.name), \(means), period \(period)")
            }
        }
    }

    /// Fails where the silence waits for the end of a note, and there is no note.
    @Test(arguments: 0..<4, [false, true]) func `every patch that sounds without keys`(
        patch: Int, hasEffects: Bool
    ) throws {
        let (name, text) = Self.endless[patch]
        for means in Means.allCases {
            for period in [16, 64, 777, 4096] {
                var score = Score()
                Self.chord(&score, at: 500, pedal: false)
                for key in [40, 52, 59, 64] { score.off(9000, key) }
                Self.ask(means, &score)
                score.on(72_000, 60)
                let sound = Self.render(
                    try Self.rig([try Self.sound(text)], master: hasEffects ? Self.movingMaster : nil),
                    score.events, frames: 80_000, period: period)
                #expect((sound[20_000..<Self.frame].max() ?? 0) > 1e-5, "\(name) has ended by itself")
                Self.check(sound, again: 72_000, "\(name), \(means), period \(period)")
            }
        }
    }

    /// Fails where a note on the frame of the silence is lost, or not heard because of the master effects.
    @Test(arguments: [false, true]) func `a note on the same frame sounds at once`(hasEffects: Bool) throws {
        let sounds = try [Self.sound(Self.endless[2].text)]
        var score = Score()
        Self.chord(&score, at: 500)
        Self.ask(.panic, &score)
        score.on(Self.frame, 60)
        let sound = Self.render(
            try Self.rig(sounds, master: hasEffects ? Self.movingMaster : nil), score.events,
            frames: 30_000, period: 256)
        #expect((sound[(Self.frame + Self.limit)..<(Self.frame + 960)].max() ?? 0) > 1e-4)
    }

    /// Fails where the fade clicks: a step as large as the sound itself.
    @Test func `silence comes without a click`() throws {
        var score = Score()
        score.on(500, 45)
        Self.ask(.panic, &score)
        let sine =
            "modules:\n  osc: { type: sine, frequency: 110 Hz }\n  out: { type: output }\nconnections:\n  - osc -> out\n"
        let sound = Self.render(
            try Self.rig([try Self.sound(sine)]), score.events, frames: 30_000, period: 256)
        let level = sound[..<Self.frame].max() ?? 0
        let steps = zip(sound[1000...], sound[1001...]).map { abs($0 - $1) }
        let usual = steps[..<20_000].max() ?? 0
        #expect(level > 0 && (steps.max() ?? 1) < usual + level / 200)
    }

    /// Fails where a change or an edit that is under way, or that arrives later, ends the silence.
    @Test func `during a change's tail and edits, and an edit afterwards keeps it silent`() throws {
        let drone = Self.endless[0].text
        let edited = drone.replacing("type: saw", with: "type: saw, frequency: 147 Hz")
        func edit(_ host: OfflineHost) {
            host.engine.sounds.replace(0, with: try! Self.sound(edited, "P0", 0))
        }
        func again(_ host: OfflineHost) {
            host.engine.sounds.replace(0, with: try! Self.sound(drone, "P0", 0))
        }
        for period in [64, 1000] {
            var score = Score()
            Self.chord(&score, at: 500)
            score.program(Self.frame - 2000, 1)
            Self.chord(&score, at: Self.frame - 1900)
            score.program(Self.frame - 100, 0)
            Self.ask(.panic, &score)
            score.on(60_000, 60)
            let sounds = try [
                Self.sound(drone, "P0", 0), Self.sound(Self.endless[2].text, "P1", 1),
            ]
            let sound = Self.render(
                try Self.rig(sounds), score.events, frames: 70_000, period: period,
                before: [Self.frame - 50: edit, 40_000: again])
            Self.check(sound, again: 60_000, "period \(period)")
        }
    }

    /// Fails where a silenced patch is rendered, or sounds before its next note.
    @Test func `a drone stays silent and costs nothing until its next note or program change`() throws {
        for wakes in [false, true] {
            let host = OfflineHost(try Self.rig([try Self.sound(Self.endless[0].text)]), mode: .entry)
            var score = Score()
            Self.ask(.panic, &score, at: 1000)
            score.control(5000, 74, 20)
            score.bend(6000, 100)
            score.off(7000, 60)
            if wakes { score.program(20_000, 0) } else { score.on(20_000, 60) }
            host.play(score.events)
            var silent = Rendering(frames: 20_000), loud = Rendering(frames: 4000)
            silent.render(with: host)
            let slot = host.engine.audio.withValue { $0.playback.slots.slot(part: 0, layer: 0) } ?? 0
            let isSilenced = host.engine.audio.withValue { $0.playback.slots[slot].isSilenced }
            loud.render(with: host)
            #expect(isSilenced && silent.left[1480...].allSatisfy { $0 == 0 } && loud.peak > 1e-4)
        }
    }

    /// Fails where All Sound Off on one channel ends the notes of another, or leaves a tail of its own part.
    @Test func `All Sound Off acts on its channel only`() throws {
        let sounds = try [Self.sound(Self.endless[2].text)]
        func sound(_ mode: EngineSetup.Mode, _ means: Means?, own: Bool = true) throws -> [Float] {
            var score = Score()
            if own { for key in [40, 52] { score.on(500, key) } }
            score.on(500, 64, channel: 1)
            if let means { Self.ask(means, &score) }
            return Self.render(
                try Self.rig(sounds), score.events, frames: 40_000, period: 256, mode: mode)
        }
        // In multi mode the part of the other channel sounds as if it were alone.
        let alone = try sound(.multi, nil, own: false)
        let rest = try sound(.multi, .allSoundOff)
        let isSame = rest[(Self.frame + Self.limit)...] == alone[(Self.frame + Self.limit)...]
        #expect(isSame)
        // In entry mode the channels share the part: the note of the other channel continues.
        let held = try sound(.entry, .allSoundOff)
        #expect(held[30_000...].max() ?? 0 > 1e-4)
    }

    /// Fails where the player's parameter values are lost.
    @Test func `values stay`() throws {
        let macro = Mapping.Control(.control(16), to: .macro(1))
        let sound = Sound(
            try compile(LevelPatch.text()), mappings: [Mapping(name: "m", controls: [macro])])
        var score = Score()
        score.on(500, 60)
        score.control(1000, 16, 100)
        Self.ask(.panic, &score)
        score.on(30_000, 60)
        let heard = Self.render(Rig([sound]), score.events, frames: 40_000, period: 256)
        #expect(heard[20_000] > 0 && heard[39_000] == heard[20_000])
    }

    /// Fails where the result depends on block boundaries.
    @Test func `it is the same for any block size`() throws {
        let sounds = try [
            Self.sound(Self.endless[2].text, "P0", 0), Self.sound(Self.endless[0].text, "P1", 1),
        ]
        var score = Score()
        for step in 0..<12 {
            score.on(500 + 3000 * step, 40 + step, channel: UInt8(step % 3))
            score.program(1700 + 3000 * step, step % 2, channel: UInt8(step % 3))
            Self.ask(Means.allCases[step % 3], &score, at: 2501 + 3000 * step, channel: UInt8(step % 2))
            score.on(2501 + 3000 * step, 70, channel: UInt8(step % 3))
        }
        for master in [nil, Self.movingMaster] {
            let rig = try Self.rig(sounds, master: master)
            let whole = Self.render(rig, score.events, frames: 40_000, period: 8192, mode: .multi)
            for period in [16, 100, 1024] {
                let other = Self.render(
                    rig, score.events, frames: 40_000, period: period, mode: .multi)
                let first = whole.indices.first { whole[$0] != other[$0] }
                #expect(first == nil, "period \(period), master \(master != nil)")
            }
        }
    }

    /// Fails where a part without a ready instance never receives one, or sounds by the silenced one.
    @Test func `a part without a ready instance plays when one is built`() throws {
        var setup = EngineSetup(rig: try Self.rig([try Self.sound(Self.endless[2].text)]))
        // Blocks are silent from the frame on at which the sound ends.
        setup.hasLimiter = false
        let engine = Engine(setup)
        let loader = Loader(engine), ring = engine.addInput()
        engine.select(entry: 0, part: 0)
        loader.require(1, ofEntry: 0)
        loader.service()
        var left = [Float](repeating: 0, count: 512), right = left, clock = 0
        func render(_ event: Event? = nil) -> Float {
            if let event { ring.push(event) }
            left.withUnsafeMutableBufferPointer { l in
                right.withUnsafeMutableBufferPointer { r in
                    if let l = l.baseAddress, let r = r.baseAddress {
                        engine.render(
                            left: l, right: r, frames: 512,
                            timebase: Timebase(stamp: 0, frame: clock, framesPerNanosecond: 48e-6))
                    }
                }
            }
            clock += 512
            return left.map(abs).max() ?? 0
        }
        let note = Event(.noteOn, number: 60, normalized: .max)
        #expect(render(note) > 0)
        // The standby pool is empty: no instance was built after the first.
        _ = render(Event(.panic))
        #expect(engine.status.pending == 0 && render() == 0 && render(note) == 0)
        for _ in 0..<3 { loader.service() }
        #expect(render() == 0 && engine.status.pending == nil)
        #expect(render(note) > 0)
    }
}
