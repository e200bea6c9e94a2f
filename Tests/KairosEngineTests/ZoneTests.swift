import KairosCompiler
import KairosControl
import KairosEngine
import KairosSession
import KairosTestSupport
import Testing

/// MPE 1.1: zones, member channels, and messages of the master channel.
@Suite(.everyInput) struct ZonesOfMPE {
    private func zone(_ members: UInt8, upper: Bool = false) -> (inout Score) -> Void {
        { $0.registered(10, 6, coarse: members, fine: 0, channel: upper ? 15 : 0) }
    }

    @Test func `a finger bends its own note by 48 semitones, the first channel all by 2`() throws {
        let values = try Probe("pitch").values(at: [2500, 4500, 6500]) {
            zone(15)(&$0)
            $0.on(1000, 60, channel: 1)
            $0.on(1000, 64, channel: 2)
            $0.bend(2000, 4096, channel: 1)
            $0.bend(4000, 8191, channel: 0)
            $0.bend(6000, 0, channel: 1)
        }
        let half: Float =
            48 * (NormalizedValue.fraction(NormalizedValue.scaled(UInt32(4096 + 8192), bits: 14)) * 2 - 1)
        #expect(abs(values[0] - (124 + half)) < 0.001)
        #expect(abs(values[1] - (124 + half + 4)) < 0.001 && abs(values[2] - 128) < 0.001)
    }

    @Test func `RPN 0 of one member channel applies to all`() throws {
        let values = try Probe("pitch").values(at: [3500]) {
            zone(15)(&$0)
            $0.registered(500, 0, coarse: 24, fine: 0, channel: 5)
            $0.on(1000, 60, channel: 1)
            $0.bend(3000, 8191, channel: 1)
        }
        #expect(values == [84])
    }

    @Test func `pressure and CC 74 of a member channel act on its note, those of the master channel on all`()
        throws
    {
        let pressure = try Probe("pressure").values(at: [2500, 4500]) {
            zone(15)(&$0)
            $0.on(1000, 60, channel: 1)
            $0.on(1000, 64, channel: 2)
            $0.add(2000, Event(.channelPressure, channel: 1, normalized: .max))
            $0.add(4000, Event(.channelPressure, channel: 0, normalized: NormalizedValue.centre))
        }
        #expect(pressure == [1, 1.5])
        let timbre = try Probe("timbre").values(at: [1500, 2500, 4500]) {
            zone(15)(&$0)
            $0.on(1000, 60, channel: 1)
            $0.on(1000, 64, channel: 2)
            $0.control(2000, 74, 127, channel: 1)
            $0.control(4000, 74, 0, channel: 0)
        }
        #expect(timbre == [1, 1.5, 0.5])
    }

    @Test func `the zone's pedal holds every finger's note, and a finger has none`() throws {
        let values = try Probe("note").values(at: [4500, 6500, 8500]) {
            zone(15)(&$0)
            $0.on(1000, 60, channel: 1)
            $0.control(2000, 64, 127, channel: 0)
            $0.off(4000, 60, channel: 1)
            $0.control(5000, 64, 0, channel: 1)
            $0.control(8000, 64, 0, channel: 0)
        }
        #expect(values == [60, 60, 0])
    }

    @Test func `two zones, each with a first channel of its own`() throws {
        let values = try Probe("pitch").values(at: [2500, 4500]) {
            zone(7)(&$0)
            zone(7, upper: true)(&$0)
            $0.on(1000, 60, channel: 1)
            $0.on(1000, 64, channel: 14)
            $0.bend(2000, 8191, channel: 0)
            $0.bend(4000, 8191, channel: 15)
        }
        #expect(values == [126, 128])
    }

    @Test func `a zone without member channels is off, and other keyboards are not affected`() throws {
        let off = try Probe("pitch").values(at: [2500]) {
            zone(15)(&$0)
            $0.registered(20, 6, coarse: 0, fine: 0)
            $0.on(1000, 60, channel: 1)
            $0.bend(2000, 8191, channel: 1)
        }
        #expect(off == [62])
        let other = try Probe("pitch").values(at: [2500]) {
            zone(15)(&$0)
            $0.on(1000, 60, channel: 1, source: 5)
            $0.add(2000, Event(.pitchBend, channel: 1, normalized: .max, source: 5))
            $0.bend(2100, 8191, channel: 1)
        }
        #expect(other == [62])
    }

