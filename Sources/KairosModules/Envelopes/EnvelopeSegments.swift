import KairosDSP

/// The running segments of sixteen envelopes, one per lane. [audio]
///
/// The level of a segment is a function of the frames e since its start and of nothing else:
/// `target · weight + offset + scale · 2^(slope · e) + line · e`. So no error adds up, and a split of a block
/// changes nothing. A curve of c octaves from `from` to `to` in N frames has the slope −c/N and the asymptote
/// (to − from · 2^−c) / (1 − 2^−c), so that it arrives after exactly N frames (J. Strawn, "Approximation and
/// Syntactic Analysis of Amplitude and Frequency Functions", 1980); c = 0 is a straight line. Lengths are whole
/// frames; the fraction that rounding leaves is carried to the next segment.
struct EnvelopeSegments: BitwiseCopyable {
    /// Octaves of a curve of 100 %: 60 dB.
    static var octaves: Float { 9.965_784 }

    /// Frames per second.
    private let sampleRate: Float
    /// Frames since the start of the segment; whole numbers.
    private var elapsed = Lanes.zero
    /// Length in frames, a whole number; infinite if the segment does not end.
    private var length = Lanes(repeating: .infinity)
    private var weight = Lanes.zero
    private var offset = Lanes.zero
    private var scale = Lanes.zero
    private var slope = Lanes.zero
    private var line = Lanes.zero
    /// The level at the end of the segment, without `target · weight`.
    private var end = Lanes.zero
    /// 2 to the power of one, two and three times `slope`.
    private var powers = (Lanes.one, Lanes.one, Lanes.one)
    /// Frames by which the segments before were shorter than their times.
    private var carry = Lanes.zero

    init(sampleRate: Float) { self.sampleRate = sampleRate }

    // MARK: segments

    /// True if no lane moves within `frames` and none ends there.
    @inline(__always) func rest(for frames: Int) -> Bool {
        !((scale .!= Lanes.zero) .| (line .!= Lanes.zero)).any && framesToEnd > frames
    }

    /// Frames up to and with the next one in which a segment ends.
    @inline(__always) var framesToEnd: Int { Int(min(-(elapsed - length).laneMax, 1_000_000)) }

    /// Length of `seconds` in frames, at least `least`.
    private func frames(_ seconds: Float, least: Double) -> Double {
        max(least, Double(seconds) * Double(sampleRate))
    }

    /// True if a segment of `seconds` has a frame of its own.
    func takesTime(_ seconds: Float) -> Bool { seconds * sampleRate >= 0.5 }

    /// Forgets the fraction of a frame that the segments before have left.
    mutating func dropCarry(_ lanes: LaneMask) { carry.set(lanes, to: 0) }

    /// Rounds a length and carries the rest.
    private mutating func wholeFrames(_ frames: Double, _ lane: Int) -> Float {
        let exact = frames + Double(carry[lane])
        let whole = max(1, exact.rounded())
        carry[lane] = Float(max(-1, exact - whole))
        return Float(whole)
    }

    private mutating func begin(
        _ lane: Int, length: Float, end: Float, weight: Float, offset: Float, scale: Float, slope: Float,
        line: Float
    ) {
        elapsed[lane] = 0
        self.length[lane] = length
        self.end[lane] = end
        self.weight[lane] = weight
        self.offset[lane] = offset
        self.scale[lane] = scale
        self.slope[lane] = slope
        self.line[lane] = line
    }

    /// Computes the powers after slopes have changed.
    private mutating func updatePowers() {
        powers = (exp2(slope), exp2(slope + slope), exp2(slope + slope + slope))
    }

    /// Holds `level` + target · `weight` without an end.
    mutating func hold(_ lane: Int, at level: Float, weight: Float = 0) {
        begin(
            lane, length: .infinity, end: level, weight: weight, offset: level, scale: 0, slope: 0, line: 0)
    }

