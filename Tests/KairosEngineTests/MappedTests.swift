import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosFiles
import KairosSession
import KairosTestSupport
import Testing

/// Mappings of messages that have a standard meaning, of keyboards, and of the transport.
@Suite struct Mapped {
    private func mapping(_ text: String) throws -> Mapping {
        try MappingFile.parse("kairos: mapping/1\n" + text, file: "m.yaml")
    }

    // MARK: curves

    /// Fails where a velocity curve is applied to the wrong direction of the key, or to none.
    @Test func `velocity curves: drawn as points, by name, for going down and for coming up`() throws {
        let drawn = try mapping("velocity: [[1, 20], [64, 90], [127, 127]]\nrelease: fixed\n")
        func struck(_ velocity: UInt8) throws -> Float {
            try Probe("velocity", mappings: [drawn]).values(at: [3000]) {
                $0.on(1000, 60, velocity: velocity)
            }[0]
        }
        #expect(try struck(1) == NormalizedValue.fraction(NormalizedValue.scaled(20)))
        #expect(try struck(64) == NormalizedValue.fraction(NormalizedValue.scaled(90)))
        #expect(try struck(127) == 1)
        let released = try Probe("release", release: "1 s", mappings: [drawn]).values(at: [2100]) {
            $0.on(1000, 60)
            $0.add(2000, Event(.noteOff, number: 60, normalized: NormalizedValue.scaled(3)))
        }
        #expect(released[0] > 0.7 && released[0] <= 100 / 127)
        for (name, curve) in VelocityCurve.presets {
            let heard = (1...127).map { curve(Float($0) / 127) }
            #expect(heard.elementsEqual(heard.sorted()) && heard.allSatisfy { $0 > 0 && $0 <= 1 }, "\(name)")
        }
    }

    /// Fails where a soft note-on through a steep curve becomes a note-off.
    @Test func `no curve makes a note-on silent`() {
        #expect(VelocityCurve([(0, 0), (1, 0)])(0.5) == Float(1) / 127)
        #expect(VelocityCurve([(0.5, 1)])(0.5) == 1 && VelocityCurve([(0.5, 0.25)])(1) == 0.25)
    }

    // MARK: against the standard

    /// Fails where a mapped volume controller moves its parameter and the part's volume too, or only the latter.
    @Test(arguments: [7, 10, 11]) func `a mapping overrides volume, pan and expression`(
        controller: Int
    ) throws {
        let macro = Mapping(
            name: "m",
            controls: [
                .init(
                    .control(controller), to: .port(patch: "test", module: "mix", port: "gainA"),
                    range: TypedRange("0 %", "100 %"))
            ])
        let patch = try compile(
            LevelPatch.text(voices: 1, gain: "50 %", macro: nil))
        func heard(_ mappings: [Mapping], _ value: UInt8) -> (Float, Float) {
            var score = Score()
            score.on(100, 60)
            score.control(1000, controller, value)
            let sound = Rendering([Sound(patch, mappings: mappings)], score.events, frames: 9600)
            return (sound.left[9500], sound.right[9500])
        }
        // Full level on both sides, independent of the volume and pan that the messages would set.
        #expect(heard([macro], 127) == (1, 1) && heard([macro], 0) == (0, 0))
        #expect(heard([], controller == 10 ? 127 : 0).0 == 0)
    }

    /// Fails where the general mapping still acts on a control that the controller's own mapping disables.
    @Test func `a control mapped to nothing has no effect, in other mappings too`() throws {
        let general = try mapping("controls:\n  - { cc: 80, to: test/mix.gainA }\n")
        let own = try mapping("device: Box\ncontrols:\n  - { cc: 80, to: nothing }\n")
        let patch = try compile(
            LevelPatch.text(voices: 1, gain: "50 %", macro: nil))
        let host = OfflineHost(Rig([Sound(patch, mappings: [general, own])]), mode: .entry)
        host.engine.setSources(1 << 5, ofMapping: 1)
        var score = Score()
        score.on(100, 60)
        score.control(1000, 80, 0, source: 5)
        score.control(5000, 80, 0, source: 6)
        host.play(score.events)
        var sound = Rendering(frames: 9600)
        sound.render(with: host)
        #expect(sound.left[4900] == 0.5 && sound.left[9500] == 0)
    }

