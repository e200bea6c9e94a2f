public import KairosDSP

/// Arithmetic on two control signals.
public struct Arithmetic: Module {
    /// Type name and description.
    public static let info = ModuleInfo(
        "math", "Arithmetic on two control signals: sum, product, quotient, comparison and others.",
        isControl: true, isSource: true)

    /// Inlets.
    public enum Inlet: Int, InletKey {
        case a, b
        /// Declaration of the inlet.
        public var info: InletInfo {
            switch self {
            case .a: .audio("First operand, any range, usually −1 … 1.")
            case .b: .audio("Second operand, to which `value` is added, any range, usually −1 … 1.")
            }
        }
    }

    /// Outlets.
    public enum Outlet: Int, OutletKey {
        case output
        /// Declaration of the outlet.
        public var info: OutletInfo {
            .audio("Result; 0 … 1 of a comparison, otherwise the range of the operands, −1000000 … 1000000.")
        }
    }

    /// Operation, in the order of the words in a patch. `b` includes the parameter `value`.
    public enum Operation: Int, CaseIterable, Sendable {
        /// a + b, a − b and a · b.
        case add, subtract, multiply
        /// a / b. Where |b| is below 0.001 it is a · b · 10⁶, which goes through 0 with b.
        case divide
        /// The smaller and the larger of both.
        case min, max
        /// |a| and −a.
        case absolute, negate
        /// |a| to the power of b, with the sign of a. A negative b counts as 0.
        case power
        /// 1 where a > b, or a < b, otherwise 0.
        case greater, less

        /// The result for operands `a` and `b`, −10⁶ … 10⁶.
        @inline(__always) func result(_ a: Lanes, _ b: Lanes) -> Lanes {
            let limit: Float = 1_000_000
            switch self {
            case .add: return a + b
            case .subtract: return a - b
            case .multiply: return (a * b).clamped(-limit, limit)
            case .divide: return (a * b / (b * b).larger(Lanes(repeating: 1e-6))).clamped(-limit, limit)
            case .min: return a.smaller(b)
            case .max: return a.larger(b)
            case .absolute: return a.magnitude
            case .negate: return a.negated
            case .power:
                let exponent = b.larger(.zero), size = exp2(exponent * log2(a.magnitude))
                let isZero = (a .== Lanes.zero) .& (exponent .> Lanes.zero)
                return size.replacing(with: 0, where: isZero).smaller(Lanes(repeating: limit)).withSign(of: a)
            case .greater: return Lanes.zero.replacing(with: 1, where: a .> b)
            case .less: return Lanes.zero.replacing(with: 1, where: a .< b)
            }
        }
    }

    /// Parameters.
    public enum Param: Int, ParamKey {
        case operation, value
        /// Declaration of the parameter.
        public var spec: ParamSpec {
            switch self {
            case .operation:
                .choice(
                    "Operation on `a` and `b`; `absolute` and `negate` take `a` alone.",
                    Operation.allCases.map { "\($0)" })
            case .value:
                ParamSpec("Value that is added to `b`.", range: -128...128, default: 0, centre: 0)
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
        let a = io[.a], b = io[.b], value = io[.value]
        let operation = Operation(rawValue: io.choice(.operation)) ?? .add
        if a.isSteady && b.isSteady && value.isSteady {
            return io.hold(.output, at: operation.result(a[0], b[0] + value[0]))
        }
        let output = io[.output]
        io.forEachFrame(readFrom: .output) { output[$0] = operation.result(a[$0], b[$0] + value[$0]) }
    }
}
