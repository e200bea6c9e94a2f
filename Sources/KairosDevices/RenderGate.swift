import CRealtime
import Synchronization

/// Decides which one of several drivers may call the engine.
///
/// A server that stood still may wake at any moment and call its process function, while a timer already drives the
/// engine. Both ask the gate; the one that does not own it must play silence.
public final class RenderGate: Sendable {
    /// A driver's number; 0 is nobody.
    public typealias Owner = UInt32

    /// The owner, times two, plus one while its call is under way.
    private let word = Atomic<UInt64>(0)
    private let owners = Atomic<UInt32>(0)

    /// A gate that nobody owns.
    public init() {}

    /// A number that no driver had before.
    ///
    /// > Thread: [any]
    public func newOwner() -> Owner {
        let number = owners.wrappingAdd(1, ordering: .relaxed).newValue
        return number == 0 ? newOwner() : number
    }

    /// Begins a call by `owner`. False where another owns the gate: then nothing may be called.
    ///
    /// > Thread: [audio]
    @inline(__always) func enter(_ owner: Owner) -> Bool {
        let free = UInt64(owner) << 1
        return word.compareExchange(expected: free, desired: free | 1, ordering: .acquiringAndReleasing)
            .exchanged
    }

    /// Ends the call that ``enter(_:)`` began.
    ///
    /// > Thread: [audio]
    @inline(__always) func leave(_ owner: Owner) { word.store(UInt64(owner) << 1, ordering: .releasing) }

    /// Who owns the gate.
    ///
    /// > Thread: [any]
    public var owner: Owner { UInt32(truncatingIfNeeded: word.load(ordering: .acquiring) >> 1) }

    /// Gives the gate to `owner`, once no call is under way. False where one still is after `nanoseconds`; then the
    /// owner stays.
    ///
    /// > Thread: [control], one at a time
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
