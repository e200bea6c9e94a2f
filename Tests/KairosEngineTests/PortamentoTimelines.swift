import KairosControl
import KairosTestSupport
import Testing

/// Portamento control (CC 84), as drawings. The glide takes 5 ms (CC 5), so that a column shows its end.
@Suite(.everyInput) struct PortamentoTimelines {
    private func draw(_ drawing: String, _ voicings: [Timeline.Voicing] = [.init("8")]) throws -> [String] {
        try Timeline("cc 5 1 |#               |\n" + drawing).faults(voicings)
    }

    /// MIDI 1.0, CC 84: fails where both keys sound, or where the note-off of the first ends the voice.
    @Test func `the named key gives up its voice, and its note-off has no effect`() throws {
        #expect(
            try draw(
                """
                cc 84 81   |    #           |
                key 81     | ######         |
                key 93     |    ######      |
                81 sounds  | ###            |
                93 sounds  |    ######      |
                voices     | 111111111      |
                struck     | 1              |
                """) == [])
    }

    @Test func `the new key's note-off ends the voice, though the first key is down`() throws {
        #expect(
            try draw(
                """
                cc 84 81   |    #           |
                key 81     | ##########     |
                key 93     |    ###         |
                81 sounds  | ###            |
                93 sounds  |    ###         |
                voices     | 111111         |
                struck     | 1              |
                """) == [])
    }

    @Test func `of a chord one voice moves`() throws {
        #expect(
            try draw(
                """
                key 81     | ##########     |
                key 93     | #######        |
                cc 84 81   |    #           |
                key 105    |    ######      |
                81 sounds  | ###            |
                93 sounds  | #######        |
                105 sounds |    ######      |
                voices     | 222222211      |
                struck     | 2              |
                """) == [])
    }

    @Test func `it applies once: the next note is an ordinary note`() throws {
        #expect(
            try draw(
                """
                key 81     | ####           |
                cc 84 81   |   #            |
                key 93     |   #####        |
                key 105    |     #####      |
                81 sounds  | ##             |
                93 sounds  |   #####        |
                105 sounds |     #####      |
                voices     | 111122211      |
                struck     | 1   1          |
                """) == [])
    }

    @Test func `a releasing key gives no voice: the new note has an attack, the old one continues`() throws {
        #expect(
            try draw(
                """
                key 81     | ###            |
                cc 84 81   |      #         |
                key 93     |      ####      |
                81 sounds  | ###############|
                93 sounds  |      ##########|
                voices     | 111112222222222|
                struck     | 1    1         |
                """, [.init("8", release: "20 s")]) == [])
    }

    @Test func `a key that a pedal holds is taken`() throws {
        #expect(
            try draw(
                """
                pedal      |  ############  |
                key 81     | ###            |
                cc 84 81   |      #         |
                key 93     |      ####      |
                81 sounds  | #####          |
                93 sounds  |      ########  |
                voices     | 1111111111111  |
                struck     | 1              |
                """) == [])
    }

    @Test func `the key itself, named: its voice is the new note's`() throws {
        #expect(
            try draw(
                """
                on 81      | #              |
                cc 84 81   |    #           |
                on 81      |    #           |
                off 81     |       #  #     |
                81 sounds  | ######         |
                voices     | 111111         |
                struck     | 1              |
                """) == [])
    }

    @Test func `another channel's and another keyboard's key is not taken`() throws {
        #expect(
            try draw(
                """
                key 81 ch 2   | #########      |
                key 93 from 1 | #########      |
                cc 84 81      |   #            |
                key 105       |   ###          |
                cc 84 93      |       #        |
                key 117       |       ##       |
                81 sounds     | #########      |
                93 sounds     | #########      |
                105 sounds    |   ###          |
                117 sounds    |       ##       |
                voices        | 223332332      |
                struck        | 2 1   1        |
                """) == [])
    }

    /// In mono mode the first key waits for its voice as usual; no note has an attack.
    @Test(arguments: ["mono", "legato"]) func `in a patch of one voice it is a tie`(voices: String) throws {
        #expect(
            try draw(
                """
                key 81     | ##########     |
                cc 84 81   |    #           |
                key 93     |    ###         |
                81 sounds  | ###   ####     |
                93 sounds  |    ###         |
                voices     | 1111111111     |
                struck     | 1              |
                """, [.init(voices)]) == [])
    }

    @Test func `under the legato pedal the named voice moves, not the newest`() throws {
        #expect(
            try draw(
                """
                key 81     | ##########     |
                key 93     | ##########     |
                legato     |  ###########   |
                cc 84 81   |    #           |
                key 105    |    ###         |
                81 sounds  | ###   ####     |
                93 sounds  | ##########     |
                105 sounds |    ###         |
                voices     | 2222222222     |
                struck     | 2              |
                """) == [])
    }

    @Test func `after a program change the old patch keeps its note, and the new one has an attack`() throws {
        #expect(
            try draw(
                """
                program    |A   B           |
                key 81     | ########       |
                cc 84 81   |      #         |
                key 93     |      #####     |
                81 sounds  | ########       |
                93 sounds  |      #####     |
                voices     | 1111122211     |
                struck     | 1    1         |
                """, [.init("8"), .init("8")]) == [])
    }

    @Test func `121 cancels portamento control`() throws {
        #expect(
            try draw(
                """
                key 81     | #########      |
                cc 84 81   |   #            |
                mode 121   |    #           |
                key 93     |      ###       |
                81 sounds  | #########      |
                93 sounds  |      ###       |
                voices     | 111112221      |
                struck     | 1    1         |
                """) == [])
    }

    /// Fails where the source key has another pitch than it would sound with: a transposed layer, a scale.
    @Test func `the glide begins at the pitch that the named key has in its part`() throws {
        let values = try Probe("pitch").values(at: [1300, 9000]) {
            $0.registered(500, 2, coarse: 64 + 5, fine: 0)
            $0.bytes(600, [0xf0, 0x7f, 0x7f, 8, 2, 0, 1, 72, 80, 0, 0, 0xf7])
            $0.control(700, 84, 72)
            $0.on(1200, 60)
        }
        #expect(values[0] > 84 && values[0] <= 85 && values[1] == 65)
    }

    /// Fails where the return to a key uses the glide of a later note.
    @Test func `a return to a key does not use up portamento control`() throws {
        let values = try Probe("pitch", more: "glide: 0 s").values(at: [3100, 5010]) {
            $0.control(100, 68, 127)
            $0.on(1000, 60)
            $0.on(2000, 67)
            $0.control(2500, 84, 40)
            $0.off(3000, 67)
            $0.on(5000, 72)
        }
        #expect(values[0] == 60 && values[1] < 42)
    }
}
