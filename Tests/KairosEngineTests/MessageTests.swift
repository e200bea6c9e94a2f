import KairosCompiler
import KairosControl
import KairosDSP
import KairosTestSupport
import Testing

/// The effect of each MIDI message. Tests/midi.md names these tests, and every test that it names is here.
@Suite(.everyInput) struct Messages {
    // MARK: notes

    @Test func `velocity, and the finer one of its prefix`() throws {
        let coarse = try Probe("velocity").values(at: [3000]) { $0.on(1000, 60, velocity: 64) }
        #expect(coarse == [NormalizedValue.fraction(NormalizedValue.scaled(64))])
        #expect(try Probe("velocity").values(at: [3000]) { $0.on(1000, 60, velocity: 127) } == [1])
        var decoder = MIDIDecoder()
        #expect(decoder.said(0xb0, 88, 127) == nil)
        let fine = decoder.said(0x90, 60, 64)
        #expect(fine?.normalized == NormalizedValue.scaled(64 << 7 | 127, bits: 14))
        #expect(decoder.said(0x90, 60, 64)?.normalized == NormalizedValue.scaled(64))
    }

    @Test func `a note-on with velocity 0 is a note-off`() {
        var decoder = MIDIDecoder()
        let event = decoder.said(0x93, 60, 0)
        #expect(event?.kind == .noteOff && event?.channel == 3 && event?.number == 60)
    }

    @Test func `how fast the key comes up`() throws {
        // A release of one second, so that the note still sounds after its note-off.
        let values = try Probe("release", release: "1 s").values(at: [1500, 3000]) {
            $0.on(1000, 60)
            $0.add(2000, Event(.noteOff, number: 60, normalized: NormalizedValue.scaled(127)))
        }
        #expect(values[0] == 0 && values[1] > 0.5)
    }

    @Test func `pressure of one key moves that key alone`() throws {
        let values = try Probe("pressure").values(at: [3000, 5000]) {
            $0.on(1000, 60)
            $0.on(1000, 64)
            $0.add(2000, Event(.polyPressure, number: 60, normalized: .max))
            // Pitch bend moves the pitch alone and does not affect the pressure.
            $0.bend(3500, 4000)
        }
        #expect(values == [1, 1])
    }

    @Test func `pressure of the channel moves every key of it`() throws {
        let values = try Probe("pressure").values(at: [3000]) {
            $0.on(1000, 60)
            $0.on(1000, 64)
            $0.on(1000, 67, channel: 5)
            $0.add(2000, Event(.channelPressure, normalized: .max))
        }
        #expect(values == [2])
    }

    // MARK: the wheel and registered parameters

    @Test func `the wheel's ends are exactly the range`() throws {
        let values = try Probe("pitch").values(at: [2000, 4000, 6000, 8000]) {
            $0.on(1000, 60)
            $0.bend(3000, 8191)
            $0.bend(5000, -8192)
            $0.bend(7000, 0)
        }
        #expect(values == [60, 62, 58, 60])
    }

    @Test func `RPN 0 sets the range in semitones and cents, for sounding and later notes`() throws {
        let values = try Probe("pitch").values(at: [3000, 5000, 7000]) {
            $0.on(1000, 60)
            $0.bend(2000, 8191)
            $0.registered(4000, 0, coarse: 12, fine: 50)
            $0.off(6000, 60)
            $0.on(6000, 60)
        }
        #expect(values == [62, 72.5, 72.5])
    }

    @Test func `RPN 0 by increment and decrement`() throws {
        let values = try Probe("pitch").values(at: [3000, 5000]) {
            $0.bend(500, 8191)
            $0.on(1000, 60)
            for step in 0..<3 { $0.add(2000 + step, parameter(0, .increment)) }
            $0.add(4000, parameter(0, .decrement))
        }
        #expect(values == [65, 64])
    }

    private func parameter(_ number: UInt32, _ part: Event.Part) -> Event {
        Event(parameter: .registered, number, part, channel: 0, normalized: 0)
    }

    @Test func `RPN 1 and 2 tune the channel, and the notes that sound`() throws {
        let values = try Probe("pitch").values(at: [3000, 5000, 7000]) {
            $0.on(1000, 60)
            $0.registered(2000, 2, coarse: 64 + 5, fine: 0)
            $0.registered(4000, 1, coarse: 96, fine: 0)
            $0.registered(6000, 1, coarse: 0, fine: 0)
        }
        #expect(values == [65, 65.5, 64])
    }

