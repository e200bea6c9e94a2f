import KairosControl

/// One unit of the standby pool: a patch with the values and controls it is played with.
///
/// > Any thread but the audio thread: what is asked for may have to be read first.
public struct Sound: Sendable {
    private enum Source: Sendable {
        case compiled(CompiledPatch)
        /// Compiled when it is first needed.
        case unread(PatchSource)
    }

    private let source: Source
    /// Name, file and number of the patch, without its body.
    public let header: PatchHeader
    /// What moves its controls: the same for all sounds of a rig.
    public let mappings: [Mapping]
    /// Names that are numbered where they stay over a change.
    public let keptMacros: [String]
    /// Values that its set list gives it, over the patch's own.
    let values: [SetList.Value]

    /// A patch whose macros are moved by `mappings`. Names in `stays` are numbered in their order, 16 at most.
    public init(
        _ compiled: CompiledPatch, mappings: [Mapping] = [], keptMacros: [String] = [],
        values: [SetList.Value] = []
    ) {
        self.init(.compiled(compiled), PatchHeader(compiled.patch), mappings, keptMacros, values)
    }

    /// A patch that is read when it is first needed.
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

    /// The compiled patch; its parameters begin where this sound has them.
    public var compiled: CompiledPatch {
        switch source {
        case .compiled(let compiled): compiled
        case .unread(let source): source.compiled
        }
    }

    /// Why it cannot be compiled, or nil. It is read for that.
    var fault: String? { if case .unread(let source) = source { source.fault } else { nil } }

    /// Whether the patch was read.
    public var isRead: Bool { if case .unread(let source) = source { source.isRead } else { true } }

    /// What the mappings' controls do in it.
    public var controls: [ControlTable.Row] { compiled.controls(mappings).rows }

    /// The patch's macros, in order.
    var macros: [MacroTable.Row] { compiled.macroRows(keptMacros: keptMacros) }

    /// Bank × 128 + program, or nil.
    public var number: Int? { header.number }

    /// The same sound, moved by other controls.
    func moved(by mappings: [Mapping], keptMacros: [String]) -> Sound {
        if mappings == self.mappings, keptMacros == self.keptMacros { return self }
        return Sound(source, header, mappings, keptMacros, values)
    }
}
