import CRealtime
import Synchronization

/// A lock-free gate that lets one of several drivers call the engine.
///
/// A stalled server may continue at any moment and call its process function while the timer already runs the
/// engine. Both try to enter the gate; the one that does not own it must output silence.
public final class RenderGate: Sendable {
    /// The number of a driver; 0 is none.
    public typealias Owner = UInt32

    /// The owner times two, plus one while its call runs.
    private let word = Atomic<UInt64>(0)
    private let owners = Atomic<UInt32>(0)

    /// A gate without an owner.
    public init() {}

    /// Returns an unused driver number. [any]
    public func newOwner() -> Owner {
        let number = owners.wrappingAdd(1, ordering: .relaxed).newValue
        return number == 0 ? newOwner() : number
    }

    /// Begins a call by `owner`. Returns false if it does not own the gate; the engine must not be called
    /// then. [audio]
    @inline(__always) func enter(_ owner: Owner) -> Bool {
        let free = UInt64(owner) << 1
        return word.compareExchange(expected: free, desired: free | 1, ordering: .acquiringAndReleasing)
            .exchanged
    }

    /// Ends the call that ``enter(_:)`` began. [audio]
    @inline(__always) func leave(_ owner: Owner) { word.store(UInt64(owner) << 1, ordering: .releasing) }

    /// The owner of the gate. [any]
    public var owner: Owner { UInt32(truncatingIfNeeded: word.load(ordering: .acquiring) >> 1) }

    /// Passes the gate to `owner` once no call runs. Returns false, and keeps the owner, if a call still
    /// runs after `nanoseconds`. For one thread at a time. [control]
    public func pass(to owner: Owner, within nanoseconds: UInt64 = 20_000_000) -> Bool {
        let end = crt_now() &+ nanoseconds
        while true {
            let now = word.load(ordering: .relaxed)
            let isFree = now & 1 == 0
            if isFree,
                word.compareExchange(
                    expected: now, desired: UInt64(owner) << 1, ordering: .acquiringAndReleasing
                ).exchanged
            {
                return true
            }
            guard crt_now() < end else { return false }
            if !isFree { crt_sleep_until(crt_now() + 50_000) }
        }
    }
}
