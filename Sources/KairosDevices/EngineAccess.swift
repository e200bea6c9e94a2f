import Foundation
import KairosEngine

/// The access of one driver to the engine.
public struct EngineAccess: Sendable {
    /// The feed of the engine.
    public let feed: EngineFeed
    /// The driver's number at the gate.
    public let owner: RenderGate.Owner

    /// Renders one block at `rate` Hz. Returns false, and writes silence, if another driver owns the
    /// gate. [audio]
    @discardableResult
    public func render(
        _ left: UnsafeMutablePointer<Float>, _ right: UnsafeMutablePointer<Float>, _ frames: Int, rate: Int,
        _ time: BlockTime
    ) -> Bool {
        feed.render(owner, left, right, frames, rate: rate, time)
    }

    /// Wakes the supervisor because something has changed. [any] except [audio]
    public func notify() { feed.attention.signal() }
}
