import KairosDSP

/// True-peak limiter of a pair of outputs, and the soft clipper behind it. [audio], but for `init`
///
/// Up to a true peak of −1 dBFS, from which on the soft clipper would act, the output is the input, ``latency(at:)``
/// frames later, bit for bit. Both channels get the same gain. After a peak the gain is held for 10 ms, then it rises
/// with a time constant of 100 ms. The output does not depend on how a block is split.
///
/// A sub-block that is soft, after others, is only delayed, and silence is not even that: the bits are the same.
struct OutputLimiter: ~Copyable {
    /// Largest true peak of the output, by any meter of its kind: −0.9 dBFS.
    static var ceiling: Float { SoftClipper.threshold / TruePeakLimiter.margin }
    /// Samples are not louder where they enter: 60 dBFS.
    private static let loudestInput: Float = 1024
    /// Time constant of the gain's way back, in seconds.
    private static let release: Float = 0.1

    /// True where there is a limiter; otherwise the soft clipper follows the mixer, and nothing is late.
    private let isOn: Bool
    private var limiter: TruePeakLimiter
    private let line: FixedArray<Float>
    private let cells: FixedArray<Lanes>
    private let boxes: FixedArray<SIMD16<UInt32>>
    /// Part of the reduction that ends per frame.
    private let decay: Lanes
    /// Frames since the last sub-block that had to be measured, and since the last one that was not silent.
    private var calmFrames = Int.max / 2
    private var silentFrames = Int.max / 2

    /// A limiter, or with `isOn` false the soft clipper alone. [control]
    init(sampleRate: Double, isOn: Bool) {
        self.isOn = isOn
        limiter = TruePeakLimiter(sampleRate: Float(sampleRate), isBus: true)
        line = FixedArray(count: isOn ? limiter.lineCount : 0, repeating: 0)
        cells = FixedArray(count: isOn ? limiter.cellCount : 0, repeating: .zero)
        boxes = FixedArray(count: isOn ? limiter.boxCount : 0, repeating: SIMD16(repeating: 0))
        decay = Lanes(repeating: 1 / (Self.release * Float(sampleRate)))
    }

    /// Frames from a limiter's input to its output. [any]
    static func latency(at sampleRate: Double) -> Int {
        TruePeakLimiter(sampleRate: Float(sampleRate), isBus: true).latency
    }

    /// Sends a sub-block to the outputs; `loudest` is its peak (``StereoBuffer/peak(_:)``), `frame` the number of its
    /// first frame. Returns the gain at its end, 0…1; 1 if nothing is limited.
    mutating func process(
        _ mix: StereoBuffer, _ loudest: Float, at frame: Int, to output: StereoBuffer, _ frames: Int
    ) -> Float {
        guard isOn else {
            output.copy(mix, frames)
            if !(loudest <= SoftClipper.threshold) { output.clip(frames) }
            return 1
        }
        if !(loudest <= Self.loudestInput) { mix.confine(to: Self.loudestInput, frames) }
        let isCalm = loudest <= TruePeakLimiter.calmLevel * SoftClipper.threshold
        let isSilent = loudest == 0
        defer {
            calmFrames = isCalm ? calmFrames &+ frames : 0
            silentFrames = isSilent ? silentFrames &+ frames : 0
        }
        if limiter.isIdle, isCalm, calmFrames >= limiter.window {
            if isSilent, silentFrames >= limiter.memoryFrames {
                output.copy(mix, frames)
            } else {
                delay(mix, to: output, frames)
            }
            return 1
        }
        limit(mix, at: frame, to: output, frames)
        if limiter.isIdle { return 1 }
        // The limiter leaves nothing to it; what it would, does not reach the outputs.
        if !(output.peak(frames) <= SoftClipper.threshold) { output.clip(frames) }
        return limiter.lastGain
    }

    @inline(__always) private var memory: TruePeakLimiter.Memory {
        TruePeakLimiter.Memory(line: line.baseAddress, cells: cells.baseAddress, boxes: boxes.baseAddress)
    }

    private mutating func delay(_ mix: StereoBuffer, to output: StereoBuffer, _ frames: Int) {
        let memory = memory
        let whole = frames & ~15
        steps(of: 16, to: whole) { n in
            output.setSixteen(
                at: n, to: limiter.delay(mix.firstFrames(at: n), count: 8, memory),
                limiter.delay(mix.lastFrames(at: n), count: 8, memory))
        }
        var n = whole
        while n < frames {
            let count = min(8, frames &- n)
            output.set(count, at: n, to: limiter.delay(mix.frames(count, at: n), count: count, memory))
            n &+= count
        }
    }

    private mutating func limit(
        _ mix: StereoBuffer, at frame: Int, to output: StereoBuffer, _ frames: Int
    ) {
        let memory = memory, ceiling = Lanes(repeating: Self.ceiling), decay = decay
        var n = 0
        while n < frames {
            let phase = (frame &+ n) & (SubBlock.controlTick - 1)
            if phase == 0 { limiter.tick(memory) }
            if phase == 0, frames &- n >= 16 {
                output.setSixteen(
                    at: n,
                    to: limiter.limit(
                        mix.firstFrames(at: n), count: 8, ceiling: ceiling, decay: decay, memory),
                    limiter.limit(mix.lastFrames(at: n), count: 8, ceiling: ceiling, decay: decay, memory))
                n &+= 16
            } else {
                let count = min(min(8, SubBlock.controlTick &- phase), frames &- n)
                output.set(
                    count, at: n,
                    to: limiter.limit(
                        mix.frames(count, at: n), count: count, ceiling: ceiling, decay: decay, memory))
                n &+= count
            }
        }
    }
}
