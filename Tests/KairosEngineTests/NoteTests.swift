import KairosCompiler
import KairosControl
import KairosTestSupport
import Testing

/// A patch whose level shows the number of voices with a high gate: each held note adds exactly a quarter.
private let counter = """
    voices: 8
    level: 0.25
    modules:
      keys: { type: keys }
      env: { type: adsr, attack: 0 s, decay: 0 s, sustain: 100 %, release: 0 s }
      out: { type: output }
    connections:
      - keys.gate -> env.gate
      - env -> out
    """

/// Renders a score of one patch. Returns the number of notes with a high gate in the middle of each 1000 frames.
private func held(_ patches: [String] = [counter], frames: Int = 8000, _ write: (inout Score) -> Void) throws
    -> [Int]
{
    let entries = try patches.enumerated().map { Sound(try compile($1, name: "P\($0)", program: $0)) }
    var score = Score()
    write(&score)
    let sound = Rendering(entries, score.events, frames: frames)
    return stride(from: 500, to: frames, by: 1000).map { Int((sound.left[$0] * 4).rounded()) }
}

/// Note ownership. One digit is the number of held voices in one thousand frames.
@Suite(.everyInput) struct Notes {
    @Test func `a key holds its note`() throws {
        #expect(
            try held {
                $0.on(1000, 60); $0.on(2000, 64); $0.off(3000, 60); $0.off(5000, 64)
            } == [0, 1, 2, 1, 1, 0, 0, 0])
    }

    @Test func `two note-ons of one key need two note-offs`() throws {
        #expect(
            try held {
                $0.on(1000, 60); $0.on(2000, 60); $0.off(3000, 60); $0.off(5000, 60)
            } == [0, 1, 2, 1, 1, 0, 0, 0])
    }

    /// Fails where notes with lost note-offs accumulate.
    @Test func `a third note-on of a key ends the oldest of two that have no note-off`() throws {
        #expect(
            try held {
                for frame in [1000, 2000, 3000, 4000] { $0.on(frame, 60) }
                $0.off(5000, 60)
                $0.off(6000, 60)
                $0.off(7000, 60)
            } == [0, 1, 2, 2, 2, 1, 0, 0])
        // Note-ons of another channel, keyboard or key are other notes.
        #expect(
            try held {
                $0.on(1000, 60)
                $0.on(1010, 60)
                $0.on(2000, 60, channel: 1)
                $0.on(3000, 60, source: 1)
                $0.on(4000, 61)
            } == [0, 2, 3, 4, 5, 5, 5, 5])
        // A note held by the pedal has no open note-on. A note that ends under the pedal sounds until the pedal is
        // released.
        #expect(
            try held {
                $0.control(500, 64, 127)
                $0.on(1000, 60)
                $0.off(1100, 60)
                $0.on(2000, 60)
                $0.on(2010, 60)
                $0.on(3000, 60)
                $0.control(5000, 64, 0)
            } == [0, 1, 3, 4, 4, 2, 2, 2])
    }

    @Test func `a note-off from another keyboard or channel ends nothing`() throws {
        let notes = try held {
            $0.on(1000, 60, source: 1)
            $0.off(2000, 60, source: 2)
            $0.off(3000, 60, channel: 5, source: 1)
            $0.off(4000, 60, source: 1)
        }
        #expect(notes == [0, 1, 1, 1, 0, 0, 0, 0])
    }

    @Test func `sustain holds released keys, and only those`() throws {
        let notes = try held {
            $0.on(1000, 60)
            $0.control(2000, 64, 127)
            $0.off(3000, 60)
            $0.on(3000, 64)
            $0.control(5000, 64, 0)
            $0.off(6000, 64)
        }
        #expect(notes == [0, 1, 1, 2, 2, 1, 0, 0])
    }

    @Test func `a key struck again under the pedal sounds twice`() throws {
        let notes = try held {
            $0.control(500, 64, 127)
            $0.on(1000, 60)
            $0.off(2000, 60)
            $0.on(3000, 60)
            $0.off(4000, 60)
            $0.control(6000, 64, 0)
        }
        #expect(notes == [0, 1, 1, 2, 2, 2, 0, 0])
    }

    @Test func `sostenuto holds the keys that are down`() throws {
        let notes = try held {
            $0.on(1000, 60)
            $0.control(2000, 66, 127)
            $0.on(2000, 64)
            $0.off(3000, 60)
            $0.off(4000, 64)
            $0.control(6000, 66, 0)
        }
        #expect(notes == [0, 1, 2, 2, 1, 1, 0, 0])
    }

    @Test func `sostenuto does not hold notes that only the sustain pedal holds`() throws {
        let notes = try held {
            $0.control(500, 64, 127)
            $0.on(1000, 60)
            $0.off(2000, 60)
            $0.on(2000, 64)
            $0.control(3000, 66, 127)
            $0.off(4000, 64)
            $0.control(5000, 64, 0)
            $0.control(7000, 66, 0)
        }
        #expect(notes == [0, 1, 2, 2, 2, 1, 1, 0])
    }

    @Test func `a pedal held by two keyboards is up when both are`() throws {
        let notes = try held {
            $0.control(500, 64, 127, source: 1)
            $0.control(600, 64, 127, source: 2)
            $0.on(1000, 60, source: 1)
            $0.off(2000, 60, source: 1)
            $0.control(3000, 64, 0, source: 1)
            $0.control(5000, 64, 0, source: 2)
        }
        #expect(notes == [0, 1, 1, 1, 1, 0, 0, 0])
    }

    @Test func `a device that disappears releases its own keys and pedals only`() throws {
        let notes = try held {
            $0.on(1000, 60, source: 1)
            $0.on(1000, 62, source: 2)
            $0.control(2000, 64, 127, source: 1)
            $0.off(2500, 60, source: 1)
            $0.add(4000, Event(.sourceGone, source: 1))
            $0.off(6000, 62, source: 2)
        }
        #expect(notes == [0, 2, 2, 2, 1, 1, 0, 0])
    }

    @Test func `All Notes Off releases the keys, and the pedal still holds`() throws {
        #expect(
            try held {
                $0.on(1000, 60); $0.on(1000, 64); $0.control(3000, 123, 0)
            } == [0, 2, 2, 0, 0, 0, 0, 0])
        let pedal = try held {
            $0.control(500, 64, 127); $0.on(1000, 60); $0.control(3000, 123, 0); $0.control(5000, 64, 0)
        }
        #expect(pedal == [0, 1, 1, 1, 1, 0, 0, 0])
    }

    @Test func `all sound off ends what a pedal holds`() throws {
        let notes = try held {
            $0.control(500, 64, 127); $0.on(1000, 60); $0.off(2000, 60); $0.control(3000, 120, 0)
        }
        #expect(notes == [0, 1, 1, 0, 0, 0, 0, 0])
    }

    @Test func `panic ends everything, and the next note plays`() throws {
        let notes = try held {
            $0.control(500, 64, 127)
            $0.on(1000, 60)
            $0.on(1000, 62)
            $0.add(3000, Event(.panic))
            $0.on(5000, 64)
            $0.off(6000, 64)
        }
        #expect(notes == [0, 2, 2, 0, 0, 1, 0, 0])
    }

    @Test func `held notes outlive two program changes, and their note-offs find them`() throws {
        let notes = try held([counter, counter, counter]) {
            $0.on(1000, 60)
            $0.program(2000, 1)
            $0.on(2500, 64)
            $0.program(3000, 2)
            $0.on(3500, 67)
            $0.off(4000, 60)
            $0.off(5000, 64)
            $0.off(6000, 67)
        }
        // The new notes start in the middle of their thousand frames, at the measured frame or after it.
        #expect(notes[1] == 1 && notes[6] == 0 && notes[4] == 2 && notes[5] == 1)
    }

    @Test func `a pedal that was down before the change holds old and new alike until it is up`() throws {
        let notes = try held([counter, counter]) {
            $0.control(500, 64, 127)
            $0.on(1000, 60)
            $0.program(2000, 1)
            $0.on(2400, 64)
            $0.off(3000, 60)
            $0.off(3000, 64)
            $0.control(5000, 64, 0)
        }
        #expect(notes == [0, 1, 2, 2, 2, 0, 0, 0])
    }

    @Test func `a change back to a sounding entry continues it`() throws {
        let notes = try held([counter, counter]) {
            $0.on(1000, 60)
            $0.program(2000, 1)
            $0.program(3000, 0)
            $0.on(3400, 62)
            $0.off(4000, 60)
            $0.off(5000, 62)
        }
        #expect(notes == [0, 1, 1, 2, 1, 0, 0, 0])
    }

    @Test func `an unknown program and the same one again change nothing`() throws {
        let notes = try held([counter, counter]) {
            $0.on(1000, 60)
            $0.program(2000, 99)
            $0.program(3000, 0)
            $0.on(3400, 62)
            $0.off(4000, 60)
            $0.off(4000, 62)
        }
        #expect(notes == [0, 1, 1, 2, 0, 0, 0, 0])
    }

    @Test func `more notes than voices: the oldest fades within 3 ms and none is lost`() throws {
        let notes = try held {
            for key in 0..<12 { $0.on(1000 + key, 40 + key) }
            for key in 0..<12 { $0.off(5000, 40 + key) }
        }
        #expect(notes == [0, 8, 8, 8, 8, 0, 0, 0])
    }

    @Test func `mono returns to the held key, and legato does not trigger again`() throws {
        for mode in ["mono", "legato"] {
            let patch = counter.replacing("voices: 8", with: "voices: \(mode)")
            #expect(
                try held([patch]) {
                    $0.on(1000, 60); $0.on(2000, 64); $0.off(3000, 64); $0.off(4000, 60)
                } == [0, 1, 1, 1, 0, 0, 0, 0])
        }
    }

    @Test func `unison takes several lanes and is no louder`() throws {
        let patch = counter.replacing("voices: 8", with: "voices: 4\nunison: 4")
        let entry = Sound(try compile(patch))
        var score = Score()
        score.on(100, 60)
        let sound = Rendering([entry], score.events, frames: 2000)
        // Four equal lanes add up to 4 / √4.
        #expect(abs(sound.left[1500] - 0.5) < 1e-5)
    }
}

extension String {
    fileprivate func replacing(_ part: String, with other: String) -> String {
        guard let range = firstRange(of: part) else { return self }
        return self[..<range.lowerBound] + other + self[range.upperBound...]
    }
}