    // MARK: what the standard leaves open

    private static let level = LevelPatch.text(voices: 1, gain: "50 %", macro: nil) + "macros:\n"

    /// The final level, and the outcome of the last event.
    private func play(
        _ patch: CompiledPatch, _ mappings: [Mapping], _ write: (inout Score) -> Void
    ) -> (level: Float, outcome: EventReport.Outcome?) {
        let host = OfflineHost(Rig([Sound(patch, mappings: mappings)]), mode: .entry)
        var score = Score()
        score.on(100, 60)
        write(&score)
        host.play(score.events)
        var sound = Rendering(frames: 4800)
        sound.render(with: host)
        var outcome: EventReport.Outcome?
        while let report = host.engine.nextReport() {
            if case .event(let report) = report { outcome = report.outcome }
        }
        return (sound.left[4700], outcome)
    }

    /// Fails where a controller number has an undocumented effect (Carla 1851), or where a mapping cannot use it.
    @Test func `a controller without a standard meaning acts only through a mapping`()
        throws
    {
        let patch = try compile(Self.level + "\n  - { name: L, to: mix.gainA, range: [0 %, 100 %] }\n")
        let numbers =
            [3, 8, 9, 12, 13, 14, 15, 70, 79, 92, 94, 95] + Array(20...31) + Array(33...63) + Array(85...87)
            + [89, 90] + Array(102...119)
        for number in numbers where number != 38 {
            let plain = play(patch, []) { $0.control(1000, number, 127) }
            #expect(plain.level == 0.5 && plain.outcome == .unmapped, "cc \(number)")
            let mapped = Mapping(name: "m", controls: [.init(.control(number), to: .macro(1))])
            #expect(play(patch, [mapped]) { $0.control(1000, number, 127) }.level == 1, "cc \(number)")
        }
    }

    @Test func `an unsupported registered parameter acts only through a mapping`()
        throws
    {
        let patch = try compile(Self.level + "\n  - { name: L, to: mix.gainA, range: [0 %, 100 %] }\n")
        for number: UInt32 in [4, 5, 7, 61 * 128, 61 * 128 + 8, 16_382] {
            let plain = play(patch, []) { $0.registered(1000, number, coarse: 127, fine: 127) }
            #expect(plain.level == 0.5 && plain.outcome == .unmapped, "rpn \(number)")
            let mapped = Mapping(name: "m", controls: [.init(.registered(Int(number)), to: .macro(1))])
            let moved = play(patch, [mapped]) { $0.registered(1000, number, coarse: 127, fine: 127) }
            #expect(moved.level == 1, "rpn \(number)")
        }
    }

    @Test func `the general purpose controllers are the macros`() throws {
        let general = try #require(try Checkout.mappings().first { $0.name == "generic" })
        for (place, number) in [16, 17, 18, 19, 80, 81, 82, 83].enumerated() {
            let macros = (0..<8).map {
                $0 == place
                    ? "  - { name: L, to: mix.gainA, range: [0 %, 100 %] }\n"
                    : "  - { name: K\($0), to: mix.gainB }\n"
            }
            let patch = try compile(Self.level + "\n" + macros.joined())
            #expect(play(patch, [general]) { $0.control(1000, number, 127) }.level == 1, "cc \(number)")
        }
    }

    // MARK: the keyboard's zones

    @Test func `an upper zone by mapping`() throws {
        let upper = try mapping("mpe: { upper: 7 }\n")
        let values = try Probe("pitch", mappings: [upper]).values(at: [3000, 5000]) {
            $0.on(1000, 60, channel: 14)
            $0.on(1000, 64, channel: 0)
            $0.bend(2000, 8191, channel: 14)
            $0.bend(4000, 8191, channel: 15)
        }
        #expect(values == [172, 174])
    }

    // MARK: the transport

