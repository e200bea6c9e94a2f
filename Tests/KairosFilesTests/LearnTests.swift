import KairosControl
import KairosFiles
import KairosPatch
import KairosTestSupport
import Testing

/// MIDI learn: recognition of a control from its messages, and its entry in a mapping file.
@Suite struct MIDILearn {
    private func control(_ number: UInt32, _ value: UInt8) -> Event {
        Event(.control, number: number, normalized: NormalizedValue.scaled(value))
    }

    private func found(_ events: [Event], _ wish: Learner.Gesture = .movement) -> [String] {
        var learner = Learner(wish)
        return events.compactMap { learner.receive($0)?.mappingText }
    }

    @Test func `a control that is turned is recognized, jitter is not`() {
        #expect(found((30..<50).map { control(74, UInt8($0)) }) == ["cc: 74"])
        #expect(found([60, 61, 60, 61, 60, 61].map { control(74, $0) }) == [])
    }

    /// Fails if the first message is taken (AetherSDR 2421): a touch note, the clock, a bank select.
    @Test func `notes, clock, bank select and mode messages are not taken for a control`() {
        let noise: [Event] = [
            Event(.noteOn, number: 104, normalized: .max), Event(.clock), control(121, 0), control(123, 0),
            Event(.noteOff, number: 104),
        ]
        let turned = (0..<20).flatMap {
            [control(0, $0), control(32, $0), control(98, $0), control(21, 20 + $0)]
        }
        #expect(found(noise + turned) == ["cc: 21"])
    }

    @Test func `encoders in each encoding, turned there and back`() {
        func encoder(_ encoding: String) -> [String] { ["cc: 16, takeover: relative, encoding: \(encoding)"] }
        func turned(_ values: [UInt8]) -> [String] { found(values.map { control(16, $0) }) }
        #expect(turned([1, 1, 2, 1, 127, 127]) == encoder("twos"))
        #expect(turned([127, 127, 126, 127]) == encoder("twos"))
        #expect(turned([65, 65, 66, 65, 63, 63]) == encoder("offset"))
        #expect(turned([63, 63, 63, 62]) == encoder("offset"))
        #expect(turned([1, 1, 1, 1, 65, 65]) == encoder("sign"))
        #expect(turned([65, 65, 65, 66, 1]) == encoder("sign"))
        // A whole turn in one direction is ambiguous: the more likely encoding is chosen.
        #expect(turned(Array(repeating: 1, count: 23)) == [])
        #expect(turned(Array(repeating: 1, count: 24)) == encoder("twos"))
        #expect(turned(Array(repeating: 65, count: 24)) == encoder("offset"))
    }

    @Test func `fourteen bits, coarse first or fine first, and a parameter by number`() {
        let rising = (0..<20).flatMap { [control(20, UInt8(30 + $0)), control(52, UInt8(($0 * 37) % 128))] }
        #expect(found(rising) == ["cc: [20, 52]"])
        let fineFirst = (0..<20).flatMap {
            [control(52, UInt8(($0 * 37) % 128)), control(20, UInt8(30 + $0))]
        }
        #expect(found(fineFirst) == ["cc: [20, 52]"])
        let parameter = (0..<14).map {
            Event(
                parameter: .nonRegistered, 200, .coarse, channel: 0,
                normalized: NormalizedValue.scaled(UInt8($0)))
        }
        #expect(found(parameter) == ["nrpn: 200"])
    }

