public import CLanes

/// Table of a residual: a polynomial of degree 5 for each of eight segments of the kernel's half-width.
///
/// A permutation of vectors reads the coefficients, so that a table costs less than one polynomial as exact for the
/// whole half-width. `scripts/oscillator-kernel` designs the kernel and prints the tables.
@frozen public struct ResidualTable: Sendable {
    /// Coefficients, one vector for each power of the position within a segment.
    @usableFromInline let constant, linear, square, cube, fourth, fifth: SIMD8<Float>

    @inline(__always) @inlinable init(
        _ constant: SIMD8<Float>, _ linear: SIMD8<Float>, _ square: SIMD8<Float>, _ cube: SIMD8<Float>,
        _ fourth: SIMD8<Float>, _ fifth: SIMD8<Float>
    ) {
        self.constant = constant
        self.linear = linear
        self.square = square
        self.cube = cube
        self.fourth = fourth
        self.fifth = fifth
    }

    /// Position at a discontinuity.
    @inline(__always) @inlinable public static var atDiscontinuity: Float { 7.25 }
    /// Positions in a half-width of the kernel.
    @inline(__always) @inlinable public static var perHalfWidth: Float { 7.75 }

    /// Residual at `position`: 7.25 − 7.75 · distance in half-widths, at most 7.25. From −½ downwards, which is beyond
    /// the kernel, it is exactly 0. [audio]
    @inline(__always) @inlinable public func callAsFunction(_ position: Lanes) -> Lanes {
        let x = position.larger(Lanes(repeating: -0.5))
        // The low bits of the sum are the nearest whole number, 0…7: at −½ it is the even one, 0.
        let magic = Lanes(repeating: 12_582_912), index = x + magic
        let u = x - (index - magic)
        var p = clanes_look_up(fifth, index)
        p = clanes_look_up(fourth, index).addingProduct(p, u)
        p = clanes_look_up(cube, index).addingProduct(p, u)
        p = clanes_look_up(square, index).addingProduct(p, u)
        p = clanes_look_up(linear, index).addingProduct(p, u)
        return clanes_look_up(constant, index).addingProduct(p, u)
    }

    /// Step residual (BLEP): the difference between a naive step of height 2 and its band-limited form; falls from 1 at
    /// the step to 0 at the kernel's end, and is within 6·10⁻⁵ of the kernel's. [audio]
    ///
    /// It is subtracted after the step. Before the step the same amount is added, by symmetry.
    @inline(__always) @inlinable public static var step: ResidualTable {
        ResidualTable(
            SIMD8(
                0.003_002_329_7, 0.038_638_94, 0.064_695_165, -0.020_060_362,
                0.030_597_836, 0.041_485_935, -0.169_912_74, 0.629_490_5),
            SIMD8(
                0.012_178_545, 0.055_783_21, -0.036_348_604, -0.070_939_824,
                0.144_248_95, -0.211_937_38, 0.087_221_39, 1.422_915_1),
            SIMD8(
                0.019_007_646, 0.005_149_748, -0.082_946_89, 0.091_424_29,
                0.003_568_358_5, -0.225_095_35, 0.612_291_7, 0.349_401_86),
            SIMD8(
                0.012_143_603_5, -0.028_965_414, 0.001_739_231_9, 0.074_947_74,
                -0.143_236_43, 0.114_056_19, 0.264_007_18, -0.429_516_64),
            SIMD8(
                -0.005_849_516_5, -0.011_621_783, 0.030_264_378, -0.024_424_836,
                -0.029_462_593, 0.126_302_59, -0.114_152_655, -0.103_830_77),
            SIMD8(
                -0.006_994_446_3, 0.004_423_055, 0.006_233_858, -0.022_876_104,
                0.031_365_73, -0.001_443_010_4, -0.061_454_64, 0.059_587_87))
    }

    /// Corner residual (BLAMP): the difference between a naive corner and its band-limited form, for a slope that
    /// changes there by 1 per kernel half-width; within 10⁻⁶ of the kernel's. [audio]
    ///
    /// It is the integral of half of the step residual, from the distance to the kernel's end.
    @inline(__always) @inlinable public static var corner: ResidualTable {
        ResidualTable(
            SIMD8(
                0.000_036_186_222, 0.001_125_266_5, 0.004_968_762_4, 0.006_643_640_3,
                0.005_692_903_4, 0.010_080_179, 0.004_429_17, 0.011_658_903),
            SIMD8(
                0.000_192_819_16, 0.002_492_801_5, 0.004_173_950_8, -0.001_294_230_8,
                0.001_973_894_4, 0.002_676_829_5, -0.010_962_295, 0.040_611_457),
            SIMD8(
                0.000_395_727_2, 0.001_797_786_3, -0.001_174_892_2, -0.002_279_733_8,
                0.004_641_334_5, -0.006_836_144_3, 0.002_836_824_6, 0.045_904_115),
            SIMD8(
                0.000_422_536_63, 0.000_111_277_74, -0.001_784_907_2, 0.001_966_335_6,
                0.000_079_290_716, -0.004_845_838_5, 0.013_170_491, 0.007_556_748_6),
            SIMD8(
                0.000_166_451_27, -0.000_449_349_2, 0.000_053_188_65, 0.001_116_592_1,
                -0.002_183_790_3, 0.001_833_797_4, 0.004_010_379_3, -0.006_948_507),
            SIMD8(
                -0.000_118_573_93, -0.000_151_655_96, 0.000_394_038_36, -0.000_315_869_26,
                -0.000_388_328_3, 0.001_645_962_1, -0.001_482_307_4, -0.001_829_582_2))
    }
}
