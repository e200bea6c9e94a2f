import KairosControl
import Testing

@testable import KairosEngine

/// The table of the slots: free slots, and the room that a change needs.
@Suite struct SlotTableTests {
    /// A slot that rings since `frame`.
    private func ringing(since frame: Int) -> Slot {
        var slot = Slot()
        slot.phase = .ringing
        slot.leftAt = frame
        return slot
    }

    @Test func `the first free slot is the lowest, also between occupied ones`() {
        var table = SlotTable(isMulti: false)
        #expect(table.firstFree == 0)
        for index in 0..<3 { table.occupy(index, with: ringing(since: index)) }
        #expect(table.firstFree == 3)
        table.cancel(1)
        #expect(table.firstFree == 1)
        table.occupy(1, with: ringing(since: 1))
        for index in 3..<SlotTable.count { table.occupy(index, with: ringing(since: index)) }
        #expect(table.firstFree == nil)
        table.cancel(SlotTable.count - 1)
        #expect(table.firstFree == SlotTable.count - 1)
    }

    /// Slots beyond the last occupied one count as free, and a fading slot counts towards the reserve.
    @Test(arguments: [0, 1, 30, 60, 61, 62, 63, 64]) func `a change finds room while enough slots are free`(
        occupied: Int
    ) {
        var table = SlotTable(isMulti: false)
        for index in 0..<occupied { table.occupy(index, with: ringing(since: 100 - index)) }
        let messages = Ring<LoaderMessage>(capacity: 1), retired = Ring<InstanceHandoff>(capacity: 1)
        let returned = Ring<Box<RigTables>>(capacity: 1), reports = Ring<Report>(capacity: 64)
        defer { withExtendedLifetime((messages, retired, returned, reports)) {} }
        let link = LoaderLink(messages: messages, retired: retired, returned: returned, reports: reports)
        let none = SlotTable.RingingLayers(repeating: nil)
        let clock = EngineClock(sampleRate: 48_000, isLive: false)
        let hasRoom = table.makeRoom(for: 2, reserve: 3, sparing: none, NoteRouter(), link, clock)
        #expect(hasRoom == (SlotTable.count - occupied >= 2))
        let fading = (0..<SlotTable.count).filter { table[$0].phase == .fading }
        let missing = max(0, 2 + 3 - (SlotTable.count - occupied))
        // The slots that have rung longest fade: those with the lowest frames.
        #expect(fading == Array(max(0, occupied - missing)..<occupied))
        // The slots that fade now are on their way out: a second call asks for no more.
        _ = table.makeRoom(for: 2, reserve: 3, sparing: none, NoteRouter(), link, clock)
        #expect((0..<SlotTable.count).filter { table[$0].phase == .fading } == fading)
    }

    @Test func `what is published of a slot or an instance is the same when it is read`() {
        #expect(PublishedSound(word: PublishedSound.none) == nil)
        #expect(PublishedInstance(word: PublishedInstance.none) == nil)
        for number in [0, 1, 2, 3, 1 << 40] {
            for flag in [false, true] {
                let sound = PublishedSound(sound: number, isActive: flag)
                #expect(PublishedSound(word: sound.word) == sound)
                let instance = PublishedInstance(id: number, isSettled: flag)
                #expect(PublishedInstance(word: instance.word) == instance)
            }
        }
    }
}
