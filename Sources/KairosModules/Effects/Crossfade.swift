import KairosDSP

/// Delay setting that moves by a crossfade: what reads a delay line reads it at both places for a while. [audio]
///
/// A new target waits until the crossfade that runs is finished.
struct Crossfade: BitwiseCopyable {
    /// Setting that fades out; the only one at rest.
    private(set) var now: Float = 0
    /// Setting that fades in; that of `now` at rest.
    private(set) var next: Float = 0
    /// Ticks of the crossfade that are over.
    private var elapsed: Float = 0
    /// Ticks of a whole crossfade.
    private let ticks: Float

    /// At rest at 0, with crossfades of 50 ms.
    init(sampleRate: Float) {
        ticks = max(1, (0.05 * sampleRate / Float(SubBlock.controlTick)).rounded())
    }

    /// True while both settings count.
    @inline(__always) var isMoving: Bool { now != next }

    /// Part of `next` at the beginning of the tick, 0 … 1.
    @inline(__always) var part: Float { elapsed / ticks }

    /// Setting between the two, at the part of each.
    @inline(__always) var value: Float { now.addingProduct(next - now, part) }

    /// Part of `next` in each frame of the tick.
    @inline(__always) var parts: Lanes {
        (Lanes(repeating: elapsed) + Lanes.tickPositions) * Lanes(repeating: 1 / ticks)
    }

    /// Begins the next tick; at rest it goes to `target`, at once if `snapping`. True if a setting changed.
    @inline(__always) mutating func advance(to target: Float, snapping: Bool) -> Bool {
        if snapping {
            now = target
            next = target
            elapsed = 0
            return true
        }
        if isMoving {
            elapsed += 1
            if elapsed < ticks { return false }
            now = next
            elapsed = 0
            next = target
            return true
        }
        if target == now { return false }
        next = target
        return true
    }
}
