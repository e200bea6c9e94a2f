import KairosDSP

/// A velocity curve through up to eight points, linear between them.
public struct VelocityCurve: BitwiseCopyable, Sendable, Equatable {
    private var inputs = InlineArray<8, Float>(repeating: 1)
    private var outputs = InlineArray<8, Float>(repeating: 1)
    private var count = 0

    /// The identity.
    public static let straight = VelocityCurve([])

    /// The named curves.
    public static let presets: [(name: String, curve: VelocityCurve)] = [
        ("straight", straight),
        // 'soft' raises low velocities for a light touch; 'hard' lowers them.
        ("soft", power(0.6)), ("hard", power(1.7)),
        ("fixed", VelocityCurve([(0, 100 / 127)])),
    ]

    /// A curve through `points`, sorted by `input`; both coordinates are 0…1. It begins at (0, 0), or is
    /// constant where there is one point, and is constant beyond the last point. Points after the eighth are
    /// ignored.
    public init(_ points: [(input: Float, output: Float)]) {
        count = min(8, points.count)
        for index in 0..<count {
            inputs[index] = points[index].input
            outputs[index] = points[index].output
        }
    }

    /// A power function, sampled at eight points.
    private static func power(_ exponent: Float) -> VelocityCurve {
        VelocityCurve((1...8).map { (Float($0) / 8, powPrecise(Float($0) / 8, exponent)) })
    }

    /// The output velocity for an input velocity, both 0…1. The result is at least 1/127, except for the
    /// identity. [any]
    public func callAsFunction(_ velocity: Float) -> Float {
        guard count > 0 else { return velocity }
        var before: (Float, Float) = count == 1 ? (0, outputs[0]) : (0, 0)
        for index in 0..<count {
            if velocity <= inputs[index] {
                let width = inputs[index] - before.0
                let part = width > 0 ? (velocity - before.0) / width : 1
                return max(1 / 127, before.1 + (outputs[index] - before.1) * part)
            }
            before = (inputs[index], outputs[index])
        }
        return max(1 / 127, before.1)
    }

    /// True where both curves have the same points.
    public static func == (a: VelocityCurve, b: VelocityCurve) -> Bool {
        guard a.count == b.count else { return false }
        for index in 0..<a.count
        where a.inputs[index] != b.inputs[index] || a.outputs[index] != b.outputs[index] {
            return false
        }
        return true
    }
}
