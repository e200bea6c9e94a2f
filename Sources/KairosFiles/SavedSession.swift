import KairosControl
import KairosEngine

/// Everything that a player changed while the instrument played, as a value.
public struct SavedSession: Sendable, Equatable {
    /// The set list, or the folder of patches, that a state belongs to.
    public struct Owner: Sendable, Equatable {
        /// The set list's name; nil where each patch is an entry.
        public var setList: String?
        /// The folder, where it is not the usual ones.
        public var folder: String?

        /// An owner.
        public init(setList: String? = nil, folder: String? = nil) {
            self.setList = setList
            self.folder = folder
        }

        /// For the player.
        public var description: String {
            let list = setList.map { "the set list '\($0)'" }
            let patches = folder.map { "the patches of \($0)" }
            return [list, patches].compactMap { $0 }.joined(separator: " and ")
        }
    }

    /// What new notes play.
    public struct Entry: Sendable, Equatable {
        /// Its name.
        public var name: Patch.Text
        /// Bank × 128 + program; nil where no program change reaches it.
        public var number: Int?

        /// An entry.
        public init(name: Patch.Text, number: Int? = nil) {
            self.name = name
            self.number = number
        }
    }

    /// Values of one layer of the entry, or of the master effects, that are not where its patch has them.
    public struct Layer: Sendable, Equatable {
        /// From 0; 16 is the master effects.
        public var layer: Int
        /// The file's name of the patch that it plays.
        public var patch: Patch.Text
        /// `module.parameter`, with texts that read back as the same bits.
        public var values: [SetList.Value]

        /// A layer.
        public init(layer: Int, patch: Patch.Text, values: [SetList.Value]) {
            self.layer = layer
            self.patch = patch
            self.values = values
        }
    }

    /// A patch that is not as its file has it.
    public struct Edit: Sendable, Equatable {
        /// The file's name without its ending.
        public var file: Patch.Text
        /// What the file said when the edit was kept: see ``fingerprint(_:)``.
        public var base: String
        /// The whole patch.
        public var patch: Patch

        /// An edit.
        public init(file: Patch.Text, base: String, patch: Patch) {
            self.file = file
            self.base = base
            self.patch = patch
        }
    }

    /// A macro that keeps its place over every change, and where it was left.
    public struct KeptMacro: Sendable, Equatable {
        /// The macro's name.
        public var name: Patch.Text
        /// 0…1.
        public var position: Float

        /// A macro that stays.
        public init(name: Patch.Text, position: Float) {
            self.name = name
            self.position = position
        }
    }

    /// When it was kept: local time as in RFC 3339.
    public var saved = ""
    /// Whose it is.
    public var owner = Owner()
    /// What new notes play.
    public var entry: Entry?
    /// Tempo, volumes, tunings. Its `entry` and `stays` mean nothing here: they are by name.
    public var settings = LiveSettings()
    /// The scale of patches without one; nil for equal temperament.
    public var scale: Tuning?
    /// Macros that stay.
    public var keptMacros: [KeptMacro] = []
    /// Values that differ.
    public var layers: [Layer] = []
    /// Patches that differ.
    public var edits: [Edit] = []

    /// As at the start.
    public init() {}

    /// Sixteen digits that are others when a text is another (FNV-1a).
    public static func fingerprint(_ text: String) -> String {
        let hash = text.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
