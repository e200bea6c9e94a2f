import CRealtime
import Foundation
public import KairosControl
import Synchronization

/// The ALSA sequencer event input: a client `Kairos` with a port `in` that any keyboard or program can
/// connect to.
///
/// Every event has the kernel's time stamp of its delivery to the port. Hardware keyboards are connected
/// automatically, also those that appear later.
public final class SequencerInput: Sendable {
    /// A change of the connections that is reported to the user.
    public enum Notice: Sendable, Equatable {
        /// A device was connected.
        case connected(name: String, source: UInt16, address: SequencerPorts.Address)
        /// A device was disconnected; its notes and pedals were released.
        case disconnected(name: String, address: SequencerPorts.Address)
        /// The kernel or the ring had no room and events were dropped: all held notes were released.
        case lostSync
        /// A device sent an identity request.
        case asksIdentity(SequencerPorts.Address)
    }

    /// The reader, on its way to its thread.
    private let reader: Handover<SequencerReader>
    private let notices: SequencerNotices
    private let stopping = Atomic<Bool>(false)
    private let finished = DispatchSemaphore(value: 0)
    private let refusal = Atomic<Int32>(0)

    /// Opens the sequencer and connects the keyboards. `input` is the event input's number. Throws
    /// ``DeviceError`` if there is no sequencer.
    public init(
        ring: Ring<Event>, input: UInt8 = 0, connections: Connections = Connections(), name: String = "Kairos"
    ) throws {
        let notices = SequencerNotices()
        self.notices = notices
        reader = Handover(
            try SequencerReader(
                ring: ring, input: input, connections: connections, name: name, notices: notices))
    }

    /// The error number where real-time priority was refused; otherwise 0. [any]
    public var priorityError: Int32 { refusal.load(ordering: .relaxed) }

    /// Starts the reader thread with this real-time priority, if that is permitted. The priority should be
    /// above the audio thread's: the reader works for microseconds only.
    public func start(priority: Int32) {
        let ready = DispatchSemaphore(value: 0)
        let thread = Thread { [self] in
            refusal.store(crt_set_realtime_priority(priority), ordering: .relaxed)
            ready.signal()
            if let reader = reader.take() {
                reader.readAll { stopping.load(ordering: .acquiring) }
                reader.close()
            }
            finished.signal()
        }
        thread.name = "kairos-midi"
        thread.start()
        ready.wait()
    }

    /// Stops the reader thread, which closes the client. Returns false where the thread has not ended after
    /// `seconds`; the client then stays open. [control]
    @discardableResult public func stop(within seconds: Double = 1) -> Bool {
        stopping.store(true, ordering: .releasing)
        // If no thread was started, the client closes here.
        if let reader = reader.take() {
            reader.close()
            return true
        }
        return finished.wait(timeout: .now() + seconds) == .success
    }

    /// Returns the notices since the last call. Locks. [any]
    public func popNotices() -> [Notice] {
        notices.popAll()
    }
}
