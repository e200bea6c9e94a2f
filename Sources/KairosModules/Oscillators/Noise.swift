public import KairosDSP

/// White or pink noise. Each sample is a hash of the note's seed and the frame number, not the state of a
/// generator, so that the output does not depend on the number of frames rendered before.
///
/// The power density (power per hertz) is the same at every sample rate, as that of an analogue noise source:
/// the peak value grows with the square root of the sample rate
/// (docs/decisions/0038-density-of-noise.md).
public struct Noise: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "noise", "White or pink noise, uncorrelated between voices.", ownPerVoice: true,
        isSource: true)
    /// Inlets.
    public typealias Inlet = NoInlets

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo {
            .audio("Noise, −1 … 1 at 48 kHz; the same power density at every sample rate.")
        }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case colour
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            .choice("Spectrum: white (flat) or pink (−3 dB per octave).", ["white", "pink"])
        }
    }

    private let isVoice: Bool
    private let seed: SIMD16<UInt32>
    /// Hashed seed minus the clock at which each lane started.
    private var origin: SIMD16<UInt32>
    private var seeds: SIMD16<UInt32>
    private var started = LaneMask.none
    /// States of the three poles of the pink filter.
    private var slow = Lanes.zero
    private var middle = Lanes.zero
    private var fast = Lanes.zero
    /// Peak value of white noise: 1 at 48 kHz.
    private let peak: Float
    private let filter: PinkFilter

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) {
        isVoice = format.lanes == 16
        seed = SIMD16(repeating: scrambled(format.seed))
        origin = seed
        seeds = seed
        peak = (format.sampleRate / 48_000).squareRoot()
        filter = PinkFilter(sampleRate: format.sampleRate)
    }

    /// Resets all state. [audio, loader]
    public mutating func reset() {
        origin = seed
        seeds = seed
        started = .none
        clear(.all)
    }

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {
        self.seeds.replace(with: scrambled(seeds ^ seed), where: lanes.vector)
        started = started | lanes
        clear(lanes)
    }

    private mutating func clear(_ lanes: LaneMask) {
        slow.set(lanes, to: 0)
        middle.set(lanes, to: 0)
        fast.set(lanes, to: 0)
    }

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let output = io[.output]
        let clock = SIMD16<UInt32>(repeating: UInt32(truncatingIfNeeded: io.clock))
        if !started.isEmpty {
            // The noise of a voice begins with its note; that of a module that runs once is a function of the
            // clock.
            origin.replace(with: isVoice ? seeds &- clock : seeds, where: started.vector)
            started = .none
        }
        var counter = origin &+ clock
        let peak = Lanes(repeating: peak)
        if io.choice(.colour) == 0 {
            for n in 0..<io.frames {
                output[n] = bipolar(scrambled(counter), peak: peak)
                counter = counter &+ SIMD16(repeating: 1)
            }
        } else {
            for n in 0..<io.frames {
                let white = bipolar(scrambled(counter), peak: peak)
                slow = slow * filter.poles.slow + white * filter.gains.slow
                middle = middle * filter.poles.middle + white * filter.gains.middle
                fast = fast * filter.poles.fast + white * filter.gains.fast
                output[n] = slow + middle + fast + white * filter.direct
                counter = counter &+ SIMD16(repeating: 1)
            }
        }
    }
}

/// Coefficients of the filter that makes pink noise of white: three one-pole low-pass filters and a direct
/// path, in parallel.
///
/// At 48 kHz it is Paul Kellet's economy filter: within 0.5 dB of −3 dB per octave from 40 Hz. At 44.1 to
/// 192 kHz the response is within 0.1 dB of that one up to 16 kHz.
private struct PinkFilter {
    /// Factor of each state from frame to frame.
    let poles: (slow: Float, middle: Float, fast: Float)
    /// Factor from the input to each state.
    let gains: (slow: Float, middle: Float, fast: Float)
    /// Factor from the input to the output.
    let direct: Float

    init(sampleRate: Float) {
        let poles = Self.poles(sampleRate), reference = Self.poles(48_000)
        // The gain at 0 Hz, gain / (1 − pole), of each low-pass filter is that at 48 kHz.
        let slow = 0.0990460 * 0.25 * ((1 - poles.slow) / (1 - reference.slow))
        let middle = 0.2965164 * 0.25 * ((1 - poles.middle) / (1 - reference.middle))
        let fast = 1.0526913 * 0.25 * ((1 - poles.fast) / (1 - reference.fast))
        // A digital one-pole filter passes about half its gain at frequencies far above its cutoff. The
        // direct path makes up for the difference, and the fast filter for the sum at 0 Hz. Both factors are
        // fitted to the response at 48 kHz.
        let loss = (0.0990460 + 0.2965164 + 1.0526913) * 0.25 - (slow + middle + fast)
        let extra = loss * 0.45
        self.poles = poles
        gains = (slow, middle, fast - extra * 0.85 * (1 - poles.fast))
        direct = 0.1848 * 0.25 + extra
    }

    /// Kellet's poles are for 44.1 kHz; the powers give the same time constants at any sample rate.
    private static func poles(_ sampleRate: Float) -> (slow: Float, middle: Float, fast: Float) {
        let frames = 44_100 / sampleRate
        return (powPrecise(0.997_65, frames), powPrecise(0.963, frames), powPrecise(0.57, frames))
    }
}
