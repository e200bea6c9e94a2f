import KairosDSP

/// Two trapezoidal integrators in a loop, solved without a unit delay: what `svf` and `biquad` are made of.
///
/// A. Simper, "Solving the continuous SVF equations using trapezoidal integration", 2013; V. Zavalishin, "The Art
/// of VA Filter Design", ch. 3. The state holds the signal's own size at any cutoff, so a float is enough.
struct Integrators {
    private var s1 = Lanes.zero
    private var s2 = Lanes.zero

    mutating func clear(_ lanes: LaneMask) {
        s1.set(lanes, to: 0)
        s2.set(lanes, to: 0)
    }

    /// One frame on: what is above, around and below the cutoff.
    @inline(always) mutating func advance(_ x: Lanes, _ c: Coefficients) -> (
        high: Lanes, band: Lanes, low: Lanes
    ) {
        // The order of the sums keeps the way from state to state short: four products.
        let high = (x * c.scale).addingProduct(s1, -c.damping).addingProduct(s2, -c.scale)
        let band = s1.addingProduct(c.g, high)
        let low = s2.addingProduct(c.g, band)
        s1 = band.addingProduct(c.g, high)
        s2 = low.addingProduct(c.g, band)
        return (high, band, low)
    }

    /// What the loop needs, from the tangent of the cutoff and the damping, 1 / Q.
    struct Coefficients {
        let g: Lanes
        let scale: Lanes
        let damping: Lanes

        @inline(always) init(g: Lanes, k: Lanes) {
            let sum = g + k
            self.g = g
            scale = .one / Lanes.one.addingProduct(g, sum)
            damping = sum * scale
        }
    }
}
