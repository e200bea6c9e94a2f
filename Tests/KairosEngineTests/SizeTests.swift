import KairosControl
import Testing

@testable import KairosEngine

/// The sizes of plain values that cross threads or wait in queues. They are checked where an engine is made, too.
@Suite struct SizeTests {
    @Test func `an event has at most 32 bytes`() { #expect(MemoryLayout<Event>.stride <= Event.size) }

    @Test func `a report has at most 72 bytes`() {
        #expect(MemoryLayout<Report>.stride <= Report.size, "\(MemoryLayout<Report>.size)")
    }

    @Test func `a change of a control value has at most 32 bytes`() {
        #expect(MemoryLayout<ControlChange>.stride <= ControlChange.size)
    }
}