    @Test func `buttons, pads and keys that are pressed`() {
        #expect(found([127, 0].map { control(41, $0) }, .press) == ["cc: 41"])
        #expect(
            found([Event(.noteOn, number: 36, normalized: .max), Event(.noteOff, number: 36)], .press) == [
                "note: 36"
            ])
        var learner = Learner(.movement)
        let presses = [127, 0, 127, 0].compactMap { learner.receive(control(41, $0)) }
        #expect(presses.count == 1 && presses[0].isSwitch)
    }

    private let text = """
        # My controller.
        kairos: mapping/1
        device: Box
        controls:
          - { cc: 16, to: macro 1 }   # left

          # the long faders
          - { cc: [20, 52], to: macro 2 }
        # the end

        """

    @Test func `a learned control is added, and the rest of the text is unchanged`() throws {
        var editor = MappingEditor(text)
        try editor.map("cc: 17", to: "brightness")
        #expect(
            editor.text
                == text.replacing("to: macro 2 }\n", with: "to: macro 2 }\n  - { cc: 17, to: brightness }\n"))
        #expect(try MappingFile.parse(editor.text, file: "t").controls.count == 3)
        // The same control again gets another target and keeps its comment.
        try editor.map("cc: 16", to: "macro 5")
        #expect(editor.text.contains("  - { cc: 16, to: macro 5 } # left\n"))
        try editor.map("cc: [20, 52]", to: "macro 7")
        #expect(
            try MappingFile.parse(editor.text, file: "t").controls.map(\.target) == [
                .macro(5), .macro(7), .role(.brightness),
            ])
        #expect(editor.undo() && editor.undo() && editor.undo() && !editor.undo())
        #expect(editor.text == text)
    }

    @Test func `written settings of an encoder take precedence over detected ones`() throws {
        var editor = MappingEditor(
            "kairos: mapping/1\ncontrols:\n  - { cc: 16, takeover: relative, encoding: sign, to: macro 1, step: 2 % }\n"
        )
        try editor.map("cc: 16, takeover: relative, encoding: twos", to: "macro 3")
        #expect(
            editor.text.contains(
                "  - { cc: 16, takeover: relative, encoding: sign, to: macro 3, step: 2 % }\n"))
    }

    /// Fails if the list is assumed to be in flow style and indented by two: the file becomes unreadable, or
    /// both controls act.
    @Test func `a control is added to a list of any style`() throws {
        func learned(_ text: String, _ words: String = "cc: 17") throws -> String {
            var editor = MappingEditor("kairos: mapping/1\n" + text)
            try editor.map(words, to: "macro 3")
            let mapping = try MappingFile.parse(editor.text, file: "t")
            #expect(mapping.controls.count { $0.target == .macro(3) } == 1)
            return String(editor.text.dropFirst(18))
        }
        #expect(
            try learned("controls:\n- { cc: 16, to: macro 1 }\n")
                == "controls:\n- { cc: 16, to: macro 1 }\n- { cc: 17, to: macro 3 }\n")
        #expect(
            try learned("controls:\n- { cc: 16, to: macro 1 }\ntakeover: pickup\n")
                == "controls:\n- { cc: 16, to: macro 1 }\n- { cc: 17, to: macro 3 }\ntakeover: pickup\n")
        #expect(
            try learned("controls:\n  - cc: 16\n    to: macro 1\n")
                == "controls:\n  - cc: 16\n    to: macro 1\n  - { cc: 17, to: macro 3 }\n")
        // The same control in block style, or with its target first.
        #expect(
            try learned("controls:\n  - cc: 17 # left\n    to: macro 1   # mine\n    curve: slow\n")
                == "controls:\n  - cc: 17 # left\n    to: macro 3   # mine\n    curve: slow\n")
        #expect(
            try learned("controls:\n  - { to: macro 1, cc: [17, 49] }\n", "cc: [17, 49]")
                == "controls:\n  - { cc: [17, 49], to: macro 3 }\n")
        #expect(
            try learned("controls:\r\n  - { cc: 16, to: macro 1 }\r\n")
                == "controls:\r\n  - { cc: 16, to: macro 1 }\r\n  - { cc: 17, to: macro 3 }\r\n")
        #expect(try learned("device: Box\n") == "device: Box\ncontrols:\n  - { cc: 17, to: macro 3 }\n")
        #expect(try learned("controls: []\n") == "controls:\n  - { cc: 17, to: macro 3 }\n")
    }

    @Test func `a list that cannot be extended is left unchanged and reported`() {
        let text = "kairos: mapping/1\ncontrols: [ { cc: 16, to: macro 1 } ]\n"
        var editor = MappingEditor(text)
        #expect(throws: Diagnostics.self) { try editor.map("cc: 17", to: "macro 3") }
        #expect(editor.text == text)
        let isUndone = editor.undo()
        #expect(!isUndone)
    }

    @Test func `a target that YAML would misread is quoted`() throws {
        var editor = MappingEditor("kairos: mapping/1\ncontrols:\n")
        try editor.map("note: 36", to: "entry Verse, loud")
        try editor.map("note: 36", to: "entry Solo: #2")
        #expect(
            try MappingFile.parse(editor.text, file: "t").controls.map(\.target) == [
                .action(.entry("Solo: #2"))
            ])
    }

    @Test func `a new file can be read`() throws {
        var editor = MappingEditor(device: "Box \"2\": a")
        try editor.map("cc: 1, takeover: relative, encoding: sign", to: "tide/filter.cutoff")
        let mapping = try MappingFile.parse(editor.text, file: "t")
        #expect(mapping.device == "Box \"2\": a" && mapping.controls.count == 1)
        #expect(mapping.controls[0].encoding == .sign && mapping.controls[0].takeover == .relative)
    }
}
