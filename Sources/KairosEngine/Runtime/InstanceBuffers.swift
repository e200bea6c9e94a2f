import KairosDSP

/// Buffers of a patch instance whose contents no later sub-block reads. A plain record.
struct InstanceBuffers: BitwiseCopyable {
    /// Scratch memory, shared by all instances that one thread renders.
    var scratch: Scratch.Places
    /// The sub-block that is rendered.
    let subBlock: Reference<SubBlock>
    /// Peak of each lane in each control segment of the sub-block.
    let peaks: RegionTable<Lanes>
    /// Output of the sub-block.
    let output: StereoBuffer
    /// Input of master effects for the sub-block.
    let input: StereoBuffer
    /// Gains of the connections that a live edit added, for each frame of the sub-block.
    let fadeGains: SampleBuffer

    /// Greatest number of control segments of a sub-block.
    private static let segmentsPerSubBlock = SubBlock.longest / SubBlock.controlTick + 1

    /// Buffers in `arena`. [loader]
    init(_ scratch: Scratch.Places, _ arena: inout Arena) {
        self.scratch = scratch
        subBlock = arena.reference(to: SubBlock(frames: 0, clock: 0, phase: 0))
        peaks = arena.room(Lanes.self, Self.segmentsPerSubBlock)
        output = StereoBuffer(&arena)
        input = StereoBuffer(&arena)
        fadeGains = SampleBuffer(&arena)
    }
}