    @Test func `a mapping can define it`() throws {
        var mapping = Mapping(name: "m")
        mapping.keyboard.lowerMembers = 15
        let values = try Probe("pitch", mappings: [mapping]).values(at: [2500]) {
            $0.on(1000, 60, channel: 1)
            $0.bend(2000, 8191, channel: 1)
        }
        #expect(values == [108])
    }

    @Test func `CC 74 of a member channel moves no macro`() throws {
        let macro = Mapping(
            name: "m", controls: [.init(.control(74), to: .port(patch: "test", module: "vca", port: "gain"))]
        )
        func value(_ channel: UInt8) throws -> Float {
            try Probe("velocity", mappings: [macro]).values(at: [9500]) {
                zone(15)(&$0)
                $0.on(1000, 60, velocity: 127, channel: 1)
                $0.control(2000, 74, 0, channel: channel)
            }[0]
        }
        #expect(try value(1) == 1)
        // On the master channel of the zone it is an ordinary controller.
        #expect(try value(0) == 0)
    }
}

/// Messages by system exclusive.
@Suite(.everyInput) struct Exclusive {
    private let bulk: [UInt8] = {
        // Every key a quarter tone higher.
        var body: [UInt8] = [0x7e, 0x7f, 0x08, 0x01, 0] + Array("Quarter tones up".utf8)
        for key in UInt8(0)..<128 { body += [key, 0x40, 0] }
        return [0xf0] + body + [body.reduce(0, ^) & 0x7f, 0xf7]
    }()

    @Test func `master volume and balance, after everything else`() throws {
        func level(_ bytes: [UInt8]) throws -> (Float, Float) {
            var score = Score()
            score.on(100, 60, velocity: 127)
            score.bytes(1000, bytes)
            let patch = try compile(
                """
                voices: 2
                level: 0.5
                modules:
                  keys: { type: keys }
                  env: { type: adsr, attack: 0 s, decay: 0 s, sustain: 100 %, release: 0 s }
                  out: { type: output }
                connections:
                  - keys.gate -> env.gate
                  - env -> out
                """)
            let host = OfflineHost(Rig([Sound(patch)]), mode: .entry)
            host.play(score.events)
            var left = [Float](repeating: 0, count: 6000), right = left
            host.render(left: &left, right: &right, frames: 6000)
            return (left[5900], right[5900])
        }
        #expect(try level([]) == (0.5, 0.5))
        #expect(try level([0xf0, 0x7f, 0x7f, 4, 1, 0, 0x40, 0xf7]) == (0.125, 0.125))
        #expect(try level([0xf0, 0x7f, 0x7f, 4, 1, 0, 0, 0xf7]) == (0, 0))
        #expect(try level([0xf0, 0x7f, 0x7f, 4, 2, 0, 0, 0xf7]) == (0.5, 0))
    }

    @Test func `master tuning, fine and coarse, moves what sounds`() throws {
        let values = try Probe("pitch").values(at: [3000, 5000]) {
            $0.on(1000, 60)
            $0.bytes(2000, [0xf0, 0x7f, 0x7f, 4, 4, 0, 64 + 2, 0xf7])
            $0.bytes(4000, [0xf0, 0x7f, 0x7f, 4, 3, 0, 96, 0xf7])
        }
        #expect(abs(values[0] - 62) < 1e-4 && abs(values[1] - 62.5) < 1e-3)
    }

    @Test func `a single note's tuning moves the note that sounds, and no other`() throws {
        let values = try Probe("pitch").values(at: [3000, 5000]) {
            $0.on(1000, 60)
            $0.on(1000, 64)
            // Key 60 sounds at 61.5.
            $0.bytes(2000, [0xf0, 0x7f, 0x7f, 8, 2, 0, 1, 60, 61, 0x40, 0, 0xf7])
            // 7F 7F 7F is no change.
            $0.bytes(4000, [0xf0, 0x7f, 0x7f, 8, 2, 0, 1, 60, 0x7f, 0x7f, 0x7f, 0xf7])
        }
        #expect(values == [125.5, 125.5])
    }

    @Test func `a bulk dump does not move sounding notes`() throws {
        let bulk = bulk
        let values = try Probe("pitch").values(at: [3000, 5000]) {
            $0.on(1000, 60)
            $0.bytes(2000, bulk)
            $0.off(4000, 60)
            $0.on(4000, 60)
        }
        #expect(values == [60, 60.5])
        var unreadable = bulk
        unreadable[100] ^= 1
        let kept = try Probe("pitch").values(at: [3000]) {
            $0.bytes(500, unreadable)
            $0.on(1000, 60)
        }
        #expect(kept == [60])
    }

