import Glibc

// Functions of the C library, for values that change rarely. Modules use the kernels over lanes instead.

/// 2 to the power of `x`, correctly rounded in nearly all cases: computed in double precision. [any]
public func exp2Precise(_ x: Float) -> Float { Float(Glibc.exp2(Double(x))) }

/// Binary logarithm of `x`. [any]
public func log2Precise(_ x: Float) -> Float { Float(Glibc.log2(Double(x))) }

/// Cube root of `x`. [any]
public func cubeRootPrecise(_ x: Float) -> Float { Float(Glibc.cbrt(Double(x))) }

/// e to the power of `x`. [any]
public func expPrecise(_ x: Float) -> Float { Float(Glibc.exp(Double(x))) }

/// Amplitude factor of a level in decibels; −∞ dB is 0. [any]
public func amplitude(decibels: Float) -> Float { Float(Glibc.pow(10, Double(decibels) / 20)) }

/// Level in decibels of an amplitude factor; 0 is −∞ dB. [any]
public func decibels(amplitude: Float) -> Float { Float(20 * Glibc.log10(Double(amplitude))) }

/// Fraction of a distance that an exponential decay removes per frame, so that `ratio` (0…1) of the distance
/// is left after `frames`. 1 when `frames` is not positive. [any]
public func decayPerFrame(ratio: Float, frames: Float) -> Float {
    frames > 0 ? Float(-Glibc.expm1(Glibc.log(Double(ratio)) / Double(frames))) : 1
}

/// `base` to the power of `exponent`. [any]
public func powPrecise(_ base: Float, _ exponent: Float) -> Float {
    Float(Glibc.pow(Double(base), Double(exponent)))
}

/// Binary logarithm of `x` in double precision. [any]
public func log2Exact(_ x: Double) -> Double { Glibc.log2(x) }
