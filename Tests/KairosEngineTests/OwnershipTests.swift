import KairosControl
import KairosEngine
import KairosTestSupport
import Testing

/// Note ownership after a change. Each drawing has one correct result; docs/guides/program-changes.md explains it.
@Suite(.everyInput) struct Ownership {
    private func draw(_ drawing: String, mode: EngineSetup.Mode = .entry) throws -> [String] {
        Timeline(drawing).faults(try Timeline.plain(), mode: mode)
    }

    /// Fails where a change ends held notes, or moves them to the new sound (surge 8438).
    @Test func `held notes continue in the old sound until they are released`() throws {
        #expect(
            try draw(
                """
                program  |A    B         |
                key 60   |  ########     |
                key 64   |       ####    |
                A sounds |  11111111     |
                B sounds |       1111    |
                """) == [])
    }

    /// Fails where a second note-on of a key ends the first note, in the new sound.
    @Test func `a key pressed again under the pedal sounds twice, old and new`() throws {
        #expect(
            try draw(
                """
                program  |A    B           |
                key 60   | ###    ###      |
                pedal    |  ############   |
                A sounds | 1111111111111   |
                B sounds |        111111   |
                """) == [])
    }

    /// Fails where a note-off is matched by key alone: it would end a note of the other split.
    @Test func `a note-off on another channel ends nothing`() throws {
        #expect(
            try draw(
                """
                program     |A    B        |
                key 60 up 2 |  #####       |
                key 64      |      ###     |
                A sounds    |  111111111111|
                B sounds    |      111     |
                """) == [])
    }

    /// Fails where notes with lost note-offs accumulate.
    @Test func `a third note-on of a key ends the oldest of two open notes`() throws {
        #expect(
            try draw(
                """
                on 60    | # # #           |
                off 60   |       # # #     |
                A sounds | 11222211        |
                """) == [])
    }

    /// Fails where only one old sound can continue, and a second change ends its note.
    @Test func `held over two changes`() throws {
        #expect(
            try draw(
                """
                program  |A   B   C        |
                key 60   | #############   |
                key 64   |     ######      |
                key 67   |         #####   |
                A sounds | 1111111111111   |
                B sounds |     111111      |
                C sounds |         11111   |
                """) == [])
    }

    /// Fails where a change back starts a sounding patch a second time, or ends it to start again.
    @Test func `a change back: the sounding patch continues, and new notes join it`() throws {
        #expect(
            try draw(
                """
                program  |A   B   A        |
                key 60   | #############   |
                key 64   |     ######      |
                key 67   |         #####   |
                A sounds | 1111111122222   |
                B sounds |     111111      |
                """) == [])
    }

    /// Fails where the release of the pedal reaches the new sound only: the old one is stuck (zynthian-ui 66).
    @Test func `a pedal released after the change releases the notes from before it`() throws {
        #expect(
            try draw(
                """
                program  |A     B          |
                key 60   | ##              |
                key 64   |       ##        |
                pedal    |  #########      |
                A sounds | 1111111111      |
                B sounds |       1111      |
                """) == [])
    }

    /// Fails where the keys of the new sound are held by a pedal that was pressed before the change.
    @Test func `sostenuto does not apply to the next patch`() throws {
        #expect(
            try draw(
                """
                program   |A     B          |
                key 60    | ####            |
                sostenuto |  ##########     |
                key 64    |        ##       |
                A sounds  | 11111111111     |
                B sounds  |        11       |
                """) == [])
    }

    /// Fails where a pedal belongs to the instrument and not to the channel (six-sines 88).
    @Test func `the pedal of one keyboard does not affect another channel`() throws {
        #expect(
            try draw(
                """
                program     |A     B          |
                key 60 ch 1 | ####            |
                key 64 ch 2 | ####            |
                pedal ch 2  |  ########       |
                A sounds    | 222211111       |
                """) == [])
    }

    /// Fails where every program of a burst is built, or an active one starts again (zynthian 1315).
    @Test func `of several changes the last wins, and the same entry again has no effect`() throws {
        #expect(
            try draw(
                """
                program  |B  * A A ? B     |
                key 60   | ############    |
                key 64   |    ######       |
                key 67   |           ##    |
                A sounds |    111111       |
                B sounds | 111111111122    |
                """) == [])
    }

    /// Fails where a list wraps around, is left at its ends, or where one of several steps is lost.
    @Test func `next, previous, and no entry before the first or after the last`() throws {
        #expect(
            try draw(
                """
                program  |A > > > < < <    |
                key 60   | #               |
                key 61   |   #             |
                key 62   |     #           |
                key 63   |       #         |
                key 64   |         #       |
                key 65   |           #     |
                key 66   |             #   |
                A sounds | 1         1 1   |
                B sounds |   1     1       |
                C sounds |     1 1         |
                """) == [])
    }

    /// Fails where panic reaches the active sound only (zynthian 110).
    @Test func `panic ends everything in every slot, and the next note plays`() throws {
        #expect(
            try draw(
                """
                program  |A   B   !        |
                key 60   | ###########     |
                key 64   |     #######     |
                key 67   |           ##    |
                A sounds | 1111111         |
                B sounds |     111   11    |
                """) == [])
    }

    /// Fails where a program change on one channel affects the sound of another.
    @Test func `in multi each channel has its own program`() throws {
        #expect(
            try draw(
                """
                program ch 1 |A    B         |
                program ch 2 |C         A    |
                key 60 ch 1  | ########      |
                key 60 ch 2  | ###########   |
                key 64 ch 1  |      ###      |
                key 64 ch 2  |           #   |
                A sounds     | 11111111  1   |
                B sounds     |      111      |
                C sounds     | 11111111111   |
                """, mode: .multi) == [])
    }
}
