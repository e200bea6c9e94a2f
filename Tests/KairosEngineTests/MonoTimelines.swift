import KairosControl
import KairosTestSupport
import Testing

/// Mono and legato mode, as drawings: every way into and out of them over held, pedalled and releasing notes. One
/// voice moves. The others continue at their own pitches and end by themselves.
@Suite(.everyInput) struct MonoTimelines {
    private func draw(
        _ drawing: String, _ voicings: [Timeline.Voicing] = [.init("8")], mappings: [Mapping] = []
    ) throws -> [String] {
        try Timeline(drawing).faults(voicings, mappings: mappings)
    }

    private let ringing = [Timeline.Voicing("8", release: "20 s")]

    // MARK: into mono (CC 126)

    /// Fails where every sounding voice moves to the new key and is triggered again.
    @Test func `126 over a releasing chord: the newest voice moves`() throws {
        #expect(
            try draw(
                """
                key 81     | ###            |
                key 93     | ###            |
                key 105    | ###            |
                mode 126   |      #         |
                key 117    |        ###     |
                81 sounds  | ###############|
                93 sounds  | ###############|
                105 sounds | #######        |
                117 sounds |        ########|
                voices     | 333333333333333|
                struck     | 3      1       |
                """, ringing) == [])
    }

    @Test func `126 over a chord that a pedal holds: one voice moves, the others wait for the pedal`() throws
    {
        #expect(
            try draw(
                """
                pedal      |  ############  |
                key 81     | ###            |
                key 93     | ###            |
                mode 126   |      #         |
                key 105    |        ###     |
                81 sounds  | #############  |
                93 sounds  | #######        |
                105 sounds |        ######  |
                voices     | 2222222222222  |
                struck     | 2      1       |
                """) == [])
    }

    @Test func `126 over a chord that sostenuto holds: the voice returns to a held note`() throws {
        #expect(
            try draw(
                """
                key 81     | ###            |
                key 93     | ###            |
                sostenuto  |  ############  |
                mode 126   |      #         |
                key 105    |        ###     |
                81 sounds  | #############  |
                93 sounds  | #######   ###  |
                105 sounds |        ###     |
                voices     | 2222222222222  |
                struck     | 2      1       |
                """) == [])
    }

    @Test func `126 over held keys: they are released, and the next key has a voice`() throws {
        #expect(
            try draw(
                """
                key 81     | #########      |
                key 93     | #########      |
                mode 126   |    #           |
                key 105    |      #####     |
                key 117    |        ##      |
                81 sounds  | ###            |
                93 sounds  | ###            |
                105 sounds |      ##  #     |
                117 sounds |        ##      |
                voices     | 222  11111     |
                struck     | 2    1 1       |
                """) == [])
    }

    @Test func `126 on one channel leaves the voices of another alone`() throws {
        #expect(
            try draw(
                """
                mode 126        |#               |
                key 81 ch 2     | ########       |
                key 93          |  ####          |
                key 105         |    ####        |
                81 sounds       | ########       |
                93 sounds       |  ##            |
                105 sounds      |    ####        |
                voices          | 12222221       |
                struck          | 11 1           |
                """) == [])
    }

    // MARK: out of mono (CC 127)

    @Test func `127 releases the keys, and many voices sound again`() throws {
        #expect(
            try draw(
                """
                mode 126   |#               |
                key 81     | ######         |
                key 93     |   ####         |
                mode 127   |     #          |
                key 105    |        ###     |
                key 117    |         ###    |
                81 sounds  | ##             |
                93 sounds  |   ##           |
                105 sounds |        ###     |
                117 sounds |         ###    |
                voices     | 1111   1221    |
                struck     | 1 1    11      |
                """) == [])
    }

    @Test func `127 over a note held by a pedal: its voice stays until the pedal is up`() throws {
        #expect(
            try draw(
                """
                pedal      |###########     |
                mode 126   |#               |
                key 81     | ######         |
                key 93     |   ####         |
                mode 127   |     #          |
                key 105    |        #####   |
                81 sounds  | ##             |
                93 sounds  |   ########     |
                105 sounds |        #####   |
                voices     | 111111122211   |
                struck     | 1 1    1       |
                """) == [])
    }

    // MARK: legato (CC 68)

    /// Fails where a legato note moves the whole chord.
    @Test func `68 over a held chord: the newest moves without an attack, the others end with their keys`()
        throws
    {
        #expect(
            try draw(
                """
                key 81     | ##########     |
                key 93     | #######        |
                legato     |   #########    |
                key 105    |     ####       |
                81 sounds  | ##########     |
                93 sounds  | ####           |
                105 sounds |     ####       |
                voices     | 2222222211     |
                struck     | 2              |
                """) == [])
    }

    @Test func `68 over a held chord: the voice returns to the key it came from`() throws {
        #expect(
            try draw(
                """
                key 81     | #######        |
                key 93     | ##########     |
                legato     |   #########    |
                key 105    |     ##         |
                81 sounds  | #######        |
                93 sounds  | ####  ####     |
                105 sounds |     ##         |
                voices     | 2222222111     |
                struck     | 2              |
                """) == [])
    }

    @Test func `68 over a releasing chord: the newest voice moves with an attack`()
        throws
    {
        #expect(
            try draw(
                """
                key 81     | ###            |
                key 93     | ###            |
                legato     |     ###########|
                key 105    |       #####    |
                key 117    |         ##     |
                81 sounds  | ###############|
                93 sounds  | ######         |
                105 sounds |       ##  #####|
                117 sounds |         ##     |
                voices     | 222222222222222|
                struck     | 2     1        |
                """, ringing) == [])
    }

    @Test func `68 over a held and a releasing note: the held one is tied`() throws {
        #expect(
            try draw(
                """
                key 81     | ##########     |
                key 93     |  ##            |
                legato     |     ########   |
                key 105    |       ###      |
                81 sounds  | ######   ######|
                93 sounds  |  ##############|
                105 sounds |       ###      |
                voices     | 122222222222222|
                struck     | 11             |
                """, ringing) == [])
    }

    @Test func `68 over a note held by a pedal ties to it`() throws {
        #expect(
            try draw(
                """
                pedal      |  ############  |
                key 81     | ###            |
                legato     |     ####       |
                key 93     |       ###      |
                81 sounds  | ######         |
                93 sounds  |       #######  |
                voices     | 1111111111111  |
                struck     | 1              |
                """) == [])
    }

    @Test
    func
        `the legato pedal is released under tied keys: the voice still returns, and new keys have their own`()
        throws
    {
        #expect(
            try draw(
                """
                legato     |#####           |
                key 81     | ############   |
                key 93     |   #####        |
                key 105    |      ####      |
                81 sounds  | ##     #####   |
                93 sounds  |   #####        |
                105 sounds |      ####      |
                voices     | 111112222111   |
                struck     | 1    1         |
                """) == [])
    }

    @Test func `the keyboard with the legato pedal vanishes: the channel has many voices again`() throws {
        #expect(
            try draw(
                """
                legato from 1    |################|
                key 81 from 1    | ##########     |
                key 93 from 1    |   ########     |
                unplugged from 1 |      #         |
                key 81 from 2    |        ###     |
                key 93 from 2    |         ###    |
                81 sounds        | ##     ###     |
                93 sounds        |   ###   ###    |
                voices           | 11111  1221    |
                struck           | 1      11      |
                """) == [])
    }

    // MARK: patches of one voice

    @Test(arguments: [("mono", "| 1 1 1          |"), ("legato", "| 1              |")])
    func `a patch of one voice returns key by key`(_ voicing: (name: String, struck: String)) throws {
        #expect(
            try draw(
                """
                key 81     | ###########    |
                key 93     |   ######       |
                key 105    |     ##         |
                81 sounds  | ##      ###    |
                93 sounds  |   ##  ##       |
                105 sounds |     ##         |
                voices     | 11111111111    |
                struck     \(voicing.struck)
                """, [.init(voicing.name)]) == [])
    }

    @Test(arguments: ["mono", "legato"])
    func `a waiting key is released, and the voice does not return to it`(
        voices: String
    ) throws {
        #expect(
            try draw(
                """
                key 81     | ##########     |
                key 93     |   ####         |
                key 105    |     ####       |
                81 sounds  | ##      ##     |
                93 sounds  |   ##           |
                105 sounds |     ####       |
                voices     | 1111111111     |
                """, [.init(voices)]) == [])
    }

    @Test(arguments: ["mono", "legato"])
    func `the pedal holds the newest note, and waiting notes end with it`(
        voices: String
    ) throws {
        #expect(
            try draw(
                """
                pedal      |  ##########    |
                key 81     | ###            |
                key 93     |     ###        |
                81 sounds  | ####           |
                93 sounds  |     #######    |
                voices     | 11111111111    |
                """, [.init(voices)]) == [])
    }

    @Test(arguments: ["mono", "legato"]) func `the voice returns to a note held by sostenuto`(voices: String)
        throws
    {
        #expect(
            try draw(
                """
                key 81     | ###            |
                sostenuto  |  ##########    |
                key 93     |     ###        |
                81 sounds  | ####   ####    |
                93 sounds  |     ###        |
                voices     | 11111111111    |
                """, [.init(voices)]) == [])
    }

    @Test func `the soft and the second hold pedal change no voice`() throws {
        #expect(
            try draw(
                """
                cc 67 127  |#               |
                hold       |  ##########    |
                key 81     | ###            |
                key 93     |     ###        |
                81 sounds  | ####           |
                93 sounds  |     #######    |
                voices     | 11111111111    |
                struck     | 1   1          |
                """, [.init("mono")]) == [])
    }

    @Test func `mono: the same key twice is struck twice, and held until its last note-off`() throws {
        #expect(
            try draw(
                """
                on 81      | # #            |
                off 81     |      #   #     |
                81 sounds  | #########      |
                voices     | 111111111      |
                struck     | 1 1            |
                """, [.init("mono")]) == [])
    }

    // MARK: program changes

    @Test func `from a mono patch to many voices, under alternating keys`() throws {
        #expect(
            try draw(
                """
                program    |A    B          |
                key 81     | ###########    |
                key 93     |   ######       |
                key 105    |      ########  |
                key 117    |       #######  |
                81 sounds  | ##      ###    |
                93 sounds  |   ######       |
                105 sounds |      ########  |
                117 sounds |       #######  |
                voices     | 1111123333322  |
                struck     | 1 1  11        |
                """, [.init("mono"), .init("8")]) == [])
    }

    @Test func `from many voices to a mono patch and back, under held keys`() throws {
        #expect(
            try draw(
                """
                program    |A    B    A     |
                key 81     | ############   |
                key 93     |      #######   |
                key 105    |        ###     |
                key 117    |           ##   |
                81 sounds  | ############   |
                93 sounds  |      ##   ##   |
                105 sounds |        ###     |
                117 sounds |           ##   |
                voices     | 111112222233   |
                struck     | 1    1 1  1    |
                """, [.init("8"), .init("mono")]) == [])
    }

    @Test
    func `the legato pedal over a program change: each patch ties its own notes`()
        throws
    {
        #expect(
            try draw(
                """
                program    |A    B          |
                legato     |############    |
                key 81     | ###########    |
                key 93     |   ######       |
                key 105    |      #######   |
                key 117    |       ###      |
                81 sounds  | ##      ###    |
                93 sounds  |   ######       |
                105 sounds |      #   ###   |
                117 sounds |       ###      |
                voices     | 111112222221   |
                struck     | 1    1         |
                """, [.init("8"), .init("8")]) == [])
    }

    // MARK: MPE

    /// Fails where mono and legato mode belong to a member channel and not to the zone.
    @Test func `on an MPE keyboard the legato pedal ties all fingers`() throws {
        var mapping = Mapping(name: "m")
        mapping.keyboard.lowerMembers = 15
        #expect(
            try draw(
                """
                legato      |############    |
                key 81 ch 2 | ########       |
                key 93 ch 3 |   ####         |
                81 sounds   | ##    ##       |
                93 sounds   |   ####         |
                voices      | 11111111       |
                struck      | 1              |
                """, mappings: [mapping]) == [])
    }

    // MARK: what ends a voice that others wait for

    @Test func `120, panic and a removed keyboard leave no waiting note`() throws {
        for (end, row) in [("120", "mode 120"), ("panic", "program"), ("gone", "unplugged from 0")] {
            let mark = end == "panic" ? "!" : "#"
            #expect(
                try draw(
                    """
                    mode 126   |#               |
                    key 81     | ###########    |
                    key 93     |   #####        |
                    \(row)     |      \(mark)         |
                    key 105    |          #     |
                    81 sounds  | ##             |
                    93 sounds  |   ###          |
                    105 sounds |          #     |
                    voices     | 11111    1     |
                    """) == [], "\(end)")
        }
    }
}
