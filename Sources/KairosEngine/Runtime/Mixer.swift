import KairosCompiler
import KairosDSP

/// The mixer between slots and outputs: channel strips, their sum, the master effects, master volume and balance, the
/// limiter.
///
/// [audio], but for `init` and `deinit`.
struct Mixer: ~Copyable {
    /// The number of channel strips: one for each MIDI channel, and one for layers that hear any channel.
    static let stripCount = 17
    /// The strip of layers that hear any channel.
    static let anyChannel = stripCount - 1
    /// The index of a sum behind those of the strips: slots that end together with the master effects that they
    /// feed (a silence).
    static let outgoing = stripCount
    private static let outgoingBit = UInt32(1) << UInt32(outgoing)

    private var strips: FixedArray<Strip>
    /// For each strip, and for ``outgoing``, 64 frames on the left, then 64 on the right.
    private var sums: FixedArray<Float>
    private var leftSum: FixedArray<Float>
    private var rightSum: FixedArray<Float>
    /// One bit for each sum that a slot was added to in this sub-block.
    private var sounding: UInt32 = 0
    /// One bit for each strip whose gains move.
    private var moving: UInt32 = 0
    /// Master volume and balance, behind the master effects.
    private var master = Strip()
    /// The master effects.
    var effects: MasterEffects
    /// Limiter and soft clipper of the outputs.
    private var limiter: OutputLimiter
    private let fixedAddress = FixedAddress()

    /// `masterSound` is the sound of the master effects, or nil for none.
    init(masterSound: SoundID?, limiter: consuming OutputLimiter) {
        strips = FixedArray(count: Self.stripCount, repeating: Strip())
        sums = FixedArray(count: (Self.stripCount + 1) * 2 * SubBlock.longest, repeating: 0)
        leftSum = FixedArray(count: SubBlock.longest, repeating: 0)
        rightSum = FixedArray(count: SubBlock.longest, repeating: 0)
        effects = MasterEffects(sound: masterSound)
        self.limiter = limiter
    }

    /// The sub-block's output, up to 64 frames.
    var output: StereoBuffer {
        @inline(__always) get { StereoBuffer(left: SampleBuffer(leftSum), right: SampleBuffer(rightSum)) }
    }

    /// Sends ``output``, whose first frame is `frame` and whose peak is `loudest`, to the outputs, through limiter and
    /// soft clipper. Returns the limiter's gain, 0…1.
    mutating func send(_ loudest: Float, at frame: Int, to outputs: StereoBuffer, _ frames: Int) -> Float {
        limiter.process(output, loudest, at: frame, to: outputs, frames)
    }

    // MARK: strips

    /// Sets a strip's normalized value, 0…1; its gains move within `frames`.
    mutating func set(_ kind: ControlTarget.Strip, ofStrip index: Int, to value: Float, frames: Int) {
        switch kind {
        case .volume: strips[index].volume = value
        case .pan: strips[index].pan = value
        case .expression: strips[index].expression = value
        }
        strips[index].aim(frames: frames)
        moving |= 1 &<< UInt32(index)
    }

    /// Sets the master volume, 0…1.
    mutating func setMasterVolume(_ value: Float, frames: Int) {
        master.volume = value
        master.aim(frames: frames)
    }

    /// Sets the master balance, 0 (left)…1 (right).
    mutating func setMasterBalance(_ value: Float, frames: Int) {
        master.pan = value
        master.aim(frames: frames)
    }

    /// Sets all gains to the controllers' values at once. For before the first block.
    mutating func snap() {
        master.snap()
        for index in 0..<Self.stripCount { strips[index].snap() }
    }

    /// Stores volume and pan of all strips and of the master in a copy of the settings.
    func copy(to settings: inout FlatSettings) {
        settings.volume = master.volume
        settings.balance = master.pan
        for index in 0..<Self.stripCount {
            settings.channels[index].volume = strips[index].volume
            settings.channels[index].pan = strips[index].pan
        }
    }

    // MARK: sums