    @Test func `a tuning program belongs to the channels that selected it`() throws {
        let values = try Probe("pitch").values(at: [3000]) {
            $0.bytes(500, [0xf0, 0x7f, 0x7f, 8, 2, 5, 1, 60, 70, 0, 0, 0xf7])
            $0.registered(600, 3, coarse: 5, fine: 0, channel: 1)
            $0.on(1000, 60)
            $0.on(1000, 60, channel: 1)
        }
        #expect(values == [130])
    }

    @Test func `scale and octave, in both forms, on the channels that are named`() throws {
        var one: [UInt8] = [0xf0, 0x7f, 0x7f, 8, 8, 0, 0, 1] + Array(repeating: 64, count: 12) + [0xf7]
        one[8] = 64 + 50
        var two: [UInt8] = [0xf0, 0x7f, 0x7f, 8, 9, 3, 0x7f, 0x7f]
        for _ in 0..<12 { two += [0x20, 0] }
        two += [0xf7]
        let values = try Probe("pitch").values(at: [3000, 5000]) { [one, two] in
            $0.on(1000, 60)
            $0.on(1000, 60, channel: 1)
            $0.bytes(2000, one)
            $0.bytes(4000, two)
        }
        // Every key half a semitone lower.
        #expect(abs(values[0] - 120.5) < 1e-4 && abs(values[1] - 119) < 1e-4)
    }

    @Test func `General MIDI on resets everything`() throws {
        let values = try Probe("pitch").values(at: [3000, 5000]) {
            $0.registered(500, 2, coarse: 70, fine: 0)
            $0.bend(600, 8191)
            $0.on(1000, 60)
            $0.bytes(2000, [0xf0, 0x7e, 0x7f, 9, 1, 0xf7])
            $0.on(4000, 60)
        }
        #expect(values == [0, 60])
    }

    @Test func `only an identity request is answered`() {
        func asks(_ bytes: [UInt8]) -> Bool {
            var decoder = MIDIDecoder()
            for byte in bytes { decoder.decode(byte) { _ in } }
            return decoder.wantsIdentity
        }
        #expect(asks([0xf0, 0x7e, 0x7f, 6, 1, 0xf7]) && asks([0xf0, 0x7e, 0, 6, 1, 0xf7]))
        #expect(!asks([0xf0, 0x7e, 0x7f, 6, 2, 0xf7]) && !asks([0xf0, 0x41, 0x7f, 6, 1, 0xf7]))
        #expect(SystemExclusive.identity.first == 0xf0 && SystemExclusive.identity.last == 0xf7)
        #expect(SystemExclusive.identity.count == 15)
    }

    @Test func `messages for others, incomplete or too long ones have no effect`() {
        var events = 0
        var decoder = MIDIDecoder()
        let messages: [[UInt8]] = [
            [0xf0, 0x41, 1, 2, 3, 0xf7], [0xf0, 0xf7], [0xf0, 0x7f, 0x7f, 8, 2, 0, 9, 60, 0xf7],
            [0xf0] + Array(repeating: 1, count: 5000) + [0xf7], [0xf0, 0x7f, 0x7f, 4, 1, 0x90],
            // Song select, tune request, time code, active sensing.
            [0xf3, 5, 0xf6, 0xf1, 3, 0xfe],
        ]
        for message in messages { for byte in message { decoder.decode(byte) { _ in events += 1 } } }
        #expect(events == 0)
    }
}

/// Scales of a patch.
@Suite struct Scales {
    @Test func `every key has the pitch of the scale, and silent keys are silent`() throws {
        var map = KeyboardMap()
        map.degrees = [0, nil, 1]
        map.octaveDegree = 2
        let scale = Tuning(Scale(cents: [350, 1200]), keyboard: map)
        let values = try Probe("pitch").values(at: [1500, 3500, 5500, 7500], scale: scale) {
            for (index, key) in [60, 61, 62, 63].enumerated() {
                $0.on(1000 + 2000 * index, key)
                $0.off(2000 + 2000 * index, key)
            }
        }
        #expect(values == [60, 0, 63.5, 72])
    }
}
