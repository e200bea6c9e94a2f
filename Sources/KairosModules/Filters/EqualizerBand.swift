import KairosDSP

/// One band of ``Equalizer``: two integrators, and an output that is a sum of the input and their outputs.
///
/// A lane is *flat* while its gain is 0 dB: its output is its input. When it gets a gain, its integrators begin at 0
/// and its coefficients at their values, whether the band was processed meanwhile, for other lanes, or not.
struct EqualizerBand: BitwiseCopyable {
    /// Response of the band.
    enum Response: BitwiseCopyable { case lowShelf, peak, highShelf }

    /// Q of the shelves: the steepest without an overshoot.
    static var shelfQ: Float { 0.707_106_77 }

    private let response: Response
    private var filter: IntegratorFilter
    private var mix = Biquad.OutputMix()
    /// Values that the coefficients were computed for: Hz, dB, Q.
    private var frequency = Lanes.zero
    private var gain = Lanes.zero
    private var q = Lanes.zero
    /// Lanes whose output is their input until the next control tick.
    private var flat = LaneMask.none

    init(_ response: Response, _ format: Format) {
        self.response = response
        filter = IntegratorFilter(format)
    }

    /// True if the band need not be processed before the next control tick.
    var isFlat: Bool { flat.isAll }

    /// Starts ramps to these values (Hz, dB, Q) in `lanes`: all at a control tick, otherwise those in `started`.
    mutating func aim(
        _ frequency: Lanes, _ gain: Lanes, _ q: Lanes, _ lanes: LaneMask, _ started: LaneMask
    ) {
        // Lanes that were flat since the last control tick, and those without a gain at it, whose sum has just
        // arrived at the input: a gain that moves through 0 dB does not interrupt the integrators.
        let rested = flat | started, hadNoGain = (self.gain .== Lanes.zero).lanes | started
        flat = (flat & ~lanes) | ((gain .== Lanes.zero).lanes & hadNoGain & lanes)
        // In lanes that have started the sum is set too, which is not the input in a new band.
        if started.isEmpty && flat.isAll { return }
        let moved = (frequency .!= self.frequency) .| (gain .!= self.gain) .| (q .!= self.q)
        let isAtRest = filter.isAtRest && mix.isSteady
        guard moved.any || !started.isEmpty || !isAtRest else { return }
        self.frequency.replace(with: frequency, in: lanes)
        self.gain.replace(with: gain, in: lanes)
        self.q.replace(with: q, in: lanes)
        filter.start(rested & lanes)
        // A = 10^(dB/40) of the cookbook, and its square root.
        let root = exp2(gain * Lanes(repeating: 0.041_524_1)), a = root * root
        let turns = filter.halfTurns(frequency)
        var upper = sine(halfTurns: turns), k = Lanes.one / q
        var high = Lanes.one, band = Lanes.zero, low = Lanes.one
        switch response {
        case .peak:
            k = k / a
            band = k * a * a
        case .lowShelf:
            upper = upper / root
            band = k * a
            low = a * a
        case .highShelf:
            upper = upper * root
            high = a * a
            band = k * a
        }
        filter.aim(sine: upper, cosine: cosine(halfTurns: turns), k: k, lanes)
        mix.aim(high: high, band: band, low: low, k: k, lanes, snapping: started)
        filter.finishAiming()
    }

    /// Filters the frames of `segment` in place.
    mutating func process(_ segment: ControlSegment, _ output: Output) {
        var ramps = filter.coefficientRamp.ramps(from: segment.phase), mix = mix.ramps(from: segment.phase)
        var integrators = filter.integrators
        let isSteady = filter.coefficientRamp.isSteady && self.mix.isSteady
        for n in segment.first..<segment.end {
            let x = output[n], parts = integrators.advance(x, ramps.coefficients)
            output[n] = mix.sum(x, parts.band, parts.low)
            if !isSteady {
                ramps.advance()
                mix.advance()
            }
        }
        filter.integrators = integrators
    }
}
