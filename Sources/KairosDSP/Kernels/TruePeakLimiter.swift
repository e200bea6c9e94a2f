import CLanes

/// Look-ahead limiter for true peaks, the peaks of the signal between its samples. [audio]
///
/// The peak is the largest magnitude of the samples and of three values between each two, by a polyphase filter of
/// twelve taps (ITU-R BS.1770, annex 2: four times the sample rate; Kaiser window, β = 5). From 88.2 kHz on the value in
/// the middle is that of 24 taps with a Hann window, as meters have at twice the sample rate. The reduction that a peak
/// needs is held for 10 ms, so that a wave above 50 Hz is not distorted; then it decays; then two running means over
/// half of the look-ahead each make it a smooth curve that is complete when the peak arrives (M. Hämäläinen,
/// "Smoothing of the control signal without clipped output in digital peak limiters", 2002). The means are sums of
/// whole numbers: without a reduction the gain is exactly 1, and the output is the delayed input, bit for bit.
///
/// It works on sixteen voices, each by itself, or on a stereo bus, whose sides get the same gain. Its memory belongs
/// to its owner: a module, or the output.
public struct TruePeakLimiter: BitwiseCopyable, Sendable {
    /// The limiter acts from this factor, −0.1 dB, times the ceiling on, so that no meter of its kind shows more than
    /// the ceiling.
    public static var margin: Float { 0.988_553_1 }

    /// Samples up to this factor times the ceiling have no peak above it between them, whatever they are.
    ///
    /// The magnitudes of the coefficients of the longest filter add up to 2.31.
    public static var calmLevel: Float { 0.42 }

    /// The memory of a limiter, all 0 at first.
    public struct Memory {
        let line: UnsafeMutablePointer<Float>
        let cells: UnsafeMutablePointer<Lanes>
        let boxes: UnsafeMutablePointer<SIMD16<UInt32>>

        /// The elements of three arrays with ``TruePeakLimiter/lineCount``, ``TruePeakLimiter/cellCount`` and
        /// ``TruePeakLimiter/boxCount`` elements.
        public init(
            line: UnsafeMutablePointer<Float>, cells: UnsafeMutablePointer<Lanes>,
            boxes: UnsafeMutablePointer<SIMD16<UInt32>>
        ) {
            self.line = line
            self.cells = cells
            self.boxes = boxes
        }
    }

    /// Unit of the reduction as a whole number: 2⁻²², a gain change of −132 dB.
    private static var units: Float { 0x1p22 }

    private let isBus: Bool
    /// Samples on either side of a value between two: 6 or 12.
    private let reach: Int
    /// Floats per frame in the line: 2 or 16.
    private let width: Int
    /// Length of each running mean in frames.
    private let box: Int
    /// Frames from the input to the output.
    public let latency: Int
    /// Frames of the line, of which the last `kept` are read.
    private let capacity: Int
    private let kept: Int
    /// Index of the next frame of the line.
    private var cursor: Int
    private var hold: PeakHold
    /// Reduction (1 − gain) after the hold and the decay, 0…1.
    private var reduction = Lanes.zero
    /// Sums of the two running means, and the index of their oldest values.
    private var firstSum = SIMD16<UInt32>(repeating: 0)
    private var secondSum = SIMD16<UInt32>(repeating: 0)
    private var oldest = 0
    /// True if no reduction is under way: the output is the delayed input. It becomes true at a control tick.
    public private(set) var isIdle = true
    /// Lanes whose memory is to be cleared.
    private var cleared = LaneMask.none

    /// A limiter with a look-ahead of 1.5 ms, for a stereo bus or for sixteen voices. [loader]
    public init(sampleRate: Float, isBus: Bool) {
        self.isBus = isBus
        width = isBus ? 2 : 16
        box = Swift.max(1, Int((sampleRate * 0.000_75).rounded()))
        reach = sampleRate < 88_000 ? 6 : 12
        // A peak is known `reach` frames late; both means together reach back over 2 · box − 1 frames.
        latency = 2 * box - 2 + reach
        kept = latency + 2 * reach
        capacity = kept + 512
        cursor = kept
        hold = PeakHold(frames: Int((sampleRate * 0.01).rounded(.up)))
    }

    /// Frames that the measurement of a true peak reads: those before were measured.
    public var window: Int { 2 * reach }
    /// Frames that have an effect on later ones while no reduction is under way.
    public var memoryFrames: Int { kept }

