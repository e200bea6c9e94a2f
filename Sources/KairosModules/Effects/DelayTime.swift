import KairosDSP

/// Time of a delay line in each lane, from control tick to control tick. [audio]
///
/// A movement by at most half a frame per frame is followed as it is: it lowers the pitch of what is read by up to an
/// octave or raises it by seven semitones. A faster one is a jump, which the owner makes in one of two forms:
///
/// * `glide`: the time approaches its new value exponentially (time constant 0.1 s), but grows by at most half a
///   frame per frame (an octave down) and shrinks by at most one (an octave up), like the tape of an echo machine.
/// * `fade`: a crossfade between the two times with equal gain, sin² and cos². A new jump waits until it is over.
///
/// Whole part and fraction are apart: at four seconds and 192 kHz a float has steps of 1/16 frame.
struct DelayTime: BitwiseCopyable {
    /// Form of a jump, in the order of the words in a patch.
    enum Jump: Int, CaseIterable {
        case glide, fade
    }

    /// Read position that moves linearly over a control tick.
    struct Tap: BitwiseCopyable {
        /// Whole frames at the beginning of the tick.
        fileprivate(set) var age = SIMD16<Int32>(repeating: 3)
        /// Rest, 0 … 1.
        fileprivate(set) var fraction = Lanes.zero
        /// Frames per frame.
        fileprivate(set) var slope = Lanes.zero
    }

    /// Greatest movement that is followed, and greatest growth in a glide, in frames per control tick.
    private static var limit: Float { 8 }

    /// Longest time in frames.
    let longest: Float
    /// Part of a glide's distance that is covered in a tick.
    private let glidePart: Float
    /// Part of a crossfade that is over after a tick.
    private let fadePart: Float
    /// Time to be followed, in frames; in a crossfade the one before it.
    private var time = Lanes.zero
    /// Distance of the present time of a glide above that, in frames.
    private var rest = Lanes.zero
    /// Time after the crossfade, in frames.
    private var nextTime = Lanes.zero
    /// Part of the crossfade that is over at the next tick, 0 … 1; 0 if there is none.
    private var progress = Lanes.zero
    /// Position at the next tick.
    private var endAge = SIMD16<Int32>(repeating: 3)
    private var endFraction = Lanes.zero

    /// Position that is read.
    private(set) var now = Tap()
    /// Position that fades in.
    private(set) var next = Tap()
    /// Gain of `next`, 0 … 1.
    private(set) var gain = ControlRamp()
    /// True while a position moves or a crossfade is in progress.
    private(set) var isMoving = false
    /// True while a crossfade is in progress in any lane.
    private(set) var isFading = false

    /// Times up to `longest` frames, with crossfades of `fade` seconds.
    init(longest: Float, fade: Float, sampleRate: Float) {
        let tick = Float(SubBlock.controlTick)
        self.longest = longest
        glidePart = tick / (0.1 * sampleRate)
        fadePart = 1 / max(1, (fade * sampleRate / tick).rounded())
    }

    /// Begins a control tick for `lanes`: moves to `frames`, at least `shortest`. Lanes in `snapping` are there at once.
    @inline(__always) mutating func aim(
        at frames: Lanes, shortest: Float, _ jump: Jump, _ lanes: LaneMask, snapping: LaneMask
    ) {
        let frames = frames.clamped(shortest, longest)
        if !isMoving && snapping.isEmpty && !(frames .!= time).any { return }
        move(to: frames, jump, lanes.vector, snapping.vector)
    }