    /// Holds `level` for `seconds`.
    mutating func wait(_ lane: Int, at level: Float, _ seconds: Float) {
        let length = wholeFrames(frames(seconds, least: 1), lane)
        begin(lane, length: length, end: level, weight: 0, offset: level, scale: 0, slope: 0, line: 0)
    }

    /// Moves from `to` + target · `weight` + `distance` to `to` + target · `weight` in `seconds`, along a curve of
    /// −1…1.
    mutating func move(
        _ lane: Int, distance: Float, to: Float, weight: Float = 0, _ seconds: Float, curve: Float
    ) {
        let exact = frames(seconds, least: 0)
        let length = wholeFrames(exact, lane)
        let whole = Double(length)
        guard let c = Self.octaves(curve) else {
            begin(
                lane, length: length, end: to, weight: weight, offset: to + distance, scale: 0, slope: 0,
                line: Float(-Double(distance) / whole))
            return
        }
        let left = exp2Precise(-Float(c)), part = Double(distance) / (1 - Double(left))
        begin(
            lane, length: length, end: to, weight: weight, offset: Float(Double(to) - part * Double(left)),
            scale: Float(part), slope: Float(-c / whole), line: 0)
        updatePowers()
    }

    /// Approaches `to` + target · `weight` from `distance` above it, by 60 dB in `seconds`, without an end.
    mutating func approach(_ lane: Int, distance: Float, to: Float, weight: Float = 0, _ seconds: Float) {
        guard takesTime(seconds) else { return hold(lane, at: to, weight: weight) }
        let frames = Float(frames(seconds, least: 1))
        begin(
            lane, length: .infinity, end: to, weight: weight, offset: to, scale: distance,
            slope: -Self.octaves / frames, line: 0)
        updatePowers()
    }

    /// Rises from `level` to 1 along the part of the curve from 0 to 1 that is left, at the pace at which the whole
    /// takes `seconds`.
    mutating func rise(_ lane: Int, from level: Float, _ seconds: Float, curve: Float) {
        let whole = frames(seconds, least: 1)
        let level = min(max(level, 0), 1)
        guard let c = Self.octaves(curve) else {
            let length = wholeFrames(whole * Double(1 - level), lane)
            begin(
                lane, length: length, end: 1, weight: 0, offset: level, scale: 0, slope: 0,
                line: Float(1 / whole))
            return
        }
        // 2^(−c · u) at the place u, 0…1, of the curve that has reached the level.
        let left = Double(exp2Precise(-Float(c))), here = 1 - Double(level) * (1 - left)
        let length = wholeFrames(whole * (1 + log2Exact(here) / c), lane)
        let asymptote = 1 / (1 - left)
        begin(
            lane, length: length, end: 1, weight: 0, offset: Float(asymptote),
            scale: Float(-asymptote * here), slope: Float(-c / whole), line: 0)
        updatePowers()
    }

    /// Octaves of a curve of −1…1; nil for a straight line.
    private static func octaves(_ curve: Float) -> Double? {
        abs(curve) < 0.005 ? nil : Double(curve) * Double(octaves)
    }

    /// Stretches the running segments of `lanes` from one time to another: the level stays, the pace changes. The
    /// fractions of frames are kept, so that many changes of the tempo add up to none.
    mutating func stretch(_ lanes: LaneMask, from old: Lanes, to new: Lanes) {
        var rest = lanes
        while let lane = rest.popFirst() {
            let ratio = frames(new[lane], least: 1) / frames(old[lane], least: 1)
            let exact = Double(elapsed[lane]) * ratio, whole = exact.rounded()
            slope[lane] = Float(Double(slope[lane]) / ratio)
            line[lane] = Float(Double(line[lane]) / ratio)
            let fraction = Float(exact - whole)
            scale[lane] *= exp2Precise(slope[lane] * fraction)
            offset[lane] += line[lane] * fraction
            if length[lane] < .infinity {
                let left = (Double(length[lane] - elapsed[lane]) + Double(carry[lane])) * ratio
                // At least the next frame belongs to the segment.
                let frames = max(1, left.rounded())
                carry[lane] = Float(max(-1, left - frames))
                length[lane] = Float(whole + frames)
            }
            elapsed[lane] = Float(whole)
        }
        updatePowers()
    }