    /// Number of elements of ``Memory``'s `line`.
    public var lineCount: Int { capacity * width }
    /// Number of elements of ``Memory``'s `cells`.
    public var cellCount: Int { hold.cellCount }
    /// Number of elements of ``Memory``'s `boxes`.
    public var boxCount: Int { 2 * box }

    /// Forgets the past of `lanes`; their delayed frames are 0.
    public mutating func start(_ lanes: LaneMask) {
        hold.start(lanes)
        reduction.set(lanes, to: 0)
        firstSum.replace(with: 0, where: lanes.vector)
        secondSum.replace(with: 0, where: lanes.vector)
        cleared = cleared | lanes
    }

    /// Begins a control segment, every 16 frames.
    public mutating func tick(_ memory: Memory) {
        hold.tick(memory.cells)
        let none = SIMD16<UInt32>(repeating: 0)
        isIdle =
            hold.isZero && !(reduction .!= Lanes.zero).any
            && !((firstSum .!= none) .| (secondSum .!= none)).any
    }

    /// Limits the next frames: one frame of sixteen voices, or up to eight frames of a bus, of which `frames` has left
    /// and right in turn. They lie in one control segment.
    ///
    /// - Parameters:
    ///   - count: Number of frames, 1…8; 1 for voices.
    ///   - ceiling: Largest true peak of the output, above 0, for each lane of `frames`.
    ///   - decay: Part of the reduction that ends per frame after the hold, 0…1.
    /// - Returns: The frames ``latency`` frames earlier, limited.
    public mutating func limit(
        _ frames: Lanes, count: Int, ceiling: Lanes, decay: Lanes, _ memory: Memory
    ) -> Lanes {
        let newest = store(frames, count, memory)
        let delayed = frame(newest, latency)
        let peak = truePeak(newest), limit = ceiling * Lanes(repeating: Self.margin), isOver = peak .> limit
        if isIdle {
            if !isOver.any { return delayed }
            isIdle = false
        }
        let needed = Lanes.zero.replacing(with: (.one - limit / peak).clamped(0, 1), where: isOver)
        guard isBus else { return delayed * gain(needed, decay, memory) }
        // Both sides have the gain of the louder one.
        let linked = needed.larger(needed.sidesExchanged)
        return delayed
            * .frames(count) { gain(Lanes(stereo: linked.frame($0)), decay, memory).stereo }
    }

    /// Delays the next frames of a bus, up to eight, and does not measure them. For frames that are known to need no
    /// reduction while none is under way (``isIdle``); control ticks may be left out too.
    ///
    /// - Returns: The frames ``latency`` frames earlier, as ``limit(_:count:ceiling:decay:_:)`` would return them.
    public mutating func delay(_ frames: Lanes, count: Int, _ memory: Memory) -> Lanes {
        frame(store(frames, count, memory), latency)
    }

    /// The gain of the last frame of the first lane, 0…1.
    public var lastGain: Float { 1 - Float(secondSum[0]) / (Float(box) * Self.units) }

    /// Adds `count` frames to the line. Returns the place of the first.
    @inline(__always) private mutating func store(
        _ frames: Lanes, _ count: Int, _ memory: Memory
    ) -> UnsafeMutablePointer<Float> {
        if !cleared.isEmpty { clear(memory) }
        if cursor + 8 > capacity { rewind(memory) }
        let newest = memory.line + cursor &* width
        UnsafeMutableRawPointer(newest).storeBytes(of: frames, as: Lanes.self)
        cursor &+= count
        return newest
    }

    /// The next gain for the reduction that the next peak needs.
    @inline(__always) private mutating func gain(_ needed: Lanes, _ decay: Lanes, _ memory: Memory) -> Lanes {
        // A constant is subtracted too, so that the decay ends at exactly 0.
        let decayed = reduction.subtractingProduct(reduction, decay) - Lanes(repeating: 0x1p-26)
        reduction = hold.hold(needed).larger(decayed)
        let scale = 1 / Float(box)
        let first = memory.boxes + oldest, second = memory.boxes + (box &+ oldest)
        let value = Self.roundedUp(reduction * Lanes(repeating: Self.units))
        firstSum = firstSum &+ value &- first.pointee
        first.pointee = value
        let mean = Self.roundedUp(Self.float(firstSum) * Lanes(repeating: scale))
        secondSum = secondSum &+ mean &- second.pointee
        second.pointee = mean
        oldest = oldest &+ 1 < box ? oldest &+ 1 : 0
        return Lanes.one.subtractingProduct(Self.float(secondSum), Lanes(repeating: scale / Self.units))
    }

