public import KairosDSP

/// Curve of a control signal.
///
/// It acts on the magnitude and keeps the sign. 0 stays 0 and 1 stays 1; a magnitude above 1 counts as 1.
public struct ControlCurve: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "curve", "Curve of a control signal: bent, exponential, logarithmic or S-shaped.", isControl: true)

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case input
        /// Declaration of the inlet.
        public var info: InletInfo { .audio("Control signal, 0 … 1 or −1 … 1.") }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo { .audio("Curved signal, 0 … 1 or −1 … 1.") }
    }

    /// Shape, in the order of the words in a patch. x is the magnitude of the input, a the amount, −1 … 1.
    public enum Shape: Int, CaseIterable, Sendable {
        /// x / (x + (1 − x) · 2^(−5a)), as C. Schlick has it ("Fast alternatives to Perlin's bias and gain
        /// functions", 1994).
        case bend
        /// (1000^(ax) − 1) / (1000^a − 1): equal steps of x are equal ratios, 60 dB at 100 %.
        case exponential
        /// log(1 + x · (1000^a − 1)) / log(1000^a): the inverse of the exponential curve.
        case logarithmic
        /// Two bends, from the middle to each end.
        case s
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case shape, amount
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .shape: .choice("Shape.", Shape.allCases.map { "\($0)" })
            case .amount:
                ParamSpec(
                    "Amount: 0 % is a straight line, a negative amount bends to the other side.",
                    range: -1...1, default: 0.5, unit: .ratio, centre: 0)
            }
        }
    }

    /// Creates the module for one format. [loader]
    public init(_ format: Format, _: inout ModuleMemory) {}

    /// Resets all state. [audio, loader]
    public mutating func reset() {}

    /// Clears the state of `lanes`. [audio]
    public mutating func start(_ lanes: LaneMask, seeds: SIMD16<UInt32>) {}

    /// Renders one sub-block. [audio]
    public mutating func process(_ io: ModuleIO<Self>) {
        let input = io[.input], amount = io[.amount]
        let shape = Shape(rawValue: io.choice(.shape)) ?? .bend
        if amount.isSteady {
            let curve = Coefficients(shape, amount[0])
            if input.isSteady { return io.hold(.output, at: curve.value(shape, input[0])) }
            let output = io[.output]
            io.forEachFrame(readFrom: .output) { output[$0] = curve.value(shape, input[$0]) }
        } else {
            let output = io[.output]
            io.forEachFrame(readFrom: .output) {
                output[$0] = Coefficients(shape, amount[$0]).value(shape, input[$0])
            }
        }
    }
}

/// Numbers of a curve that depend on its amount.
private struct Coefficients {
    /// Bend: 2^(−5a). Otherwise the exponent of the curve in octaves, and its logarithm to base e.
    private let factor: Lanes
    private let exponent: Lanes
    /// 2^exponent, and the reciprocals of that minus 1 and of the exponent.
    private let ratio: Lanes
    private let inverseSpan: Lanes
    private let inverseExponent: Lanes

    @inline(__always) init(_ shape: ControlCurve.Shape, _ amount: Lanes) {
        factor = exp2(amount * Lanes(repeating: -5))
        exponent = amount * Lanes(repeating: 9.965_784)
        ratio = exp2(exponent)
        inverseSpan = .one / (ratio - .one)
        inverseExponent = .one / exponent
    }

    /// The curve at `x`.
    @inline(__always) func value(_ shape: ControlCurve.Shape, _ x: Lanes) -> Lanes {
        let size = x.magnitude.smaller(.one)
        let curved: Lanes
        switch shape {
        case .bend: curved = bend(size)
        case .exponential:
            curved = nearLine(size, 1 / 12, sign: 1, (exp2(exponent * size) - .one) * inverseSpan)
        case .logarithmic:
            curved = nearLine(
                size, 1 / 6, sign: -1, log2((Lanes.one - size).addingProduct(ratio, size)) * inverseExponent)
        case .s:
            let half = Lanes(repeating: 0.5), side = size + size - .one
            curved = half.addingProduct(half, bend(side.magnitude).withSign(of: side))
        }
        return curved.smaller(.one).withSign(of: x)
    }

    @inline(__always) private func bend(_ x: Lanes) -> Lanes {
        x / x.addingProduct(Lanes.one - x, factor)
    }

    /// `curved`, or for a small exponent c, where that loses its bits, the first terms of its series:
    /// x + (x² − x) · (±c / 2 + c² · (2x − 1) · `third`).
    @inline(__always) private func nearLine(
        _ x: Lanes, _ third: Float, sign: Float, _ curved: Lanes
    ) -> Lanes {
        let c = exponent * Lanes(repeating: 0.693_147_2)
        let square = c * c * Lanes(repeating: third)
        let slope = (c * Lanes(repeating: 0.5 * sign)).addingProduct(x + x - .one, square)
        let line = x.addingProduct(x * x - x, slope)
        return curved.replacing(with: line, where: c.magnitude .< Lanes(repeating: 0.05))
    }
}
