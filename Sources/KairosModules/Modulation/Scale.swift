import KairosDSP

/// Scale of twelve equal semitones to the octave, in the order of the words in a patch.
enum Scale: Int, CaseIterable {
    case chromatic, major, minor, harmonicMinor, melodicMinor, dorian, phrygian, lydian, mixolydian, locrian
    case majorPentatonic, minorPentatonic, blues, wholeTone, diminished, majorChord, minorChord, fifths,
        octaves

    /// Notes of the scale: bit n stands for n semitones above the root, which every scale has.
    @inline(__always) var notes: UInt32 {
        switch self {
        case .chromatic: 0b1111_1111_1111
        case .major: 0b1010_1011_0101
        case .minor: 0b0101_1010_1101
        case .harmonicMinor: 0b1001_1010_1101
        case .melodicMinor: 0b1010_1010_1101
        case .dorian: 0b0110_1010_1101
        case .phrygian: 0b0101_1010_1011
        case .lydian: 0b1010_1101_0101
        case .mixolydian: 0b0110_1011_0101
        case .locrian: 0b0101_0110_1011
        case .majorPentatonic: 0b0010_1001_0101
        case .minorPentatonic: 0b0100_1010_1001
        case .blues: 0b0100_1110_1001
        case .wholeTone: 0b0101_0101_0101
        case .diminished: 0b1011_0110_1101
        case .majorChord: 0b0000_1001_0001
        case .minorChord: 0b0000_1000_1001
        case .fifths: 0b0000_1000_0001
        case .octaves: 0b0000_0000_0001
        }
    }

    /// Note of the scale that is nearest to `pitch`, −1200 … 1200 semitones above the root; the lower one of two.
    @inline(__always) func nearest(_ pitch: Lanes) -> Lanes {
        // Rounds to whole numbers. The sum of a number from 0 to 15 with the second has it in its lowest bits.
        let magic = Lanes(repeating: 12_582_912), counter = Lanes(repeating: 8_388_608)
        let near = (pitch + magic) - magic
        let whole = near - Lanes.zero.replacing(with: 1, where: near .> pitch)
        let half = Lanes(repeating: 0.5)
        // (n + ½) / 12 is never a whole number, so that rounding does not meet a tie.
        let octave = ((whole + half) * Lanes(repeating: 1 / 12) - half + magic) - magic
        let above =
            unsafeBitCast(
                whole - octave * Lanes(repeating: 12) + counter, to: SIMD16<UInt32>.self)
            & SIMD16(repeating: 15)
        // Two octaves of notes: from the root up, those above `whole`; from an octave below it, those up to `whole`.
        let notes = SIMD16<UInt32>(repeating: notes), one = SIMD16<UInt32>(repeating: 1)
        let twelve = SIMD16<UInt32>(repeating: 12)
        let doubled = notes | (notes &<< twelve)
        let higher = doubled &>> (above &+ one)
        let lower = doubled & ((one &<< (above &+ twelve &+ one)) &- one)
        let top = whole + Lanes.one + lowestBit(higher)
        let bottom = whole - (Lanes(repeating: 12) + floats(above) - highestBit(lower))
        return bottom.replacing(with: top, where: (top - pitch) .< (pitch - bottom))
    }

    /// Position of the lowest bit that is set.
    @inline(__always) private func lowestBit(_ bits: SIMD16<UInt32>) -> Lanes {
        highestBit(bits & (SIMD16<UInt32>(repeating: 0) &- bits))
    }

    /// Position of the highest bit that is set, of 24: the exponent of the number.
    @inline(__always) private func highestBit(_ bits: SIMD16<UInt32>) -> Lanes {
        let exponent =
            (unsafeBitCast(floats(bits), to: SIMD16<UInt32>.self) &>> SIMD16<UInt32>(repeating: 23))
        return floats(exponent) - Lanes(repeating: 127)
    }

    /// Whole numbers below 2²⁴ as floats.
    @inline(__always) private func floats(_ bits: SIMD16<UInt32>) -> Lanes { signedSteps(bits) }
}
