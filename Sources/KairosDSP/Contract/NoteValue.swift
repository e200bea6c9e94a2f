/// A note value: a length in the music (`1/8`, `1/4.`, `1/16t`, `2 bars`), which a tempo turns into seconds. [any]
///
/// There are 29, in ascending order of their length: straight, dotted and triplet notes from `1/64t` to `1/1.`, then
/// 1, 2, 3, 4, 6, 8, 12 and 16 bars. A control that moves over note values moves over this list.
@frozen public struct NoteValue: BitwiseCopyable, Sendable, Hashable {
    /// Index in the list of all note values, 0…28.
    public let index: UInt8

    /// Number of note values.
    @inlinable public static var count: Int { 29 }
    /// Index of `1 bar`.
    @usableFromInline static var firstBars: Int { 21 }

    /// The note value with an index, which is limited to 0…28.
    @inlinable public init(index: Int) { self.index = UInt8(Swift.min(Self.count - 1, Swift.max(0, index))) }

    /// Kind of a note.
    public enum Modifier: BitwiseCopyable, Sendable, CaseIterable {
        /// A note without dot.
        case straight
        /// A dotted note: 3/2 of its length.
        case dotted
        /// A note of a triplet: 2/3 of its length.
        case triplet
    }

    /// Form of a note value.
    public enum Form: BitwiseCopyable, Sendable, Equatable {
        /// A part of a whole note: 1 / `denominator` (1, 2, 4 … 64), with a modifier.
        case note(denominator: Int, Modifier)
        /// Whole bars.
        case bars(Int)
    }

    /// The form with this index.
    public var form: Form {
        let index = Int(index)
        switch index {
        case 0: return .note(denominator: 64, .triplet)
        case 1: return .note(denominator: 64, .straight)
        case 20: return .note(denominator: 1, .dotted)
        case 21...24: return .bars(index - 20)
        case 25: return .bars(6)
        case 26: return .bars(8)
        case 27: return .bars(12)
        case 28...: return .bars(16)
        default:
            // Three at a time: a triplet, the dotted note of half its name, the straight note.
            let denominator = 32 >> ((index - 2) / 3)
            switch (index - 2) % 3 {
            case 0: return .note(denominator: denominator, .triplet)
            case 1: return .note(denominator: 2 * denominator, .dotted)
            default: return .note(denominator: denominator, .straight)
            }
        }
    }

    /// Length in units of 1/1536 beat (see ``BeatPeriod``); exact. `meter` is the number of beats in a bar, at least 1.
    public func length(meter: Int) -> BeatPeriod {
        switch form {
        case .note(let denominator, .straight): BeatPeriod(units: Int32(6144 / denominator))
        case .note(let denominator, .dotted): BeatPeriod(units: Int32(9216 / denominator))
        case .note(let denominator, .triplet): BeatPeriod(units: Int32(4096 / denominator))
        case .bars(let count):
            BeatPeriod(units: Int32(count * Swift.min(64, Swift.max(1, meter))) * BeatPeriod.unitsPerBeat)
        }
    }
}

extension NoteValue: Comparable {
    /// Order in the list.
    @inlinable public static func < (a: NoteValue, b: NoteValue) -> Bool { a.index < b.index }
}
