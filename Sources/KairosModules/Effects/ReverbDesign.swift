import KairosDSP

/// Delays of one kind of reverb, in frames at 48 kHz. [loader]
///
/// The delays are primes, in nearly equal ratios: few echoes coincide.
struct ReverbDesign {
    /// Lengths of the delay lines at a size of 100 %, ascending.
    let lines: Lanes
    /// Lengths of the allpass filters in front of the lines: six for the left channel, six for the right.
    let diffusers: [Float]
    /// Coefficient of the allpass filters.
    let diffusion: Float
    /// Places of two outputs inside each line, as parts of its length; nil if the output is the end of the line.
    let taps: (Float, Float)?

    /// A room or hall: lines of 20 to 60 ms.
    static var hall: ReverbDesign {
        ReverbDesign(
            lines: Lanes(
                967, 1033, 1117, 1201, 1289, 1399, 1493, 1607, 1733, 1861, 1997, 2153, 2333, 2503, 2677, 2887),
            diffusers: [113, 173, 229, 347, 447, 610, 107, 158, 245, 331, 419, 653], diffusion: 0.6, taps: nil
        )
    }

    /// A plate: lines of 18 to 57 ms.
    static var plate: ReverbDesign {
        ReverbDesign(
            lines: Lanes(
                853, 907, 953, 1087, 1151, 1213, 1307, 1439, 1531, 1697, 1847, 1931, 2179, 2339, 2549, 2729),
            diffusers: [41, 67, 113, 173, 277, 379, 37, 71, 107, 158, 293, 367], diffusion: 0.7,
            taps: (0.13, 0.37))
    }
}
