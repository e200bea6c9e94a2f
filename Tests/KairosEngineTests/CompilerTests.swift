import KairosCompiler
import KairosControl
import KairosDSP
import KairosPatch
import KairosTestSupport
import Testing

/// The schedules that the compiler builds, compared as text.
@Suite struct CompilerTests {
    @Test func `one module type runs per voice, on a bus, modulated, and in stereo`()
        throws
    {
        let patch = try compile(
            """
            voices: 4
            modules:
              keys: { type: keys }
              osc: { type: sine }
              env: { type: adsr }
              voice: { type: svf }
              pan: { type: pan }
              bus: { type: svf, each: once }
              echo: { type: delay, each: once }
              out: { type: output }
            connections:
              - keys.pitch -> osc.pitch
              - keys.gate -> env.gate
              - osc -> voice
              - env -> voice.cutoff @ 24 st
              - voice.low -> pan
              - keys.spread -> pan.pan @ 100 %
              - pan -> bus
              - env -> bus.cutoff @ 12 st
              - bus.low -> echo
              - echo -> out
            """)
        let lines = patch.scheduleText.split(separator: "\n").map { String($0.drop { $0 == " " }) }
        let voices = lines.drop { $0 != "voices:" }.prefix { $0 != "after:" }
        let after = lines.drop { $0 != "after:" }
        // The same module per voice and on the bus; `pan` once per side; the sum of the voices between them.
        #expect(voices.contains { $0.contains("voice svf") } && after.contains { $0.contains("bus svf") })
        #expect(voices.contains { $0.contains("pan.l pan") } && voices.contains { $0.contains("pan.r pan") })
        #expect(
            voices.count { $0.contains("gather") } == 2 && after.contains { $0.contains("collapse a0 a1") })
        #expect(
            voices.contains { $0.contains("modulate voice.cutoff") }
                && after.contains { $0.contains("modulate bus.cutoff") })
        #expect(voices.contains { $0.contains("newest") } && after.contains { $0.contains("echo delay") })
    }

    @Test func `a type that always runs once does so behind the voices`() throws {
        func patch(_ reverb: String) -> String {
            """
            level: -12 dB
            modules:
              keys: { type: keys }
              osc: { type: sine }
              room: \(reverb)
              metal: { type: plate, mix: 50 % }
              out: { type: output }
            connections:
              - keys.pitch -> osc
              - osc -> room
              - room -> metal
              - metal -> out
            """
        }
        let compiled = try compile(patch("{ type: reverb }"))
        let lines = compiled.scheduleText.split(separator: "\n").map { String($0.drop { $0 == " " }) }
        let after = lines.drop { $0 != "after:" }
        #expect(after.contains { $0.contains("room reverb") })
        #expect(after.contains { $0.contains("metal plate") })
        // The sanitizer watches: a chord, its tail, and the silence that follows.
        var score = Score()
        for key in [60, 64, 67] {
            score.on(480, key)
            score.off(9600, key)
        }
        let sound = Rendering([Sound(compiled)], score.events, frames: 480_000, periods: [64, 17, 1024])
        #expect(sound.left[48_000..<60_000].contains { abs($0) > 1e-3 })
        #expect(sound.left[470_000...].allSatisfy { abs($0) < 1e-4 })
        #expect(throws: PatchError.self) { try compile(patch("{ type: reverb, each: voice }")) }
    }

    @Test func `the schedule as text`() throws {
        let patch = try compile(
            """
            modules:
              keys: { type: keys }
              osc: { type: sine }
              vca: { type: vca }
            connections:
              - keys.pitch -> osc
              - osc -> vca
              - keys.velocity -> vca.level
            """)
        #expect(
            patch.scheduleText == """
                voices:
                    0  keys -> b0 b1
                    1  osc sine b0 0 frequency=440Hz detune=0st ratio=1 index=1 feedback=0% phase=0° scatter=0% -> b2
                    2  vca vca b2 b1 1 gain=0dB velocityRange=25dB -> b0
                    3  gather b0 -> a0
                after:
                    0  deliver a0

                """)
    }

    @Test func `without a module that reads the gate, voices are faded by their gates`() throws {
        let entry = Sound(
            try compile(
                "level: 0.25\nmodules:\n  keys: { type: keys }\n  osc: { type: sine }\nconnections:\n  - keys.pitch -> osc\n"
            ))
        var score = Score()
        score.on(480, 69)
        score.off(24_000, 69)
        let sound = Rendering([entry], score.events, frames: 48_000)
        #expect(sound.left[..<480].allSatisfy { $0 == 0 } && sound.peak > 0.2)
        #expect(sound.left[24_300...].allSatisfy { $0 == 0 })
    }

    @Test func `a feedback loop through a delay is bit-identical for any buffer size`() throws {
        let entry = Sound(
            try compile(
                """
                level: -20 dB
                modules:
                  keys: { type: keys }
                  osc: { type: saw }
                  env: { type: adsr, decay: 100 ms, sustain: 0 % }
                  vca: { type: vca }
                  loop: { type: mix, each: once, gainB: -3 dB }
                  echo: { type: delay, each: once, time: 10 ms, feedback: 0 %, mix: 100 % }
                  dark: { type: svf, each: once, cutoff: 2 kHz }
                  out: { type: output }
                connections:
                  - keys.pitch -> osc
                  - keys.gate -> env.gate
                  - osc -> vca
                  - env -> vca.level
                  - vca -> loop.a
                  - loop -> echo
                  - echo -> dark
                  - dark.low -> loop.b
                  - loop -> out
                """))
        var score = Score()
        score.on(100, 45)
        score.off(4000, 45)
        let whole = Rendering([entry], score.events, frames: 48_000, periods: [4096])
        #expect(whole.left[6_000..<8_000].contains { abs($0) > 1e-4 })
        #expect(
            whole.firstDifference(
                Rendering([entry], score.events, frames: 48_000, periods: [64, 100, 1, 333])) == nil)
    }

    @Test func `feedback from the bus into voices needs a delay`() throws {
        func patch(_ between: String) -> String {
            """
            modules:
              keys: { type: keys }
              osc: { type: sine }
              sum: { type: vca, each: once }
              \(between)
              ring: { type: vca }
              out: { type: output }
            connections:
              - keys.pitch -> osc
              - osc -> sum
              - sum -> echo
              - osc -> ring
              - echo -> ring.level
              - ring -> out
            """
        }
        #expect(throws: PatchError.self) { try compile(patch("echo: { type: vca, each: once }")) }
        _ = try compile(patch("echo: { type: delay, each: once }"))
    }

    @Test func `five hundred modules compile and sound`() throws {
        var text = "level: 0.25\nmodules:\n  keys: { type: keys }\n  osc: { type: saw }\n"
        var connections = "connections:\n  - keys.pitch -> osc\n  - osc -> m0\n"
        for index in 0..<500 {
            text += "  m\(index): { type: vca }\n"
            if index > 0 { connections += "  - m\(index - 1) -> m\(index)\n" }
        }
        let entry = Sound(try compile(text + connections))
        var score = Score()
        score.on(100, 60)
        #expect(Rendering([entry], score.events, frames: 4800).peak > 0.03)
    }
}
