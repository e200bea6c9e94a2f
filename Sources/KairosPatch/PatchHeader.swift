/// A patch without its body: enough to list it and to make an entry of it.
public struct PatchHeader: Sendable, Equatable {
    /// Path of the file; empty without a file.
    public var file = ""
    /// Name, shown to the player.
    public var name: String
    /// Description for the player, one or two sentences.
    public var about = ""
    /// MIDI bank, 0…16 383.
    public var bank = 0
    /// MIDI program number, 0…127; nil if no program change selects the patch.
    public var program: Int?
    /// True for master effects: a patch that has `input` and not `keys`.
    public var isMaster = false

    /// Creates a header with defaults.
    public init(name: String) { self.name = name }

    /// Creates the header of `patch`.
    public init(_ patch: Patch) {
        file = patch.file
        name = patch.name
        about = patch.about
        bank = patch.bank
        program = patch.program
        isMaster = patch.modules.contains { $0.type.text == Patch.inputType }
    }

    /// The names by which the patch can be addressed.
    public var names: PatchNames { PatchNames(file: file, name: name) }

    /// Bank × 128 + program; nil if no program change selects the patch.
    public var number: Int? { program.map { bank * 128 + $0 } }
}
