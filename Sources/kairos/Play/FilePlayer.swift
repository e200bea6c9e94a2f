import CRealtime
import Foundation
import KairosControl
import KairosFiles
import Synchronization

/// Plays a MIDI file live, through a door of its own: the same path as a keyboard's.
final class FilePlayer: Sendable {
    private let stopping = Atomic<Bool>(false)
    private let done = Atomic<Bool>(false)
    private let finished = DispatchSemaphore(value: 0)

    /// Starts `song` half a second from now.
    init(_ song: StandardMIDIFile, ring: Ring<Event>, door: UInt8, clocked: Bool) {
        let thread = Thread { [self] in
            let start = crt_now() + 500_000_000
            for event in clocked ? song.clocked : song.events {
                // A little ahead: the engine keeps what is not due.
                while !stopping.load(ordering: .acquiring), crt_now() + 50_000_000 < start + event.stamp {
                    Thread.sleep(forTimeInterval: 0.01)
                }
                if stopping.load(ordering: .acquiring) { break }
                var event = event
                event.stamp += start
                event.door = door
                event.source = FixedSource.file
                ring.push(event)
            }
            while !stopping.load(ordering: .acquiring), crt_now() < start + song.length {
                Thread.sleep(forTimeInterval: 0.01)
            }
            ring.push(Event(.sourceGone, stamp: crt_now(), source: FixedSource.file, door: door))
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
}
