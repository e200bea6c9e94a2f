import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosFiles
import KairosSession
import KairosTestSupport
import Testing

/// Splits, layers, and the ways in which an entry becomes active.
@Suite struct SetListTests {
    private func draw(_ drawing: String, _ list: String) throws -> [String] {
        Timeline(drawing).faults(try Timeline.entries(list))
    }

    @Test func `a split: each key goes to its layer, and a key outside every layer is silent`() throws {
        let split = """
            entries:
              - name: Split
                program: 0
                layers:
                  - { patch: A, keys: 36..59 }
                  - { patch: B, keys: C4..B5 }
            """
        #expect(
            try draw(
                """
                program  |A                |
                key 59   | ####            |
                key 60   |   ####          |
                key 35   |      ###        |
                key 84   |         ###     |
                A sounds | 1111            |
                B sounds |   1111          |
                """, split) == [])
    }

    @Test func `a note-off reaches its note although the split has moved`()
        throws
    {
        let lists = """
            entries:
              - name: Low
                program: 0
                layers: [ { patch: A, keys: 0..59 }, { patch: B, keys: 60..127 } ]
              - name: High
                program: 1
                layers: [ { patch: B, keys: 0..71, transpose: 12 }, { patch: C, keys: 72..127 } ]
            """
        #expect(
            try draw(
                """
                program  |A    B              |
                key 50   | ########           |
                key 65   | ##########         |
                key 66   |       ######       |
                key 80   |         ######     |
                A sounds | 11111111           |
                B sounds | 111111222211       |
                C sounds |         111111     |
                """, lists) == [])
    }

    @Test func `a layer plays one key in several layers, and one note-off ends them all`() throws {
        let layer = """
            entries:
              - name: Layer
                program: 0
                layers: [ { patch: A }, { patch: B, velocity: 64..127 }, { patch: C, channel: 2 } ]
              - { name: Alone, program: 1, patch: C }
            """
        #expect(
            try draw(
                """
                program      |A      B            |
                key 60       | #########          |
                key 62       |   sssss            |
                key 64 ch 2  |     ###            |
                A sounds     | 112233311          |
                B sounds     | 111122211          |
                C sounds     |     111            |
                """, layer) == [])
    }

    @Test func `after-release waits until no key and no pedal holds a note`() throws {
        let list = """
            entries:
              - { name: A, program: 0, patch: A }
              - { name: B, program: 1, patch: B, switch: after-release }
            """
        #expect(
            try draw(
                """
                program  |A   B              |
                key 60   | ######            |
                key 62   |      ###          |
                pedal    |       ####        |
                key 64   |          ##       |
                key 65   |             ##    |
                A sounds | 11111211121       |
                B sounds |             11    |
                """, list) == [])
    }

    @Test func `beat and bar changes wait while a clock runs, and only then`() throws {
        let list = """
            meter: 3
            entries:
              - { name: A, program: 0, patch: A }
              - { name: B, program: 1, patch: B, switch: bar }
            """
        // Each column is a beat; bars begin at columns 0, 3, 6, 9 …
        #expect(
            try draw(
                """
                clock    |^------------   |
                program  |    B           |
                key 60   |#               |
                key 61   | #              |
                key 62   |  #             |
                key 63   |   #            |
                key 64   |    #           |
                key 65   |     #          |
                key 66   |      #         |
                key 67   |       #        |
                A sounds |111111          |
                B sounds |      11        |
                """, list) == [])
        #expect(
            try draw(
                """
                program  |A   B           |
                key 60   | #              |
                key 64   |    #           |
                A sounds | 1              |
                B sounds |    1           |
                """, list) == [])
    }

    @Test func `a tail that is stopped or faded ends its held notes`() throws {
        func list(_ tail: String) -> String {
            """
            entries:
              - { name: A, program: 0, patch: A, tail: \(tail) }
              - { name: B, program: 1, patch: B }
            """
        }
        #expect(
            try draw(
                """
                program  |A   B           |
                key 60   | ##########     |
                key 64   |    ####        |
                A sounds | 111            |
                B sounds |    1111        |
                """, list("cut")) == [])
        let fading = try Timeline.entries(list("fade 100 ms"))
        var score = Score()
        score.on(1000, 60)
        score.program(4800, 1)
        let sound = Rendering(fading, score.events, frames: 24_000)
        // Half-way through the fade of 4 800 frames, the gain is ½.
        #expect(abs(sound.left[4800 + 2400] * 512 - 0.5) < 0.01 && sound.left[4800 + 4900] == 0)
    }

    @Test func `sixteen layers on sixteen channels, eight notes each`() throws {
        let layers = (1...16).map { "      - { patch: p, channel: \($0) }" }.joined(separator: "\n")
        let list = try SetListFile.parse(
            "kairos: setlist/1\nentries:\n  - name: All\n    program: 0\n    layers:\n" + layers, file: "all")
        let patch = try compile(
            """
            voices: 8
            level: 0.0009765625
            modules:
              keys: { type: keys }
              env: { type: adsr, attack: 0 s, decay: 0 s, sustain: 100 %, release: 0 s }
              out: { type: output }
            connections:
              - keys.gate -> env.gate
              - env -> out
            """, name: "p")
        let (rig, faults) = list.rig([patch])
        #expect(faults == [])
        // The same patch with the same values is one sound, with sixteen ready instances.
        #expect(rig.sounds.count == 1)
        var score = Score()
        for channel in 0..<16 {
            for note in 0..<8 {
                score.on(1000 + channel, 60 + note, channel: UInt8(channel))
                score.off(9000, 60 + note, channel: UInt8(channel))
            }
        }
        let sound = Rendering(rig, score.events, frames: 12_000)
        #expect((sound.left[5000] * 1024).rounded() == 128 && sound.left[11_000] == 0)
    }
}

