import KairosDSP

/// Left and right of a signal, with equal power wherever it stands.
///
/// In the middle both sides are as they came, bit for bit, as with no `pan` at all; at an end one is silent and
/// the other 3 dB louder. The same formula places a mono voice and balances a stereo bus.
public struct Pan: Module {
    public static let info = ModuleInfo("pan", "Places a sound between left and right.", widens: true)

    public enum Inlet: Int, InletKey {
        case input
        public var info: InletInfo { .audio("What is placed.") }
    }

    public enum Outlet: Int, OutletKey {
        case output
        public var info: OutletInfo { .audio("Left and right.") }
    }

    public enum Param: Int, ParamKey {
        case pan
        public var spec: ParamSpec { .pan("From left, −100 %, to right, 100 %.") }
    }

    private let side: Lanes

    public init(_ format: Format) { side = format.side }
    public mutating func reset() {}
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {}

    public mutating func process(_ io: ModuleIO<Self>) {
        let x = io[.input], pan = io[.pan], output = io[.output]
        if pan.isSteady {
            let gain = gain(pan[0])
            for n in 0..<io.frames { output[n] = x[n] * gain }
        } else {
            for n in 0..<io.frames { output[n] = x[n] * gain(pan[n]) }
        }
    }

    /// sin(π/4 · (1 + side · pan)) over its value in the middle, so that the middle is exactly 1.
    @inline(__always) private func gain(_ pan: Lanes) -> Lanes {
        let eighth = Lanes(repeating: 0.125)
        return quarterSine(eighth.addingProduct(side * pan, eighth)) / quarterSine(eighth)
    }
}