    /// `x`, 0…2²², as a whole number: rounded to the nearest after ½ is added, so that 0 stays 0.
    @inline(__always) private static func roundedUp(_ x: Lanes) -> SIMD16<UInt32> {
        let magic = Lanes(repeating: 12_582_912)
        let shifted = (x + Lanes(repeating: 0.5)) + magic
        return unsafeBitCast(shifted, to: SIMD16<UInt32>.self)
            &- unsafeBitCast(magic, to: SIMD16<UInt32>.self)
    }

    @inline(__always) private static func float(_ x: SIMD16<UInt32>) -> Lanes {
        clanes_convert(unsafeBitCast(x, to: SIMD16<Int32>.self))
    }

    /// The frames `age` frames before those at `newest`.
    @inline(__always) private func frame(_ newest: UnsafeMutablePointer<Float>, _ age: Int) -> Lanes {
        UnsafeRawPointer(newest - age &* width).loadUnaligned(as: Lanes.self)
    }

    /// The largest magnitude from the sample `reach` frames ago to just before the next one.
    ///
    /// With L and R the samples at the same distance left and right of the centre between these two, the value at ½ is
    /// a sum over L + R, and those at ¼ and ¾ are the sum and the difference of one over L + R and one over L − R.
    @inline(__always) private func truePeak(_ newest: UnsafeMutablePointer<Float>) -> Lanes {
        let isWide = reach == 12
        var half = Lanes.zero, even = Lanes.zero, odd = Lanes.zero
        @inline(__always) func addFar(_ k: Int, _ h: Float) {
            let sum = frame(newest, reach &+ k) + frame(newest, reach &- 1 &- k)
            half = half.addingProduct(sum, Lanes(repeating: h))
        }
        @inline(__always) func add(_ k: Int, _ h: Float, wide: Float, _ e: Float, _ o: Float) {
            let left = frame(newest, reach &+ k), right = frame(newest, reach &- 1 &- k), sum = left + right
            half = half.addingProduct(sum, Lanes(repeating: isWide ? wide : h))
            even = even.addingProduct(sum, Lanes(repeating: e))
            odd = odd.addingProduct(left - right, Lanes(repeating: o))
        }
        if isWide {
            addFar(11, -0.000_118_399_36)
            addFar(10, 0.001_153_804_6)
            addFar(9, -0.003_461_982_8)
            addFar(8, 0.007_325_594_3)
            addFar(7, -0.013_099_864)
            addFar(6, 0.021_289_393)
        }
        add(5, -0.004_837_4, wide: -0.032_714_333, -0.003_571_597_6, -0.001_302_823)
        add(4, 0.016_307_676, wide: 0.048_902_422, 0.011_790_261, 0.002_913_805_4)
        add(3, -0.039_783_064, wide: -0.073_154_956, -0.028_586_71, -0.005_678_027_9)
        add(2, 0.085_036_73, wide: 0.114_168_42, 0.061_161_19, 0.011_164_578_6)
        add(1, -0.184_198_96, wide: -0.204_129_96, -0.134_623_87, -0.028_651_23)
        add(0, 0.626_807_15, wide: 0.633_896_59, 0.593_304_57, 0.303_526_16)
        // The larger of |a + b| and |a − b| is |a| + |b|.
        return frame(newest, reach).magnitude.larger(half.magnitude).larger(even.magnitude + odd.magnitude)
    }

    /// Moves the frames that are still read to the beginning of the line.
    private mutating func rewind(_ memory: Memory) {
        memory.line.update(from: memory.line + (cursor - kept) * width, count: kept * width)
        cursor = kept
    }

    private mutating func clear(_ memory: Memory) {
        for index in 0..<2 * box { memory.boxes[index].replace(with: 0, where: cleared.vector) }
        let first = cursor - kept
        for index in first..<cursor {
            for lane in 0..<width where cleared.contains(lane) { memory.line[index * width + lane] = 0 }
        }
        cleared = .none
    }
}
