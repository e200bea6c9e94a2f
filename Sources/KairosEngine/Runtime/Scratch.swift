import KairosCompiler
import KairosDSP

/// The blocks that programs compute in: they hold nothing from one piece to the next, so all the programs that one
/// thread renders share one scratch, and what they touch stays in the nearest cache.
///
/// > Made and freed on the loader thread; used by the one thread that renders.
public final class Scratch {
    private let region: Region
    private let base: UnsafeMutablePointer<Lanes>
    private let count: Int

    /// Room for any one of `sounds` that are read already.
    public convenience init(for sounds: [Sound]) {
        self.init(blocks: sounds.lazy.filter(\.isRead).map { Self.blocks($0.compiled.schedule) }.max() ?? 0)
    }

    private init(blocks: Int) {
        count = blocks
        (base, region) = Arena.build { $0.room(Lanes.self, blocks * SubBlock.longest) }
    }

    /// Whether it has room for a sound.
    package func fits(_ sound: Sound) -> Bool { Self.blocks(sound.compiled.schedule) <= count }

    /// The blocks of one program: its signals', its moving parameters', its accumulators', its lanes' gains.
    private static func blocks(_ plan: Schedule) -> Int {
        plan.blocks + ParamTable.blockCount + plan.accumulators + 1
    }

    /// Where a program of `plan` finds its own.
    func places(of plan: Schedule) -> Places {
        precondition(Self.blocks(plan) <= count, "scratch too small")
        let moving = base + plan.blocks * SubBlock.longest
        let accumulators = moving + ParamTable.blockCount * SubBlock.longest
        return Places(
            signals: base, moving: moving, accumulators: accumulators,
            gains: accumulators + plan.accumulators * SubBlock.longest)
    }

    /// First frames: blocks of ``SubBlock/longest`` frames lie one behind the other.
    struct Places {
        let signals: UnsafeMutablePointer<Lanes>
        let moving: UnsafeMutablePointer<Lanes>
        let accumulators: UnsafeMutablePointer<Lanes>
        let gains: UnsafeMutablePointer<Lanes>
    }
}
