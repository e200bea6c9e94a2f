import KairosControl
import KairosTestSupport
import Testing

/// Kinds of messages.
@Suite struct EventKindTests {
    @Test(arguments: Event.Kind.allCases) func `a message of each kind has that kind`(kind: Event.Kind) {
        #expect(Event(kind, number: 1, normalized: 2).kind == kind)
    }

    /// Fails where the release velocity of a key that is a control would move its target.
    @Test func `a control reads 0 from a note-off, and the value of the others`() {
        #expect(Event.Message.noteOff(key: 60, velocity: .max).controlValue == 0)
        #expect(Event.Message.noteOn(key: 60, velocity: 7).controlValue == 7)
        #expect(Event.Message.control(1, value: 8).controlValue == 8)
        let entry = Event.DataEntry(200, .whole, value: 9)
        #expect(Event.Message.nonRegistered(entry).controlValue == 9)
        #expect(Event.Message.clock.controlValue == 0)
    }
}
