import KairosDSP

/// Two trapezoidal integrators in a loop, solved without a unit delay: what `svf` and `biquad` are made of.
///
/// A. Simper, "Solving the continuous SVF equations using trapezoidal integration", 2013; V. Zavalishin, "The Art
/// of VA Filter Design", ch. 3. The state holds the signal's own size at any cutoff, so a float is enough.
struct Integrators {
    // Half of each integrator's state: what comes out of it is the mean of a frame's and the next one's.
    private var s1 = Lanes.zero
    private var s2 = Lanes.zero

    mutating func clear(_ lanes: LaneMask) {
        s1.set(lanes, to: 0)
        s2.set(lanes, to: 0)
    }

    /// One frame on: what is around and what is below the cutoff.
    ///
    /// Solved for the next state, so that the way from state to state is two products and not four: a frame waits
    /// for the one before.
    @inline(__always) mutating func advance(_ x: Lanes, _ c: Coefficients) -> (band: Lanes, low: Lanes) {
        let ahead = x * Lanes(repeating: 0.5) - s2
        let next1 = s1.subtractingProduct(s1, c.loss).addingProduct(ahead, c.push)
        let next2 = s2.addingProduct(s1, c.push).addingProduct(ahead, c.pull)
        let parts = (band: s1 + next1, low: s2 + next2)
        s1 = next1
        s2 = next2
        return parts
    }

    /// How much of what goes where, d being 1 + g(g + k).
    struct Coefficients {
        /// 2g / d: from the input, less the lower state, into the upper state, and from there into the lower.
        let push: Lanes
        /// 2g(g + k) / d: what the upper state loses.
        let loss: Lanes
        /// 2g² / d: from the input, less the lower state, into the lower state.
        let pull: Lanes
    }

    /// The coefficients on the grid, each in a straight line from point to point: between two stable filters so
    /// near each other there is no unstable one, and there is no division in a frame.
    struct Course {
        private var push = ControlRamp()
        private var loss = ControlRamp()
        private var pull = ControlRamp()

        /// Whether every lane stays where it is until the next aim.
        private(set) var isSteady = true

        /// For a cutoff whose tangent g is `sine` over `cosine`, and the damping k, 1 / Q.
        @_transparent mutating func aim(
            sine: Lanes, cosine: Lanes, k: Lanes, _ lanes: LaneMask, snapping: LaneMask
        ) {
            // All times the square of the cosine, so that one division does.
            let sum = sine.addingProduct(cosine, k)
            let part = (sine + sine) / (cosine * cosine).addingProduct(sine, sum)
            push.aim(at: part * cosine, lanes, snapping: snapping)
            loss.aim(at: part * sum, lanes, snapping: snapping)
            pull.aim(at: part * sine, lanes, snapping: snapping)
            isSteady = push.isSteady && loss.isSteady && pull.isSteady
        }

        /// From `frame` frames after the last point of the grid until the next.
        @inline(__always) func lines(from frame: Int) -> Lines {
            Lines(push: push.line(from: frame), loss: loss.line(from: frame), pull: pull.line(from: frame))
        }
    }

    /// The coefficients between two points of the grid, frame by frame.
    struct Lines {
        private var push: ControlLine
        private var loss: ControlLine
        private var pull: ControlLine

        @inline(__always) init(push: ControlLine, loss: ControlLine, pull: ControlLine) {
            self.push = push
            self.loss = loss
            self.pull = pull
        }

        var coefficients: Coefficients {
            @inline(__always) get { Coefficients(push: push.value, loss: loss.value, pull: pull.value) }
        }

        /// One frame on.
        @inline(__always) mutating func advance() {
            push.advance()
            loss.advance()
            pull.advance()
        }
    }
}
