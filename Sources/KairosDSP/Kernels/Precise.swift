import Glibc

// The system's mathematics, for values that change now and then. Modules use the kernels on lanes.

/// 2 to the power of `x`, to the last bit that a float has.
public func exp2Precise(_ x: Float) -> Float { Float(Glibc.exp2(Double(x))) }

/// The logarithm of `x` to base 2.
public func log2Precise(_ x: Float) -> Float { Float(Glibc.log2(Double(x))) }

/// The third root of `x`.
public func cubeRootPrecise(_ x: Float) -> Float { Float(Glibc.cbrt(Double(x))) }

/// e to the power of `x`.
public func expPrecise(_ x: Float) -> Float { Float(Glibc.exp(Double(x))) }

/// The amplitude of `decibels`; −infinity is 0.
public func amplitude(decibels: Float) -> Float { Float(Glibc.pow(10, Double(decibels) / 20)) }

/// The decibels of `amplitude`; 0 is −infinity.
public func decibels(amplitude: Float) -> Float { Float(20 * Glibc.log10(Double(amplitude))) }

/// What part of a distance goes each frame, for `ratio` (0 … 1) of it to be left after `frames`.
public func decayPerFrame(ratio: Float, frames: Float) -> Float {
    frames > 0 ? Float(-Glibc.expm1(Glibc.log(Double(ratio)) / Double(frames))) : 1
}

/// `base` to the power of `exponent`.
public func powPrecise(_ base: Float, _ exponent: Float) -> Float {
    Float(Glibc.pow(Double(base), Double(exponent)))
}

/// The logarithm of `x` to base 2, in double precision.
public func log2Exact(_ x: Double) -> Double { Glibc.log2(x) }
