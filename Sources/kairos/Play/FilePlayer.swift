import CRealtime
import Foundation
import KairosControl
import KairosFiles
import Synchronization

/// Plays a MIDI file live, through an event input of its own: the same path as a keyboard's.
final class FilePlayer: Sendable {
    /// Nanoseconds between the start and the song's beginning.
    private static let lead: UInt64 = 500_000_000
    /// Nanoseconds by which events reach the engine before they are due; it keeps what is not.
    private static let ahead: UInt64 = 50_000_000

    private let stopping = Atomic<Bool>(false)
    private let done = Atomic<Bool>(false)
    private let finished = DispatchSemaphore(value: 0)

    /// Starts `song` half a second from now, with its clock where `clocked`.
    init(_ song: StandardMIDIFile, ring: Ring<Event>, door: UInt8, clocked: Bool) {
        let thread = Thread { [self] in
            play(clocked ? song.clocked : song.events, length: song.length, ring, door)
            done.store(true, ordering: .releasing)
            finished.signal()
        }
        thread.name = "kairos-file"
        thread.start()
    }

    /// Whether the file has been played to its end.
    var isDone: Bool { done.load(ordering: .acquiring) }

    func stop() {
        stopping.store(true, ordering: .releasing)
        finished.wait()
    }

    private func play(_ events: [Event], length: UInt64, _ ring: Ring<Event>, _ door: UInt8) {
        let start = crt_now() + Self.lead
        var sources: Set<UInt16> = []
        for var event in events {
            event.stamp = Self.sum(start, event.stamp)
            guard wait(until: event.stamp - Self.ahead) else { break }
            event.door = door
            // Further ports have numbers of their own.
            if event.source == 0 { event.source = FixedSource.file }
            sources.insert(event.source)
            guard push(event, ring) else { break }
        }
        // The song lets go of what it holds at its end, but not where it is stopped before.
        guard !wait(until: Self.sum(start, length)) else { return }
        for source in sources { ring.push(Event(.sourceGone, stamp: crt_now(), source: source, door: door)) }
    }

    /// Waits until there is room. False where the player is stopped.
    private func push(_ event: Event, _ ring: Ring<Event>) -> Bool {
        while !ring.push(event) {
            if stopping.load(ordering: .acquiring) { return false }
            Thread.sleep(forTimeInterval: 0.001)
        }
        return true
    }

    /// False where the player is stopped before.
    private func wait(until moment: UInt64) -> Bool {
        while !stopping.load(ordering: .acquiring) {
            if crt_now() >= moment { return true }
            Thread.sleep(forTimeInterval: 0.01)
        }
        return false
    }

    /// A stamp may be as large as a UInt64 holds.
    private static func sum(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? .max : sum
    }
}
