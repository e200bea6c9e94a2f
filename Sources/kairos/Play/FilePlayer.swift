import CRealtime
import Foundation
import KairosControl
import KairosFiles
import Synchronization

/// Plays a MIDI file live on a thread of its own, through an event input like that of a keyboard.
final class FilePlayer: Sendable {
    /// Nanoseconds between the start of the player and the first event of the song.
    private static let startDelay: UInt64 = 500_000_000
    /// Nanoseconds by which events are sent before they are due; the engine queues them.
    private static let lookahead: UInt64 = 50_000_000

    private let stopping = Atomic<Bool>(false)
    private let done = Atomic<Bool>(false)
    private let finished = DispatchSemaphore(value: 0)

    /// Starts `song` half a second from now, with the clock of its tempo map. `[control]`
    init(_ song: StandardMIDIFile, ring: Ring<Event>, input: UInt8) {
        let thread = Thread { [self] in
            play(song.clocked, length: song.length, ring, input)
            done.store(true, ordering: .releasing)
            finished.signal()
        }
        thread.name = "kairos-file"
        thread.start()
    }

    /// True once all events of the file have been sent. `[any]`
    var isDone: Bool { done.load(ordering: .acquiring) }

    /// Stops the player and waits for its thread. `[control]`
    func stop() {
        stopping.store(true, ordering: .releasing)
        finished.wait()
    }

    private func play(_ events: [Event], length: UInt64, _ ring: Ring<Event>, _ input: UInt8) {
        let start = crt_now() + Self.startDelay
        var sources: Set<UInt16> = []
        for var event in events {
            event.stamp = Self.sum(start, event.stamp)
            guard wait(until: event.stamp - Self.lookahead) else { break }
            event.input = input
            // Source 0 is the first port of the file; further ports have their own source numbers.
            if event.source == 0 { event.source = FixedSource.file }
            sources.insert(event.source)
            guard push(event, ring) else { break }
        }
        // At the end of the song all notes and pedals are released; not if the player was stopped before.
        guard !wait(until: Self.sum(start, length)) else { return }
        for source in sources {
            ring.push(Event(.sourceGone, stamp: crt_now(), source: source, input: input))
        }
    }

    /// Pushes an event, waiting while the ring is full. Returns false if the player is stopped.
    private func push(_ event: Event, _ ring: Ring<Event>) -> Bool {
        while !ring.push(event) {
            if stopping.load(ordering: .acquiring) { return false }
            Thread.sleep(forTimeInterval: 0.001)
        }
        return true
    }

    /// Waits until a time in nanoseconds of `crt_now`. Returns false if the player is stopped before.
    private func wait(until moment: UInt64) -> Bool {
        while !stopping.load(ordering: .acquiring) {
            if crt_now() >= moment { return true }
            Thread.sleep(forTimeInterval: 0.01)
        }
        return false
    }

    /// Saturating addition; stamps from a file may be as large as `UInt64.max`.
    private static func sum(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? .max : sum
    }
}
