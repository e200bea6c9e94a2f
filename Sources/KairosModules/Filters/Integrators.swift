import KairosDSP

/// Two trapezoidal integrators in a loop, solved without a unit delay: the core of `svf` and `biquad`.
///
/// Sources: A. Simper, "Solving the continuous SVF equations using trapezoidal integration", 2013; V.
/// Zavalishin, "The Art of VA Filter Design", ch. 3. The states have the magnitude of the signal at any
/// cutoff frequency, so single precision is sufficient.
struct Integrators {
    // Half of each integrator's state: the output is the mean of this frame's state and the next one's.
    private var s1 = Lanes.zero
    private var s2 = Lanes.zero

    mutating func clear(_ lanes: LaneMask) {
        s1.set(lanes, to: 0)
        s2.set(lanes, to: 0)
    }

    /// Filters one frame; returns the band-pass and the low-pass output.
    ///
    /// Solved for the next state, so that the dependency from state to state is two products long, not four:
    /// the latency from frame to frame limits the speed.
    @inline(__always) mutating func advance(_ x: Lanes, _ c: Coefficients) -> (band: Lanes, low: Lanes) {
        let ahead = x * Lanes(repeating: 0.5) - s2
        let next1 = s1.subtractingProduct(s1, c.loss).addingProduct(ahead, c.push)
        let next2 = s2.addingProduct(s1, c.push).addingProduct(ahead, c.pull)
        let parts = (band: s1 + next1, low: s2 + next2)
        s1 = next1
        s2 = next2
        return parts
    }

    /// Coefficients, with d = 1 + g(g + k), g = tan(π · cutoff / sample rate) and k = 1 / Q.
    struct Coefficients {
        /// 2g / d: from the input minus state 2 to state 1, and from state 1 to state 2.
        let push: Lanes
        /// 2g(g + k) / d: decrease of state 1.
        let loss: Lanes
        /// 2g² / d: from the input minus state 2 to state 2.
        let pull: Lanes
    }

    /// Coefficients at control ticks, each interpolated linearly in between. Between two stable filters that
    /// are so close to each other there is no unstable one, and no frame needs a division.
    struct CoefficientRamp {
        private var push = ControlRamp()
        private var loss = ControlRamp()
        private var pull = ControlRamp()

        /// True if no lane changes before the next call of `aim`.
        private(set) var isSteady = true

        /// Starts ramps to a cutoff frequency with g = `sine` / `cosine` and the damping k = 1 / Q.
        @_transparent mutating func aim(
            sine: Lanes, cosine: Lanes, k: Lanes, _ lanes: LaneMask, snapping: LaneMask
        ) {
            // Numerators and denominator are multiplied by cosine², so that one division is sufficient.
            let sum = sine.addingProduct(cosine, k)
            let part = (sine + sine) / (cosine * cosine).addingProduct(sine, sum)
            push.aim(at: part * cosine, lanes, snapping: snapping)
            loss.aim(at: part * sum, lanes, snapping: snapping)
            pull.aim(at: part * sine, lanes, snapping: snapping)
            isSteady = push.isSteady && loss.isSteady && pull.isSteady
        }

        /// The linear ramps to the next control tick, from `frame` frames after the last one.
        @inline(__always) func ramps(from frame: Int) -> LinearRamps {
            LinearRamps(
                push: push.ramp(from: frame), loss: loss.ramp(from: frame), pull: pull.ramp(from: frame))
        }
    }

    /// Coefficients between two control ticks, frame by frame.
    struct LinearRamps {
        private var push: LinearRamp
        private var loss: LinearRamp
        private var pull: LinearRamp

        @inline(__always) init(push: LinearRamp, loss: LinearRamp, pull: LinearRamp) {
            self.push = push
            self.loss = loss
            self.pull = pull
        }

        var coefficients: Coefficients {
            @inline(__always) get { Coefficients(push: push.value, loss: loss.value, pull: pull.value) }
        }

        /// Advances by one frame.
        @inline(__always) mutating func advance() {
            push.advance()
            loss.advance()
            pull.advance()
        }
    }
}
