import KairosControl
import KairosEngine
import Synchronization

/// The two event inputs of OSC: one for notes and program changes, one for values. They are separate because
/// the commands that use them run on separate threads. [input, control]
final class OSCEventInputs: Sendable {
    /// Notes and program changes, in the order in which they were played.
    let notes: Mutex<Ring<Event>>
    private let values: Mutex<Ring<Event>>

    /// The input number of the events for notes; that for values is the next. All MIDI inputs come before it.
    private static let number: UInt8 = 8

    /// Adds two event inputs to an engine that does not run yet. [control]
    init(_ engine: Engine) {
        notes = Mutex(engine.addInput())
        values = Mutex(engine.addInput())
    }

    /// Sends an event to the input for notes and program changes. Throws `busy` if it is full.
    func play(_ event: Event) throws(OSCError) {
        var event = event
        event.input = Self.number
        event.source = FixedSource.osc
        guard notes.withLock({ $0.push(event) }) else {
            throw OSCError(.busy, "the event queue is full; try again", name: "\(event.kind)")
        }
    }

    /// Sends an event to the input for values. Throws `busy` if it is full.
    func sendValue(_ event: Event) throws(OSCError) { try sendValues([event]) }

    /// Sends events to the input for values: all of them, or none. Throws `busy` if there is no room for all.
    func sendValues(_ events: [Event]) throws(OSCError) {
        let isSent = values.withLock { ring in
            guard ring.room >= events.count else { return false }
            for var event in events {
                event.input = Self.number + 1
                event.source = FixedSource.osc
                ring.push(event)
            }
            return true
        }
        if !isSent {
            throw OSCError(
                .busy, "the value queue is full; none of these values was set; try again", name: "values")
        }
    }
}
