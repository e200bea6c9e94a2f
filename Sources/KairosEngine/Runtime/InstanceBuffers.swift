import KairosDSP

/// Buffers of a patch instance whose contents no later sub-block reads. A plain record.
struct InstanceBuffers: BitwiseCopyable {
    /// Scratch memory, shared by all instances that one thread renders.
    var scratch: Scratch.Places
    /// The sub-block that is rendered.
    let subBlock: UnsafeMutablePointer<SubBlock>
    /// Peak of each lane in each control segment of the sub-block.
    let peaks: RegionTable<Lanes>
    /// Output of the sub-block, 64 frames each.
    let left: UnsafeMutablePointer<Float>
    let right: UnsafeMutablePointer<Float>
    /// Input of master effects for the sub-block, 64 frames each.
    let inputLeft: UnsafeMutablePointer<Float>
    let inputRight: UnsafeMutablePointer<Float>
    /// Gains of the connections that a live edit added, for each frame of the sub-block.
    let fadeGains: UnsafeMutablePointer<Float>

    /// Greatest number of control segments of a sub-block.
    private static let segmentsPerSubBlock = SubBlock.longest / SubBlock.controlTick + 1

    /// Buffers in `arena`. [loader]
    init(_ scratch: Scratch.Places, _ arena: inout Arena) {
        self.scratch = scratch
        subBlock = arena.place([SubBlock(frames: 0, clock: 0, phase: 0)]).baseAddress
        peaks = arena.room(Lanes.self, Self.segmentsPerSubBlock)
        left = arena.room(Float.self, SubBlock.longest).baseAddress
        right = arena.room(Float.self, SubBlock.longest).baseAddress
        inputLeft = arena.room(Float.self, SubBlock.longest).baseAddress
        inputRight = arena.room(Float.self, SubBlock.longest).baseAddress
        fadeGains = arena.room(Float.self, SubBlock.longest).baseAddress
    }
}
