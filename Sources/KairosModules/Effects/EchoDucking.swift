import KairosDSP

/// Ducking of the echoes by the input of ``Delay``, from control tick to control tick. [audio]
///
/// The level of the input is its peak; it falls by 60 dB per second. The reduction of the echoes grows linearly with
/// the level in dB, from 0 at −50 dBFS to the full value at −20 dBFS, with a time constant of 5 ms.
struct EchoDucking: BitwiseCopyable {
    /// Octaves of the amplitude (6.02 dB) per decibel.
    private static var octaves: Float { 0.166_096_4 }

    private let sampleRate: Float
    /// Part of the distance that the reduction covers in a tick.
    private let part: Float
    /// Peak since the last tick: of each voice, or of eight frames of a bus.
    private var peak = Lanes.zero
    /// Level in octaves.
    private var level = Lanes(repeating: -126)
    /// Reduction as a part of the full one, 0 … 1.
    private var reduction = Lanes.zero

    init(sampleRate: Float) {
        self.sampleRate = sampleRate
        let time = Lanes(repeating: 0.005 / Float(SubBlock.controlTick))
        part = Lanes.onePole(seconds: time, sampleRate)[0]
    }

    mutating func start(_ lanes: LaneMask) {
        peak.set(lanes, to: 0)
        level.set(lanes, to: -126)
        reduction.set(lanes, to: 0)
    }

    /// Forgets the input while the module was not run for `frames` frames.
    mutating func skip(_ frames: Int) {
        fall(Float(frames))
        reduction = .zero
    }

    /// Follows a frame of voices, or eight frames of a bus.
    @inline(__always) mutating func follow(_ x: Lanes) { peak = peak.larger(x.magnitude) }

    /// Ends a control tick.
    @inline(__always) mutating func tick(isBus: Bool) {
        fall(Float(SubBlock.controlTick))
        if isBus {
            var loudest = peak.frame(0)
            for frame in 1..<8 {
                let other = peak.frame(frame)
                loudest = loudest.replacing(with: other, where: other .> loudest)
            }
            let sides = Lanes(stereo: loudest)
            peak = sides.larger(sides.sidesExchanged)
        }
        level = level.larger(log2(peak))
        peak = .zero
        let over = level + Lanes(repeating: 50 * Self.octaves)
        let goal = (over * Lanes(repeating: 1 / (30 * Self.octaves))).clamped(0, 1)
        reduction = reduction.addingProduct(goal - reduction, Lanes(repeating: part))
        reduction.replace(with: 0, where: reduction .< Lanes(repeating: 0x1p-20))
    }

    private mutating func fall(_ frames: Float) {
        level = (level - Lanes(repeating: 60 * Self.octaves * frames / sampleRate)).larger(
            Lanes(repeating: -126))
    }

    /// Gain of the echoes, 0 … 1, for a full reduction of `decibels`.
    @inline(__always) func gain(_ decibels: Lanes) -> Lanes {
        exp2((reduction * decibels * Lanes(repeating: Self.octaves)).negated)
    }
}