    private mutating func move(to frames: Lanes, _ jump: Jump, _ lanes: Mask, _ snapping: Mask) {
        finishFades(lanes)
        var fading = (progress .> .zero) .& .!snapping
        if jump == .fade {
            // A glide that was begun before continues as a jump from where it is.
            time.replace(with: time + rest, where: lanes .& .!fading)
            rest.replace(with: 0, where: lanes .& .!fading)
        }
        let step = frames - time
        let jumping = (step.magnitude .> Lanes(repeating: Self.limit)) .& .!fading .& .!snapping .& lanes
        if jump == .fade {
            nextTime.replace(with: frames, where: jumping)
            fading = fading .| jumping
        } else {
            rest.replace(with: rest - step, where: jumping)
        }
        time.replace(with: frames, where: lanes .& .!fading)
        rest.replace(with: 0, where: snapping)
        let covered = (rest * Lanes(repeating: glidePart)).clamped(-Self.limit, 2 * Self.limit)
        let left = rest - covered
        rest.replace(
            with: left.replacing(with: 0, where: left.magnitude .< Lanes(repeating: 0.01)),
            where: lanes .& .!fading)

        now.age.replace(with: endAge, where: lanes)
        now.fraction.replace(with: endFraction, where: lanes)
        let end = Self.parts(time, rest)
        endAge.replace(with: end.age, where: lanes .& .!fading)
        endFraction.replace(with: end.fraction, where: lanes .& .!fading)
        now.age.replace(with: endAge, where: snapping)
        now.fraction.replace(with: endFraction, where: snapping)
        let whole = signedSteps(unsafeBitCast(endAge &- now.age, to: SIMD16<UInt32>.self))
        now.slope.replace(
            with: (whole + (endFraction - now.fraction)) * Lanes(repeating: 1 / Float(SubBlock.controlTick)),
            where: lanes)

        progress.replace(with: 0, where: snapping)
        // The sum of the parts is 1 but for rounding.
        let covers = progress + Lanes(repeating: fadePart)
        progress.replace(
            with: covers.replacing(with: 1, where: covers .> Lanes(repeating: 1 - fadePart / 2)),
            where: lanes .& fading)
        let target = Self.parts(nextTime, .zero)
        next.age.replace(with: target.age, where: jumping)
        next.fraction.replace(with: target.fraction, where: jumping)
        let half = quarterSine(progress * Lanes(repeating: 0.25))
        gain.aim(at: half * half, lanes.lanes, snapping: snapping.lanes)
        isFading = (progress .> .zero).any
        isMoving = isFading || (now.slope .!= .zero).any || (rest .!= .zero).any
    }

    private typealias Mask = SIMDMask<SIMD16<Int32>>

    /// Continues at the second time where a crossfade is over.
    private mutating func finishFades(_ lanes: Mask) {
        let over = (progress .>= .one) .& lanes
        if !over.any { return }
        time.replace(with: nextTime, where: over)
        endAge.replace(with: next.age, where: over)
        endFraction.replace(with: next.fraction, where: over)
        progress.replace(with: 0, where: over)
        gain.aim(at: .zero, over.lanes, snapping: over.lanes)
    }

    /// Whole part and fraction of `a` + `b`.
    private static func parts(_ a: Lanes, _ b: Lanes) -> (age: SIMD16<Int32>, fraction: Lanes) {
        let first = split(a), second = split(b)
        let sum = first.fraction + second.fraction
        let carry = sum .>= .one
        return (
            (first.age &+ second.age)
                .replacing(with: first.age &+ second.age &+ SIMD16(repeating: 1), where: carry),
            sum.replacing(with: sum - .one, where: carry)
        )
    }

    /// Whole part and fraction, 0 … 1, of a number of magnitude below 2²².
    @inline(__always) fileprivate static func split(_ x: Lanes) -> (age: SIMD16<Int32>, fraction: Lanes) {
        // The nearest integer to half less.
        let magic = Lanes(repeating: 12_582_912)
        let shifted = x - Lanes(repeating: 0.5) + magic
        let whole = unsafeBitCast(shifted, to: SIMD16<Int32>.self)
        return (whole &- unsafeBitCast(magic, to: SIMD16<Int32>.self), x - (shifted - magic))
    }

    /// Longest time of any lane, in frames: of the present ones, and of those that a glide or a crossfade leads to.
    var longestNow: Int {
        var most: Int32 = 3
        for lane in 0..<16 {
            most = max(most, endAge[lane], Int32(time[lane]), isFading ? next.age[lane] : 0)
        }
        return Int(most) + 1
    }
}

extension DelayTime.Tap {
    /// Read position of each lane `frame` frames after the tick.
    @inline(__always) func read(_ frame: Int) -> FractionalRead {
        position(age, fraction.addingProduct(slope, Lanes(repeating: Float(frame))))
    }

    /// Read positions of eight frames of a bus.
    @inline(__always) func eightFrames(_ frame: Int) -> FractionalRead {
        let frames =
            Lanes(repeating: Float(frame)) + Lanes(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7)
        let age = Lanes.repeating(stereo: unsafeBitCast(self.age, to: Lanes.self).stereo)
        return position(
            unsafeBitCast(age, to: SIMD16<Int32>.self),
            Lanes.repeating(stereo: fraction.stereo)
                .addingProduct(.repeating(stereo: slope.stereo), frames))
    }

    @inline(__always) private func position(_ age: SIMD16<Int32>, _ rest: Lanes) -> FractionalRead {
        let (whole, fraction) = DelayTime.split(rest)
        return FractionalRead(age: age &+ whole, fraction: fraction)
    }

    /// Ages at the two ends of a tick: the youngest and the oldest frame that is read lies between them, or three
    /// frames beyond.
    @inline(__always) var reach: (SIMD16<Int32>, SIMD16<Int32>) {
        let end = DelayTime.split(
            fraction.addingProduct(slope, Lanes(repeating: Float(SubBlock.controlTick)))
        ).age
        return (age, age &+ end)
    }
}