    @Test func `data entry without a parameter, or after none was selected, is a controller like others`() {
        var decoder = MIDIDecoder()
        #expect(decoder.said(0xb0, 6, 5)?.kind == .control)
        for (controller, value) in [(101, 0), (100, 0)] as [(UInt8, UInt8)] {
            #expect(decoder.said(0xb0, controller, value) == nil)
        }
        let event = decoder.said(0xb0, 6, 5)
        #expect(event?.kind == .registered && event?.parameter == 0 && event?.part == .coarse)
        #expect(decoder.said(0xb0, 38, 5)?.part == .fine)
        #expect(decoder.said(0xb0, 96, 0)?.part == .increment)
        #expect(decoder.said(0xb0, 97, 0)?.part == .decrement)
        // Each channel has its own registered parameter number.
        #expect(decoder.said(0xb1, 6, 5)?.kind == .control)
        for controller: UInt8 in [101, 100] { #expect(decoder.said(0xb0, controller, 127) == nil) }
        #expect(decoder.said(0xb0, 6, 5)?.kind == .control)
        for (controller, value) in [(99, 1), (98, 72)] as [(UInt8, UInt8)] {
            #expect(decoder.said(0xb0, controller, value) == nil)
        }
        #expect(
            decoder.said(0xb0, 6, 5)?.kind == .nonRegistered && decoder.said(0xb0, 6, 5)?.parameter == 200)
        // Reset All Controllers selects no registered parameter (RP-015).
        #expect(decoder.said(0xb0, 121, 0)?.kind == .control)
        #expect(decoder.said(0xb0, 6, 5)?.kind == .control)
    }

    // MARK: pedals

    @Test func `the soft pedal plays what is struck under it softer`() throws {
        let values = try Probe("velocity").values(at: [2000, 5000]) {
            $0.control(500, 67, 127)
            $0.on(1000, 60, velocity: 127)
            $0.off(3000, 60)
            $0.control(3500, 67, 0)
            $0.on(4000, 60, velocity: 127)
        }
        #expect(abs(values[0] - 0.6) < 1e-6 && values[1] == 1)
    }

    @Test func `portamento: the switch, the time, and the key to glide from`() throws {
        let glide = try Probe("pitch").values(at: [2800, 3001, 3000 + 2400]) {
            $0.control(500, 65, 127)
            // 100 ms is the default.
            $0.on(1000, 48)
            $0.off(2900, 48)
            $0.on(3000, 60)
        }
        #expect(glide[0] == 48 && glide[1] < 48.1 && abs(glide[2] - 54) < 0.02)
        let none = try Probe("pitch", more: "glide: 1 s").values(at: [3001]) {
            $0.control(500, 65, 0)
            $0.on(1000, 48)
            $0.off(2900, 48)
            $0.on(3000, 60)
        }
        #expect(none == [60])
        let time = try Probe("pitch").values(at: [3000 + 240, 3000 + 300]) {
            $0.control(500, 65, 127)
            $0.control(600, 5, 1)
            $0.on(1000, 48)
            $0.off(2900, 48)
            $0.on(3000, 60)
        }
        // The shortest time is 5.3 ms.
        #expect(time[0] < 60 && time[1] == 60)
        let named = try Probe("pitch").values(at: [3001, 9000, 12_001]) {
            $0.control(2000, 84, 72)
            $0.on(3000, 60)
            $0.off(10_000, 60)
            $0.on(12_000, 65)
        }
        #expect(named[0] > 71.9 && named[1] == 60 && named[2] == 65)
    }

    @Test func `the legato pedal ties the notes of its channel together`() throws {
        // Two voices without the pedal, one with it. The voice returns to the first key when the second is
        // released.
        let values = try Probe("note").values(at: [2500, 3500, 5500]) {
            $0.control(500, 68, 127)
            $0.on(1000, 60)
            $0.on(2000, 67)
            $0.off(3000, 67)
            $0.control(4000, 68, 0)
            $0.on(5000, 64)
        }
        #expect(values == [67, 60, 60 + 64])
    }