/// Transposition, level, pan and macro values of layers.
@Suite struct LayerTests {
    /// A patch whose output level is the key's pitch in semitones over 1024; the macro adds to it.
    private static func pitchPatch(_ name: String, _ program: Int) throws -> CompiledPatch {
        try compile(
            """
            voices: 4
            level: 0.0009765625
            modules:
              keys: { type: keys }
              env: { type: adsr, attack: 0 s, decay: 0 s, sustain: 100 %, release: 0 s }
              vca: { type: vca }
              mix: { type: mix, gainA: 100 % }
              out: { type: output }
            connections:
              - keys.gate -> env.gate
              - keys.pitch -> vca
              - env -> vca.level
              - vca -> mix.a
              - mix -> out
            macros:
              - { name: \(program == 2 ? "Other" : "Volume"), to: mix.gainA, range: [0 %, 100 %] }
            """, name: name, program: program)
    }

    private func entries(_ text: String, mappings: [Mapping] = []) throws -> Rig {
        let list = try SetListFile.parse("kairos: setlist/1\n" + text, file: "test")
        let patches = try [("A", 0), ("B", 1), ("C", 2)].map { try Self.pitchPatch($0.0, $0.1) }
        let (rig, faults) = list.rig(patches, mappings: mappings)
        #expect(faults == [])
        return rig
    }

    private func level(_ rig: Rig, _ write: (inout Score) -> Void) -> (
        left: Float, right: Float
    ) {
        var score = Score()
        write(&score)
        let sound = Rendering(rig, score.events, frames: 12_000)
        return (sound.left[11_900] * 1024, sound.right[11_900] * 1024)
    }

    @Test func `transpose, level and pan`() throws {
        let list = try entries("entries:\n  - { patch: A, transpose: -12, level: 0.5, pan: 50 % }\n")
        let heard = level(list) { $0.on(100, 72) }
        #expect(abs(heard.left - 60 * 0.5 * 0.5) < 0.01 && abs(heard.right - 60 * 0.5) < 0.01)
    }

    @Test func `a velocity crossfade of two layers has constant power`() throws {
        var low = LayerRule(), high = LayerRule()
        (low.highVelocity, low.fade) = (80, 20)
        (high.lowVelocity, high.fade) = (60, 20)
        for velocity in UInt8(1)...127 {
            let a = low.accepts(key: 60, velocity: velocity, channel: 0) ? low.gain(velocity: velocity) : 0
            let b = high.accepts(key: 60, velocity: velocity, channel: 0) ? high.gain(velocity: velocity) : 0
            #expect(abs(a * a + b * b - 1) < 0.06, "velocity \(velocity)")
        }
        #expect(low.gain(velocity: 1) == 1 && high.gain(velocity: 127) == 1)
        let list = try entries("entries:\n  - { patch: A, velocity: 1..80, fade: 20 }\n")
        let soft = level(list) { $0.on(100, 60, velocity: 30) },
            edge = level(list) { $0.on(100, 60, velocity: 80) }
        #expect(abs(soft.left - 60) < 0.01 && abs(edge.left - 60 * (1 / Float(21)).squareRoot()) < 0.05)
    }

