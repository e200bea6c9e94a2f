public import KairosCompiler
import KairosDSP

/// Scratch memory: the blocks of signals. No later sub-block reads them, so all instances that one thread renders share
/// one scratch, which stays in the first-level cache.
///
/// The loader thread makes and frees it; the one thread that renders uses it.
public final class Scratch {
    private let region: Region
    private let blocks: LaneBuffer
    private let count: Int

    /// A scratch that is large enough for each of `sounds` that is loaded. [loader, control]
    public convenience init(for sounds: [Sound]) {
        self.init(blocks: sounds.lazy.filter(\.isRead).map { Self.blocks($0.compiled.schedule) }.max() ?? 0)
    }

    private init(blocks: Int) {
        count = blocks
        let (lanes, region) = Arena.build { $0.room(Lanes.self, blocks * SubBlock.longest) }
        self.blocks = LaneBuffer(lanes.baseAddress)
        self.region = region
    }

    /// True if it is large enough for a sound. [any]
    package func fits(_ sound: Sound) -> Bool { Self.blocks(sound.compiled.schedule) <= count }

    /// Number of blocks of one instance: for signals, for parameters that change, for accumulators, and one for gains.
    private static func blocks(_ schedule: Schedule) -> Int {
        schedule.blocks + ParamTable.blockCount + schedule.accumulators + 1
    }

    /// The blocks of an instance of `schedule`. [any]
    func places(of schedule: Schedule) -> Places {
        precondition(Self.blocks(schedule) <= count, "scratch too small")
        let moving = blocks.suffix(fromBlock: schedule.blocks)
        let accumulators = moving.suffix(fromBlock: ParamTable.blockCount)
        return Places(
            signals: blocks, moving: moving, accumulators: accumulators,
            gains: accumulators.suffix(fromBlock: schedule.accumulators))
    }

    /// First frames of the blocks by their use. Blocks of ``SubBlock/longest`` frames lie one behind the other.
    struct Places {
        /// Blocks of signals.
        let signals: LaneBuffer
        /// Blocks of parameters that change.
        let moving: LaneBuffer
        /// Accumulators: sums of per-voice signals, lane by lane.
        let accumulators: LaneBuffer
        /// The block of the lanes' gains.
        let gains: LaneBuffer
    }
}