    /// Adds a slot's output to its strip's sum, and moves the slot's fade on.
    mutating func add(_ slot: inout Slot, _ core: Reference<InstanceCore>, _ frames: Int) {
        let bit = UInt32(1) &<< UInt32(slot.strip)
        let sum = sum(Int(slot.strip))
        let left = slot.rule.left, right = slot.rule.right
        let isFirst = sounding & bit == 0
        sounding |= bit
        guard slot.phase == .fading else {
            if isFirst {
                sum.set(core.pointee.buffers.output, times: left, right, frames)
            } else {
                sum.add(core.pointee.buffers.output, times: left, right, frames)
            }
            return
        }
        if isFirst { sum.clear(frames) }
        for n in 0..<frames {
            sum.left[n] += core.pointee.buffers.output.left[n] * (left * slot.gain)
            sum.right[n] += core.pointee.buffers.output.right[n] * (right * slot.gain)
            slot.gain = max(0, slot.gain - slot.fade)
        }
    }

    /// Routes a slot past its strip, at the strip's present gains, so that it ends together with the master effects:
    /// what follows on the strip is not heard through them.
    mutating func detach(_ slot: inout Slot) {
        let strip = Int(slot.strip)
        guard strip < Self.stripCount else { return }
        slot.rule.left *= strips[strip].left.value
        slot.rule.right *= strips[strip].right.value
        slot.strip = UInt8(Self.outgoing)
    }

    /// True where master effects play.
    var hasEffects: Bool { effects.core != nil }

    /// Mixes the sums of a sub-block to ``output``, without master effects. Without `isWhole`, master volume
    /// and balance are left out.
    mutating func mix(_ frames: Int, isWhole: Bool) {
        let isOutgoing = sounding & Self.outgoingBit != 0
        addStrips(frames)
        if isOutgoing { addOutgoing(frames) }
        if isWhole { applyMaster(frames) }
    }

    /// Mixes the sums of a sub-block to ``output``, through the master effects.
    mutating func mixWithEffects(
        _ piece: SubBlock, _ pool: inout StandbyPool, _ link: borrowing LoaderLink,
        _ meters: Reference<Meters>, _ clock: EngineClock
    ) {
        let isFed = sounding & ~Self.outgoingBit != 0, isOutgoing = sounding & Self.outgoingBit != 0
        addStrips(piece.frames)
        let io = MasterEffects.Buffers(parts: output, outgoing: isOutgoing ? sum(Self.outgoing) : nil)
        let endsOutgoing = effects.isEnding
        effects.render(piece, io, isFed: isFed, &pool, link, meters, clock)
        if isOutgoing, !endsOutgoing { addOutgoing(piece.frames) }
        applyMaster(piece.frames)
    }

    /// The sum of a strip, or of the slots that end together with the master effects (``outgoing``).
    @inline(__always) private func sum(_ index: Int) -> StereoBuffer {
        let left = SampleBuffer(sums, from: index * 2 * SubBlock.longest)
        return StereoBuffer(left: left, right: left.suffix(from: SubBlock.longest))
    }

    private mutating func addOutgoing(_ frames: Int) { output.add(sum(Self.outgoing), times: 1, 1, frames) }

    /// Adds up the strips' sums, each with its gains.
    private mutating func addStrips(_ frames: Int) {
        let output = output
        output.clear(frames)
        var rest = (sounding | moving) & ~Self.outgoingBit
        while rest != 0 {
            let index = rest.trailingZeroBitCount, bit = UInt32(1) &<< UInt32(index)
            rest &= ~bit
            let sounds = sounding & bit != 0
            let sum = sum(index)
            if moving & bit == 0 {
                output.add(sum, times: strips[index].left.value, strips[index].right.value, frames)
                continue
            }
            for n in 0..<frames {
                if sounds {
                    output.left[n] += sum.left[n] * strips[index].left.value
                    output.right[n] += sum.right[n] * strips[index].right.value
                }
                strips[index].advance()
            }
            if strips[index].isSettled { moving &= ~bit }
        }
        sounding = 0
    }

    @inline(__always) private mutating func applyMaster(_ frames: Int) {
        if !master.isUnity { multiplyByMaster(frames) }
    }

    private mutating func multiplyByMaster(_ frames: Int) {
        let output = output
        for n in 0..<frames {
            output.left[n] *= master.left.value
            output.right[n] *= master.right.value
            master.advance()
        }
    }
}
