import KairosCompiler
import KairosControl
import KairosTestSupport
import Testing

/// Keyboards that disappear, panic, pedals and mode messages, as drawings. Each test states what makes it fail.
@Suite(.everyInput) struct HandTimelines {
    private func draw(_ drawing: String, mappings: [Mapping] = []) throws -> [String] {
        Timeline(drawing).faults(try Timeline.plain(mappings: mappings))
    }

    // MARK: a keyboard comes and goes

    /// Fails where the keys of an unplugged keyboard stay down, so that its notes are stuck.
    @Test func `unplugged: its own keys are released`() throws {
        #expect(
            try draw(
                """
                program          |A               |
                key 60 from 1    | ###########    |
                key 64 from 2    |  ##########    |
                unplugged from 1 |      #         |
                A sounds         | 12222111111    |
                """) == [])
    }

    /// Fails where the pedal of an unplugged keyboard stays down, or where another keyboard's pedal is released
    /// with it.
    @Test func `unplugged: its own pedal is released`() throws {
        #expect(
            try draw(
                """
                program          |A               |
                key 60 from 1    | ##             |
                pedal from 1     |##############  |
                key 64 from 2    |  ###           |
                pedal from 2     |   ######       |
                unplugged from 1 |     #          |
                A sounds         | 12221111       |
                """) == [])
        #expect(
            try draw(
                """
                program          |A               |
                key 60 from 1    | ##             |
                pedal from 1     |##############  |
                sostenuto from 1 |  ############  |
                unplugged from 1 |      #         |
                A sounds         | 11111          |
                """) == [])
    }

    /// Fails where only the active sound is released: a note of the old sound is stuck.
    @Test func `unplugged after a change: its notes in the old sound end too`() throws {
        #expect(
            try draw(
                """
                program          |A   B           |
                key 60 from 1    | ############   |
                key 64 from 1    |     ########   |
                unplugged from 1 |        #       |
                A sounds         | 1111111        |
                B sounds         |     111        |
                """) == [])
    }

    /// Fails where the keys of a keyboard that returns count as held: its first note-off has no effect, or its
    /// first note is triggered twice.
    @Test func `plugged in again: it plays as before`() throws {
        #expect(
            try draw(
                """
                program          |A               |
                key 60 from 1    | ####   ###     |
                unplugged from 1 |   #            |
                A sounds         | 11     111     |
                """) == [])
    }

    // MARK: panic

    /// Fails where panic reaches the active sound only, or leaves a pedal down that holds the next note.
    @Test func `panic: every slot, every keyboard, every pedal`() throws {
        #expect(
            try draw(
                """
                program            |A   B   !        |
                key 60 from 1      | ###########     |
                key 64 ch 2 from 2 |     #######     |
                pedal from 1       | ################|
                sostenuto from 1   |  ###############|
                key 67 from 1      |           ##    |
                A sounds           | 1111111         |
                B sounds           |     111   11    |
                """) == [])
    }

    /// Fails where echoes and releases continue.
    @Test func `panic: echoes and releases are silent within 10 ms`() throws {
        let patch = """
            voices: 4
            level: -6 dB
            modules:
              keys: { type: keys }
              osc: { type: sine }
              env: { type: adsr, attack: 0 s, decay: 0 s, sustain: 100 %, release: 10 s }
              vca: { type: vca }
              echo: { type: delay, each: once }
              out: { type: output }
            connections:
              - keys.pitch -> osc
              - keys.gate -> env.gate
              - osc -> vca
              - env -> vca.level
              - vca -> echo
              - echo -> out
            """
        var score = Score()
        score.on(100, 60)
        score.off(24_000, 60)
        score.program(30_000, 1)
        score.on(30_100, 67)
        score.add(48_000, Event(.panic))
        let sounds = try [0, 1].map { Sound(try compile(patch, name: "P\($0)", program: $0)) }
        let sound = Rendering(sounds, score.events, frames: 96_000)
        #expect(sound.left[47_000..<48_000].contains { abs($0) > 0.05 })
        #expect(sound.left[48_480...].allSatisfy { $0 == 0 })
    }

    // MARK: pedals

    /// Fails where the pedal holds a repeated note as one note, or ends a held key when it is released.
    @Test func `a key repeated under the pedal stays after its release while held`() throws {
        #expect(
            try draw(
                """
                program  |A               |
                key 60   | ##   ######    |
                pedal    |  ######        |
                A sounds | 11111221111    |
                """) == [])
    }

    /// Fails where hold 2 is the same pedal as the sustain pedal: the release of either ends both.
    @Test func `two pedals that hold: both must be up`() throws {
        #expect(
            try draw(
                """
                program  |A               |
                key 60   | ##             |
                pedal    |  ####          |
                hold     |    ######      |
                A sounds | 111111111      |
                """) == [])
    }

    /// Fails where sostenuto holds later notes, or is released with the sustain pedal.
    @Test func `sostenuto holds its own, whatever the sustain pedal does`() throws {
        #expect(
            try draw(
                """
                program   |A               |
                key 60    | ####           |
                key 64    |     ##         |
                sostenuto |   #########    |
                pedal     |      ###       |
                A sounds  | 11112222111    |
                """) == [])
    }

    /// Fails where an inverted pedal that is 127 when released holds every note from the start.
    @Test func `a pedal that was down at the start is inverted`() throws {
        var mapping = Mapping(name: "m")
        mapping.keyboard.polarity = .auto
        // The first value is 0. It was 127, which is released.
        #expect(
            try draw(
                """
                program  |A               |
                key 60   |   ##           |
                key 64   |          ##    |
                pedal    |  _____####_____|
                A sounds |   1111   111111|
                """, mappings: [mapping]) == [])
    }

    /// Fails where half-way counts as down on a pedal with half-pedalling, or as up on a switch.
    @Test func `half-way: a switch holds, a half-pedal damps`() throws {
        #expect(
            try draw(
                """
                program  |A                           |
                key 60   | ##                         |
                pedal    |  -----------------------   |
                A sounds | 111111111111111111111111   |
                """) == [])
        var mapping = Mapping(name: "m")
        mapping.keyboard.hasHalfPedal = true
        // After half a second half of the level is left.
        #expect(
            try draw(
                """
                program  |A                           |
                key 60   | ##                         |
                pedal    |  -----------------------   |
                A sounds | 111111111111111111111      |
                """, mappings: [mapping]) == [])
    }

    /// Fails where a legato note is a new note, or where the release of one key releases all.
    @Test func `the legato pedal ties the keys into one voice`() throws {
        #expect(
            try draw(
                """
                program  |A               |
                legato   |##########      |
                key 60   | ######         |
                key 64   |   ######       |
                key 67   |           ##   |
                key 71   |           ##   |
                A sounds | 11111111  22   |
                """) == [])
    }

    // MARK: mode messages

    /// Fails where All Notes Off releases the pedal, or has no effect after its release.
    @Test func `123: keys go up, what a pedal holds is held`() throws {
        #expect(
            try draw(
                """
                program  |A               |
                key 60   | #######        |
                key 64   |     ###        |
                pedal    |   #######      |
                mode 123 |  #   #         |
                A sounds | 1   11111      |
                """) == [])
    }

    /// Fails where All Sound Off waits for the pedal, or reaches another channel.
    @Test func `120: silence at once, pedal or not, on its channel`() throws {
        #expect(
            try draw(
                """
                program     |A               |
                key 60      | ####           |
                key 64 ch 2 | ##########     |
                pedal       |############### |
                mode 120    |       #        |
                key 67      |         ##     |
                A sounds    | 22222211221111 |
                """) == [])
    }

    /// Fails where Reset All Controllers leaves a pedal down, or releases keys.
    @Test func `121: pedals up, keys stay down`() throws {
        #expect(
            try draw(
                """
                program   |A               |
                key 60    | ##             |
                key 64    |   #########    |
                pedal     |###########     |
                sostenuto |  #########     |
                mode 121  |      #         |
                A sounds  | 11222111111    |
                """) == [])
    }

    /// Fails where Reset All Controllers leaves hold 2 or legato down, which RP-015 does not name.
    @Test func `121: hold 2 and legato are up`() throws {
        #expect(
            try draw(
                """
                program   |A                 |
                hold      |##################|
                legato    |##################|
                key 60    | ##               |
                mode 121  |     #            |
                key 64    |         ####     |
                key 67    |          ####    |
                A sounds  | 1111    12221    |
                """) == [])
    }

    /// Fails where omni and poly only switch a mode: the standard demands that they release all keys first.
    @Test(arguments: [124, 125, 126, 127]) func `124 to 127 release the keys`(mode: Int) throws {
        #expect(
            try draw(
                """
                program     |A               |
                key 60      | ########       |
                key 64 ch 2 | ########       |
                mode \(mode)    |    #           |
                A sounds    | 22211111       |
                """) == [])
    }

    /// Fails where mono mode belongs to the instrument and not to the channel, or does not end.
    @Test func `126 and 127: one voice on that channel, then many`() throws {
        #expect(
            try draw(
                """
                program     |A                 |
                mode 126    |#                 |
                key 60      | ######           |
                key 64      |   ####           |
                key 70 ch 2 | ######           |
                key 72 ch 2 | ######           |
                mode 127    |         #        |
                key 62      |          ###     |
                key 65      |          ###     |
                A sounds    | 333333   222     |
                """) == [])
    }
}