    @Test func `a layer has its own macro values`() throws {
        let list = try entries(
            "entries:\n  - { patch: A, macros: { Volume: 25 % } }\n  - { name: B, patch: A, program: 1, macros: { mix.gainA: 75 % } }\n"
        )
        #expect(abs(level(list) { $0.on(100, 60) }.left - 15) < 0.01)
        #expect(
            abs(
                level(list) {
                    $0.program(50, 1); $0.on(100, 60)
                }.left - 45) < 0.01)
    }

    @Test func `kept macros continue with their value, others do not`() throws {
        let wheel = Mapping(name: "m", controls: [.init(.control(16), to: .macro(1))])
        for (values, expected) in [("", Float(60)), (", keepMacros: all", 7.5)] {
            let list = try entries(
                "entries:\n  - { patch: A, program: 0 }\n  - { patch: C, program: 1\(values) }\n",
                mappings: [wheel])
            let heard = level(list) {
                $0.control(100, 16, 64); $0.program(4000, 1); $0.on(5000, 60)
            }
            #expect(abs(heard.left - expected) < 0.2, "\(values)")
        }
    }

    @Test func `a kept macro keeps its value also over an entry that lacks it`() throws {
        let wheel = Mapping(name: "m", controls: [.init(.control(16), to: .macro(1))])
        let list = try entries(
            """
            keepMacros: [Volume]
            entries:
              - { patch: A, program: 0 }
              - { patch: B, program: 1 }
              - { patch: C, program: 2 }
            """, mappings: [wheel])
        // The middle of a gain's range is an eighth.
        let direct = level(list) {
            $0.control(100, 16, 64); $0.program(4000, 1); $0.on(5000, 60)
        }
        #expect(abs(direct.left - 7.5) < 0.2)
        let around = level(list) {
            $0.control(100, 16, 64); $0.program(4000, 2); $0.control(4500, 16, 127); $0.program(5000, 1)
            $0.on(6000, 60)
        }
        #expect(abs(around.left - 7.5) < 0.2)
        let other = level(list) {
            $0.control(100, 16, 64); $0.program(4000, 2); $0.on(5000, 60)
        }
        #expect(abs(other.left - 60) < 0.2)
    }

    @Test func `a channel's volume, pan and expression act on its layers, over slot changes`()
        throws
    {
        let list = try entries(
            """
            entries:
              - name: One
                program: 0
                layers: [ { patch: A, channel: 1 }, { patch: B, channel: 2 } ]
              - name: Two
                program: 1
                layers: [ { patch: B, channel: 2 } ]
            """)
        let heard = level(list) {
            $0.on(100, 60, channel: 0); $0.on(100, 40, channel: 1)
            $0.control(1000, 7, 0, channel: 1)
            $0.program(4000, 1)
            $0.on(5000, 50, channel: 1)
        }
        // Channel 2 is silent before and after the change; the note of channel 1 continues.
        #expect(abs(heard.left - 60) < 0.01)
    }

    @Test func `all layers feed the master effects, and no program change touches them`() throws {
        let master = try compile(
            """
            modules:
              in: { type: input }
              echo: { type: delay, time: 100 ms, feedback: 0 %, mix: 100 % }
              out: { type: output }
            connections:
              - in -> echo
              - echo -> out
            macros:
              - { name: Mix, to: echo.mix }
            """, name: "Room")
        let macro = Mapping(name: "m", controls: [.init(.control(20), to: .masterMacro(1))])
        let list = try SetListFile.parse(
            "kairos: setlist/1\nmaster: Room\nentries:\n  - { patch: A, program: 0 }\n  - { patch: B, program: 1 }\n",
            file: "test")
        let (rig, faults) = list.rig(
            [try Self.pitchPatch("A", 0), try Self.pitchPatch("B", 1), master], mappings: [macro])
        #expect(faults == [] && rig.master != nil)
        func heard(_ write: (inout Score) -> Void) -> [Float] {
            var score = Score()
            write(&score)
            let host = OfflineHost(rig, mode: .entry)
            host.play(score.events)
            var left = [Float](repeating: 0, count: 14_400), right = left
            host.render(left: &left, right: &right, frames: left.count)
            return left.map { $0 * 1024 }
        }
        let echo = heard {
            $0.on(1000, 60); $0.off(2000, 60); $0.program(2500, 1); $0.on(3000, 40); $0.off(4000, 40)
        }
        #expect(echo[1500] == 0 && abs(echo[1500 + 4800] - 60) < 0.5 && abs(echo[3500 + 4800] - 40) < 0.5)
        // `masterMacro` moves the master effects, whatever entry is active.
        let dry = heard {
            $0.control(100, 20, 0); $0.program(2500, 1); $0.on(4000, 60)
        }
        #expect(abs(dry[6000] - 60) < 0.01)
    }
}