    private func tempo(_ mapping: Mapping, _ write: (inout Score) -> Void, frames: Int = 96_000) throws
        -> Double
    {
        let host = OfflineHost(
            Rig([Sound(try Timeline.patch("A"), mappings: [mapping])]), mode: .entry)
        var score = Score()
        write(&score)
        host.play(score.events)
        var sound = Rendering(frames: frames)
        sound.render(with: host)
        return host.engine.tempo
    }

    @Test func `the tempo by a macro, and by taps on a pad`() throws {
        let macro = try mapping("controls:\n  - { cc: 20, to: tempo, range: [60, 180] }\n")
        #expect(try tempo(macro) { $0.control(100, 20, 0) } == 60)
        #expect(try tempo(macro) { $0.control(100, 20, 64) } == 120)
        #expect(try tempo(macro) { $0.control(100, 20, 127) } == 180)
        // The greater value first: the direction is reversed.
        let back = try mapping("controls:\n  - { cc: 20, to: tempo, range: [180, 60] }\n")
        #expect(try tempo(back) { $0.control(100, 20, 0) } == 180)
        #expect(try tempo(back) { $0.control(100, 20, 127) } == 60)
        let pad = try mapping("controls:\n  - { note: 36, to: tap tempo }\n")
        let tapped = try tempo(pad) {
            for tap in 0..<4 {
                $0.on(1000 + 20_000 * tap, 36)
                $0.off(3000 + 20_000 * tap, 36)
            }
        }
        #expect(abs(tapped - 144) < 0.01)
    }

    /// Fails where the clocks of two keyboards are combined to twice the tempo.
    @Test func `one clock at a time, and another's when that one stops`() throws {
        let none = Mapping(name: "m")
        func ticks(_ score: inout Score, _ tempo: Double, _ frames: Range<Int>, source: UInt16) {
            var frame = Double(frames.lowerBound)
            while frame < Double(frames.upperBound) {
                score.add(Int(frame), Event(.clock, source: source))
                frame += 48_000 * 60 / 24 / tempo
            }
        }
        let both = try tempo(none) {
            ticks(&$0, 120, 0..<96_000, source: 1)
            ticks(&$0, 90, 500..<96_000, source: 2)
        }
        #expect(abs(both - 120) < 0.1)
        let second = try tempo(
            none,
            {
                ticks(&$0, 120, 0..<48_000, source: 1)
                ticks(&$0, 90, 500..<240_000, source: 2)
            }, frames: 240_000)
        #expect(abs(second - 90) < 0.1)
    }

    @Test func `song position, continue and start: where the bars are`() throws {
        let list = """
            meter: 4
            entries:
              - { name: A, program: 0, patch: A }
              - { name: B, program: 1, patch: B, switch: bar }
            """
        /// The frame of the first note of the new sound. A note starts every 500 frames; from frame 3000 on there
        /// is a clock message every 1000 frames.
        func first(program: Int, _ write: (inout Score) -> Void) throws -> Int? {
            var score = Score()
            write(&score)
            score.program(program, 1)
            for tick in 0..<40 { score.add(3000 + 1000 * tick, Event(.clock)) }
            for note in 0..<60 {
                score.on(3100 + 500 * note, 60)
                score.off(3300 + 500 * note, 60)
            }
            // B adds 8/512, A 1/512.
            let sound = Rendering(try Timeline.entries(list), score.events, frames: 30_000)
            return sound.left.firstIndex { $0 * 512 > 7 }
        }
        // The first clock message is number 31 of a sixteenth; the bar begins with the next sixteenth, six messages
        // later.
        let located = try first(program: 3500) {
            $0.add(1000, Event(.songPosition, number: 31))
            $0.add(2000, Event(.resume))
        }
        #expect(located == 9100)
        // After a start message the first clock message is the beginning of a bar.
        let started = try first(program: 2500) {
            $0.add(1000, Event(.songPosition, number: 31))
            $0.add(2000, Event(.start))
        }
        #expect(started == 3100)
        // While the transport is stopped, a change does not wait.
        let stopped = try first(program: 3500) {
            $0.add(1000, Event(.start))
            $0.add(2000, Event(.stop))
        }
        #expect(stopped == 3600)
    }
}
