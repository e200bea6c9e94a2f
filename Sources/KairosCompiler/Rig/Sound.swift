public import KairosControl
public import KairosPatch

/// A patch with start values and mappings: the unit that the standby pool keeps instances of. [loader, input,
/// control]
///
/// Its patch may be read and compiled on first use, so the audio thread must not use it.
public struct Sound: Sendable {
    private enum Source: Sendable {
        case compiled(CompiledPatch)
        /// Read and compiled on first use.
        case unread(PatchSource)
    }

    private let source: Source
    /// Name, file and number of the patch; available without reading it.
    public let header: PatchHeader
    /// The mappings that control it, which are the same for all sounds of a rig.
    public let mappings: [Mapping]
    /// Names of macros that keep their value over a change, 16 at most, in the rig's order.
    public let keptMacros: [String]
    /// Start values from the set list, which override the patch's own.
    package let values: [SetList.Value]

    /// Creates a sound from a compiled patch. `values` have already been set in it; they are kept for a later
    /// compilation.
    public init(
        _ compiled: CompiledPatch, mappings: [Mapping] = [], keptMacros: [String] = [],
        values: [SetList.Value] = []
    ) {
        self.init(.compiled(compiled), PatchHeader(compiled.patch), mappings, keptMacros, values)
    }

    /// Creates a sound whose patch is read on first use.
    public init(_ source: PatchSource, mappings: [Mapping] = []) {
        self.init(.unread(source), source.header, mappings, [], [])
    }

    private init(
        _ source: Source, _ header: PatchHeader, _ mappings: [Mapping], _ keptMacros: [String],
        _ values: [SetList.Value]
    ) {
        self.source = source
        self.header = header
        self.mappings = mappings
        self.keptMacros = keptMacros
        self.values = values
    }

    /// The compiled patch with this sound's start values. Reads it on first use.
    public var compiled: CompiledPatch {
        switch source {
        case .compiled(let compiled): compiled
        case .unread(let source): source.compiled
        }
    }

    /// Reason why the patch cannot be played; nil if it can. Reads it on first use.
    package var fault: String? { if case .unread(let source) = source { source.fault } else { nil } }

    /// True if the patch has been read.
    public var isRead: Bool { if case .unread(let source) = source { source.isRead } else { true } }

    /// The control table rows of its mappings.
    public var controls: [ControlTable.Row] { compiled.controls(mappings).rows }

    /// The macro table rows, in order.
    package var macros: [MacroTable.Row] { compiled.macroRows(keptMacros: keptMacros) }

    /// Bank × 128 + program; nil if no program change selects the patch.
    public var number: Int? { header.number }

    /// The same sound with other mappings and kept macros.
    package func with(mappings: [Mapping], keptMacros: [String]) -> Sound {
        if mappings == self.mappings, keptMacros == self.keptMacros { return self }
        return Sound(source, header, mappings, keptMacros, values)
    }
}
