/// The presets of one patch.
public struct Presets: Sendable, Equatable {
    /// A named set of values.
    public struct Preset: Sendable, Equatable {
        /// Name of the preset.
        public var name: Patch.Text
        /// Values by `module.parameter`, as text that parses to the same bits.
        public var values: [SetList.Value]

        /// A preset.
        public init(name: Patch.Text, values: [SetList.Value]) {
            self.name = name
            self.values = values
        }
    }

    /// The greatest number of presets of one patch.
    public static let limit = 1000

    /// The file name of the patch, without folder and extension.
    public var patch: String
    /// The presets, in the order in which they were saved.
    public var list: [Preset] = []

    /// An empty list of presets for a patch.
    public init(patch: String) { self.patch = patch }
}
