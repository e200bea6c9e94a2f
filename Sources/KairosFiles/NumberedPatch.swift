import KairosPatch

/// A patch, or the header of one, with its bank and program number.
public protocol NumberedPatch {
    /// The name that the player reads.
    var name: String { get }
    /// Path of the file; empty if there is none.
    var file: String { get }
    /// MIDI bank, 0…16 383.
    var bank: Int { get }
    /// MIDI program number, 0…127; nil if no program change selects the patch.
    var program: Int? { get set }
}

extension Patch: NumberedPatch {}
extension PatchHeader: NumberedPatch {}
