import KairosControl
import KairosTestSupport
import Testing

/// Note stages and everything that ends notes, as drawings: pedals, latch, mode messages, panic, a lost device,
/// program changes. A column is 1200 frames; a sixteenth at 120 beats per minute is five columns.
@Suite(.everyInput) struct NoteStageTimelines {
    private func draw(_ drawing: String, _ voicings: [Timeline.Voicing]) throws -> [String] {
        try Timeline(drawing).faults(voicings)
    }

    private static let arp = Timeline.Voicing("8", notes: "[{ type: arp, gate: 60 %, rate: 1/16 }]")
    private static let latched = Timeline.Voicing(
        "8", notes: "[{ type: arp, gate: 60 %, rate: 1/16, latch: true }]")
    private static let plain = Timeline.Voicing("8")
    private static let octaves = Timeline.Voicing("8", notes: "[{ type: chord, shape: octave }]")

    // MARK: keys and pedals

    @Test func `an arpeggio of two keys`() throws {
        #expect(
            try draw(
                """
                key 81    | ##################      |
                key 93    | ##################      |
                81 sounds | ###       ###           |
                93 sounds |      ###       ###      |
                voices    | 111  111  111  111      |
                struck    | 1    1    1    1        |
                """, [Self.arp]) == [])
    }

    @Test func `the sustain pedal holds its keys`() throws {
        #expect(
            try draw(
                """
                pedal     |  ################       |
                key 81    | ##                      |
                key 93    | ##                      |
                81 sounds | ###       ###           |
                93 sounds |      ###       ###      |
                """, [Self.arp]) == [])
    }

    @Test func `the sostenuto pedal holds the keys that were down`() throws {
        #expect(
            try draw(
                """
                key 81    | ###                     |
                sostenuto |  ###############        |
                key 93    |   ##                    |
                81 sounds | ###  ###  ###  ###      |
                93 sounds |                         |
                """, [Self.arp]) == [])
    }

    @Test func `a chord is held by the pedal as its key is`() throws {
        #expect(
            try draw(
                """
                pedal     |   ########   |
                key 81    | ###          |
                81 sounds | ##########   |
                93 sounds | ##########   |
                voices    | 2222222222   |
                """, [Self.octaves]) == [])
    }

    // MARK: latch

    @Test func `latch holds keys until the next key`() throws {
        #expect(
            try draw(
                """
                key 81    | #                              |
                key 93    |                 #              |
                81 sounds | ###  ###  ###  ###             |
                93 sounds |                 ###  ###  ###  |
                """, [Self.latched]) == [])
    }

    @Test func `keys that are pressed while another is down join the latched ones`() throws {
        #expect(
            try draw(
                """
                key 81    | ####                    |
                key 93    |   ##                    |
                81 sounds | ###       ###       ### |
                93 sounds |      ###       ###      |
                """, [Self.latched]) == [])
    }

    @Test(arguments: ["mode 123", "unplugged"]) func `ends latched notes`(row: String) throws {
        #expect(
            try draw(
                """
                key 81    | #                       |
                \(row)    |           #             |
                81 sounds | ###  ###  ###           |
                """, [Self.latched]) == [])
    }

    @Test func `a program change ends latched notes, and held keys go on`() throws {
        #expect(
            try draw(
                """
                program   |A       B                |
                key 81    | #                       |
                81 sounds | ###  ###                |
                """, [Self.latched, Self.plain]) == [])
    }

    // MARK: everything off

    @Test func `All Notes Off lifts the keys`() throws {
        #expect(
            try draw(
                """
                key 81    | ###################     |
                mode 123  |       #                 |
                81 sounds | ###  ###                |
                """, [Self.arp]) == [])
    }

    @Test func `All Sound Off and panic silence at once`() throws {
        for row in ["mode 120  |       #                 |", "program   |       !                 |"] {
            #expect(
                try draw(
                    """
                    key 81    | ###################     |
                    \(row)
                    key 93    |            ########     |
                    81 sounds | ###  #                  |
                    93 sounds |            ###  ###     |
                    """, [Self.arp]) == [])
        }
    }

    @Test func `a lost device ends its keys, and only those`() throws {
        #expect(
            try draw(
                """
                key 81 from 1    | ###################     |
                key 93 from 2    | ###################     |
                unplugged from 1 |       #                 |
                81 sounds        | ###                     |
                93 sounds        |      ###  ###  ###      |
                """, [Self.arp]) == [])
    }

    // MARK: program changes

    @Test func `held keys keep the old arpeggio, new keys get the new patch`() throws {
        #expect(
            try draw(
                """
                program    |A       B                |
                key 81     | ###################     |
                key 105    |          ########       |
                81 sounds  | ###  ###  ###  ###      |
                105 sounds |          ########       |
                """, [Self.arp, Self.plain]) == [])
        #expect(
            try draw(
                """
                program    |A       B                |
                key 81     | ###################     |
                key 105    |            ########     |
                81 sounds  | ###################     |
                105 sounds |            ###  ###     |
                """, [Self.plain, Self.arp]) == [])
    }

    @Test func `each patch has an arpeggio of its own`() throws {
        #expect(
            try draw(
                """
                program    |A       B                |
                key 81     | ###################     |
                key 93     | ###################     |
                key 105    |          ######         |
                key 117    |          ######         |
                81 sounds  | ###       ###           |
                93 sounds  |      ###       ###      |
                105 sounds |          ###            |
                117 sounds |               ###       |
                """, [Self.arp, Self.arp]) == [])
    }

    @Test func `a mono patch returns to the note that is still held`() throws {
        #expect(
            try draw(
                """
                key 81    | ##########  |
                key 93    |    ###      |
                81 sounds | ###   ####  |
                93 sounds |    ###      |
                voices    | 1111111111  |
                struck    | 1  1        |
                """, [Timeline.Voicing("mono", notes: "[{ type: scale, scale: chromatic }]")]) == [])
    }

    @Test func `a strummed chord in a mono patch: the later note takes the voice`() throws {
        #expect(
            try draw(
                """
                key 81    | ##############     |
                81 sounds | ####               |
                93 sounds |     ##########     |
                voices    | 11111111111111     |
                struck    | 1   1              |
                """,
                [.init("mono", notes: "[{ type: chord, shape: octave }, { type: strum, time: 100 ms }]")])
                == [])
    }
}
