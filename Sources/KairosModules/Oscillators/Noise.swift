import KairosDSP

/// White or pink noise. Each sample is a hash of the note's seed and the frame number, not the state of a
/// generator, so that the output does not depend on the number of frames rendered before.
///
/// Pink noise is white noise through three poles (Paul Kellet's economy filter): within 0.5 dB of −3 dB per
/// octave from 40 Hz.
public struct Noise: Module {
    public static let info = ModuleInfo(
        "noise", "White or pink noise, uncorrelated between voices.", ownPerVoice: true)
    public typealias Inlet = NoInlets

    public enum Outlet: Int, OutletKey {
        case output
        public var info: OutletInfo { .audio("Noise, −1 … 1.") }
    }

    public enum Param: Int, ParamKey {
        case colour
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
    private let poles: (slow: Float, middle: Float, fast: Float)

    public init(_ format: Format) {
        isVoice = format.lanes == 16
        seed = SIMD16(repeating: scrambled(format.seed))
        origin = seed
        seeds = seed
        // Kellet's poles are for 44.1 kHz; the powers give the same time constants at any sample rate.
        let frames = 44_100 / format.sampleRate
        poles = (powPrecise(0.997_65, frames), powPrecise(0.963, frames), powPrecise(0.57, frames))
    }

    public mutating func reset() {
        origin = seed
        seeds = seed
        started = .none
        clear(.all)
    }

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
        if io.choice(.colour) == 0 {
            for n in 0..<io.frames {
                output[n] = bipolar(scrambled(counter))
                counter = counter &+ SIMD16(repeating: 1)
            }
        } else {
            for n in 0..<io.frames {
                let white = bipolar(scrambled(counter))
                slow = slow * poles.slow + white * (0.0990460 * 0.25)
                middle = middle * poles.middle + white * (0.2965164 * 0.25)
                fast = fast * poles.fast + white * (1.0526913 * 0.25)
                output[n] = slow + middle + fast + white * (0.1848 * 0.25)
                counter = counter &+ SIMD16(repeating: 1)
            }
        }
    }
}