    @Test func `the second hold pedal holds`() throws {
        #expect(
            try held {
                $0.on(1000, 60)
                $0.control(2000, 69, 127)
                $0.off(3000, 60)
                $0.control(5000, 69, 0)
            } == [0, 1, 1, 1, 1, 0, 0, 0])
    }

    @Test func `a half-pedal damps, and a switch does not`() throws {
        var mapping = Mapping(name: "m")
        mapping.keyboard.hasHalfPedal = true
        func level(_ pedal: UInt8, half: Bool) throws -> [Float] {
            try Probe("velocity", mappings: half ? [mapping] : []).values(at: [2000, 8000, 24_000]) {
                $0.control(500, 64, 127)
                $0.on(1000, 60, velocity: 127)
                $0.control(3000, 64, pedal)
                $0.off(4000, 60)
            }
        }
        let half = try level(64, half: true), whole = try level(127, half: true),
            low = try level(40, half: true)
        #expect(half[0] == 1 && half[1] < 1 && half[1] > half[2] && half[2] > 0)
        #expect(whole == [1, 1, 1])
        #expect(low[2] == 0)
        #expect(try level(64, half: false) == [1, 1, 1])
        #expect(try level(20, half: true)[1] == 0)
    }

    @Test func `an inverted pedal, by setting or by its first value`() throws {
        func mapping(_ polarity: KeyboardRule.Polarity) -> [Mapping] {
            var mapping = Mapping(name: "m")
            mapping.keyboard.polarity = polarity
            return [mapping]
        }
        for polarity in [KeyboardRule.Polarity.inverted, .auto] {
            let notes = try held(mappings: mapping(polarity)) {
                $0.on(1000, 60)
                $0.control(2000, 64, 0)
                $0.off(3000, 60)
                $0.control(5000, 64, 127)
            }
            #expect(notes == [0, 1, 1, 1, 1, 0, 0, 0])
        }
        let normal = try held(mappings: mapping(.auto)) {
            $0.on(1000, 60)
            $0.control(2000, 64, 127)
            $0.off(3000, 60)
            $0.control(5000, 64, 0)
        }
        #expect(normal == [0, 1, 1, 1, 1, 0, 0, 0])
    }

    // MARK: modes

    @Test func `CC 121 resets wheels, pressure and pedals, and leaves volume, pan and tuning`() throws {
        let pitch = try Probe("pitch").values(at: [3000, 5000]) {
            $0.registered(500, 0, coarse: 12, fine: 0)
            $0.registered(600, 2, coarse: 64 + 3, fine: 0)
            $0.on(1000, 60)
            $0.bend(2000, 8191)
            $0.control(4000, 121, 0)
        }
        #expect(pitch == [75, 63])
        let pressure = try Probe("pressure").values(at: [3000, 5000]) {
            $0.on(1000, 60)
            $0.add(2000, Event(.polyPressure, number: 60, normalized: .max))
            $0.control(4000, 121, 0)
        }
        #expect(pressure == [1, 0])
        #expect(
            try held {
                $0.control(500, 64, 127)
                $0.on(1000, 60)
                $0.off(2000, 60)
                $0.control(4000, 121, 0)
            } == [0, 1, 1, 1, 0, 0, 0, 0])
        let volume = try Probe("velocity").values(at: [9000]) {
            $0.control(500, 7, 64)
            $0.on(1000, 60, velocity: 127)
            $0.control(4000, 121, 0)
        }
        #expect(abs(volume[0] - 0.25) < 0.01)
    }

    @Test func `omni on and off release the keys`() throws {
        for mode in [124, 125] {
            #expect(
                try held {
                    $0.on(1000, 60); $0.on(1000, 64, channel: 1); $0.control(3000, mode, 0)
                } == [0, 2, 2, 1, 1, 1, 1, 1])
        }
    }

    @Test func `mono and poly by mode message`() throws {
        let values = try Probe("note").values(at: [1500, 3500, 6500]) {
            $0.on(500, 40)
            $0.control(1800, 126, 1)
            $0.on(2000, 60)
            $0.on(3000, 67)
            $0.control(4000, 127, 0)
            $0.on(5000, 60)
            $0.on(6000, 64)
        }
        #expect(values == [40, 67, 60 + 64])
    }

    @Test func `local control changes nothing`() throws {
        #expect(
            try held {
                $0.on(1000, 60); $0.control(3000, 122, 0); $0.off(5000, 60)
            } == [0, 1, 1, 1, 1, 0, 0, 0])
    }
}

/// The number of notes with a high gate in the middle of each 1000 frames.
private func held(mappings: [Mapping] = [], _ write: (inout Score) -> Void) throws -> [Int] {
    let sound = try compile(
        """
        voices: 8
        level: 0.25
        modules:
          keys: { type: keys }
          env: { type: adsr, attack: 0 s, decay: 0 s, sustain: 100 %, release: 0 s }
          out: { type: output }
        connections:
          - keys.gate -> env.gate
          - env -> out
        """)
    var score = Score()
    write(&score)
    let rendering = Rendering([Sound(sound, mappings: mappings)], score.events, frames: 8000)
    return stride(from: 500, to: 8000, by: 1000).map { Int((rendering.left[$0] * 4).rounded()) }
}

extension MIDIDecoder {
    /// The event of a channel message, or nil if further messages are needed.
    fileprivate mutating func said(_ status: UInt8, _ first: UInt8, _ second: UInt8) -> Event? {
        var event: Event?
        decode(status, first, second) { event = $0 }
        return event
    }
}