    /// Sets remaining distances below 2⁻¹⁷ (−102 dB) of segments without an end to 0.
    @inline(__always) mutating func settle() {
        let distance = (scale * exp2(slope * elapsed)).magnitude
        let settled = (distance .< Lanes(repeating: 0x1p-17)) .& (length .== Lanes(repeating: .infinity))
        scale.replace(with: 0, where: settled)
    }

    // MARK: levels

    /// Passes `frames` in which ``rest(for:)`` is true; returns the level.
    @inline(__always) mutating func pass(_ frames: Int, target: Lanes) -> Lanes {
        elapsed += Lanes(repeating: Float(frames))
        return offset.addingProduct(target, weight)
    }

    /// The level in the present frame, which is `place` (0…3) frames after a frame number divisible by four.
    @inline(__always) func level(_ place: Int, target: Lanes) -> Lanes {
        let anchor = scale * exp2(slope * (elapsed - Lanes(repeating: Float(place))))
        let level = offset.addingProduct(target, weight).addingProduct(line, elapsed)
        switch place {
        case 0: return level + anchor
        case 1: return level.addingProduct(anchor, powers.0)
        case 2: return level.addingProduct(anchor, powers.1)
        default: return level.addingProduct(anchor, powers.2)
        }
    }

    /// Advances by one frame and returns its level, with the lanes whose segments end in it.
    @inline(__always) mutating func advance(_ place: Int, target: Lanes) -> (level: Lanes, ended: LaneMask) {
        elapsed += .one
        let ended = elapsed .>= length
        let level = level(place, target: target)
        return (level.replacing(with: end.addingProduct(target, weight), where: ended), ended.lanes)
    }

    /// Writes `frames`, none of which ends a segment. `phase` is the number of the first one of the sub-block.
    /// Without a `target` it counts as 0.
    @inline(__always) mutating func render(
        _ output: Output, _ frames: Range<Int>, phase: Int, target: Signal?, isSteady: Bool = true,
        isSparse: Bool
    ) {
        // The whole groups of four frames.
        let first = min(frames.upperBound, frames.lowerBound + (-(phase &+ frames.lowerBound) & 3))
        let last = first + (frames.upperBound - first) & ~3
        renderEach(output, frames.lowerBound..<first, phase, target)
        let offset = offset, weight = weight, scale = scale, slope = slope, line = line, powers = powers
        let steady = offset.addingProduct(target?[0] ?? .zero, weight)
        @inline(__always) func base(_ n: Int, _ elapsed: Lanes) -> Lanes {
            let base = isSteady ? steady : offset.addingProduct(target?[n] ?? .zero, weight)
            return base.addingProduct(line, elapsed)
        }
        var now = elapsed, n = first
        while n < last {
            if isSparse, n != 0, (phase &+ n) & (SubBlock.controlTick - 1) != 0 {
                now += Lanes(repeating: 4)
                n &+= 4
                continue
            }
            now += .one
            let anchor = scale * exp2(slope * now)
            output[n] = base(n, now) + anchor
            now += .one
            if !isSparse { output[n &+ 1] = base(n &+ 1, now).addingProduct(anchor, powers.0) }
            now += .one
            if !isSparse { output[n &+ 2] = base(n &+ 2, now).addingProduct(anchor, powers.1) }
            now += .one
            if !isSparse { output[n &+ 3] = base(n &+ 3, now).addingProduct(anchor, powers.2) }
            n &+= 4
        }
        elapsed = now
        renderEach(output, last..<frames.upperBound, phase, target)
    }

    @inline(never) private mutating func renderEach(
        _ output: Output, _ frames: Range<Int>, _ phase: Int, _ target: Signal?
    ) {
        for n in frames {
            elapsed += .one
            output[n] = level((phase &+ n) & 3, target: target?[n] ?? .zero)
        }
    }
}
