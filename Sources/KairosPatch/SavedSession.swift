public import KairosControl

/// The session that is restored at the next start: everything that the player changed while the instrument
/// ran.
public struct SavedSession: Sendable, Equatable {
    /// The set list and the folder of patches that a session belongs to.
    public struct Owner: Sendable, Equatable {
        /// Name of the set list; nil if each patch is an entry.
        public var setList: String?
        /// Folder of the patches; nil for the default folders.
        public var folder: String?

        /// An owner.
        public init(setList: String? = nil, folder: String? = nil) {
            self.setList = setList
            self.folder = folder
        }

        /// A description for messages; empty if both properties are nil.
        public var description: String {
            let list = setList.map { "the set list '\($0)'" }
            let patches = folder.map { "the patches of \($0)" }
            return [list, patches].compactMap { $0 }.joined(separator: " and ")
        }
    }

    /// The active entry.
    public struct Entry: Sendable, Equatable {
        /// Name of the entry.
        public var name: Patch.Text
        /// Bank × 128 + program; nil if no program change selects the entry.
        public var number: Int?

        /// An entry.
        public init(name: Patch.Text, number: Int? = nil) {
            self.name = name
            self.number = number
        }
    }

    /// The values of one layer of the entry, or of the master effects, that differ from those of its patch.
    public struct Layer: Sendable, Equatable {
        /// Index of the layer, from 0; 16 is the master effects.
        public var layer: Int
        /// File name of the layer's patch, without folder and extension.
        public var patch: Patch.Text
        /// Values by `module.parameter`, as text that parses to the same bits.
        public var values: [SetList.Value]

        /// A layer.
        public init(layer: Int, patch: Patch.Text, values: [SetList.Value]) {
            self.layer = layer
            self.patch = patch
            self.values = values
        }
    }

    /// An edited patch, which differs from its file.
    public struct Edit: Sendable, Equatable {
        /// File name of the patch, without folder and extension.
        public var file: Patch.Text
        /// Fingerprint of the file's contents when the session was saved: see ``PatchStore/fingerprint(of:)``.
        public var base: String
        /// The edited patch.
        public var patch: Patch

        /// An edit.
        public init(file: Patch.Text, base: String, patch: Patch) {
            self.file = file
            self.base = base
            self.patch = patch
        }
    }

    /// A macro that keeps its value over program changes (`keepMacros`), with that value.
    public struct KeptMacro: Sendable, Equatable {
        /// Name of the macro.
        public var name: Patch.Text
        /// Normalized value, 0…1.
        public var normalized: Float

        /// A kept macro.
        public init(name: Patch.Text, normalized: Float) {
            self.name = name
            self.normalized = normalized
        }
    }

    /// Local time of saving, as in RFC 3339; empty if unknown.
    public var saved = ""
    /// The set list and the folder of patches that the session belongs to.
    public var owner = Owner()
    /// The active entry; nil if there is none.
    public var entry: Entry?
    /// Tempo, volumes and tunings. Its own `entry` and `keptMacros` are unused, because they hold indices: the
    /// session's ``entry`` and ``keptMacros`` hold names.
    public var settings = LiveSettings()
    /// The tuning of patches without one; nil for equal temperament.
    public var scale: Tuning?
    /// The kept macros.
    public var keptMacros: [KeptMacro] = []
    /// The values of layers that differ from their patches.
    public var layers: [Layer] = []
    /// The edited patches.
    public var edits: [Edit] = []

    /// A session in which nothing was changed.
    public init() {}

    /// The hash of a text (64-bit FNV-1a) as sixteen hexadecimal digits.
    public static func fingerprint(_ text: String) -> String {
        let hash = text.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
