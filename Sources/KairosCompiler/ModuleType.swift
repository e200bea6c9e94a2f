public import KairosDSP
public import KairosPatch

/// A module type: its declaration, and the functions that create a module of it.
@safe public struct ModuleType: Sendable {
    /// Its name, description, ports and parameters.
    public let declaration: ModuleDeclaration
    /// The declaration it was built from, if it is a compound module.
    public let compound: CompoundModule?
    /// The inner graph, if it is a compound module.
    let body: CompoundModuleBody?
    /// Bytes of a new module, its buffers included; 0 for types that have no module. [loader]
    package let memoryBytes: @Sendable (Format) -> Int
    /// Creates a box with a new module in the memory of an owner. [loader]
    package let make: @Sendable (Format, UnsafeMutableRawBufferPointer, any ModuleMemoryOwner) -> ModuleBox

    /// The type of a note stage.
    init<M: NoteStage>(stage: M.Type) {
        self.init(stage, breaksCycles: false, box: NoteStageBox<M>.self, isNoteStage: true)
    }

    init<M: Module>(_ module: M.Type, breaksCycles: Bool, box: Box<M>.Type, isNoteStage: Bool = false) {
        var declaration = ModuleDeclaration(
            name: M.info.type, about: M.info.about,
            inlets: M.Inlet.allCases.map { ("\($0)", $0.info) },
            outlets: M.Outlet.allCases.map { ("\($0)", $0.info) },
            params: M.Param.allCases.map { ("\($0)", $0.spec) })
        declaration.widens = M.info.widens
        declaration.ownPerVoice = M.info.ownPerVoice
        declaration.isControl = M.info.isControl
        declaration.runsOnce = M.info.runsOnce || isNoteStage
        declaration.breaksCycles = breaksCycles
        declaration.isNoteStage = isNoteStage
        self.declaration = declaration
        compound = nil
        body = nil
        memoryBytes = { M.memoryBytes($0) }
        unsafe make = { unsafe box.init($0, in: $1, of: $2) }
    }

    private init(
        engine name: String, _ about: String, inlets: [(symbol: String, info: InletInfo)],
        outlets: [(symbol: String, info: OutletInfo)], widens: Bool = false, isListed: Bool = true
    ) {
        var declaration = ModuleDeclaration(name: name, about: about, inlets: inlets, outlets: outlets)
        declaration.widens = widens
        declaration.isEngine = isListed
        self.init(declaration, compound: nil, body: nil)
    }

    /// Creates the type of a compound module. It has no box of its own: expansion replaces it by its inner
    /// modules.
    init(
        _ compound: CompoundModule, _ body: CompoundModuleBody, inlets: [(symbol: String, info: InletInfo)],
        outlets: [(symbol: String, info: OutletInfo)], params: [(symbol: String, spec: ParamSpec)],
        isControl: Bool
    ) {
        var declaration = ModuleDeclaration(
            name: compound.name, about: compound.about, inlets: inlets, outlets: outlets, params: params)
        declaration.isControl = isControl
        self.init(declaration, compound: compound, body: body)
    }

    private init(
        _ declaration: ModuleDeclaration, compound: CompoundModule?, body: CompoundModuleBody?
    ) {
        self.declaration = declaration
        self.compound = compound
        self.body = body
        memoryBytes = { _ in 0 }
        unsafe make = { unsafe ModuleBox($1, of: $2) }
    }

    /// The type's name, as patch files have it.
    public var name: String { declaration.name }
    /// Description for the player, one line.
    public var about: String { declaration.about }
    /// True if its output is stereo even from a mono input.
    public var widens: Bool { declaration.widens }
    /// True if every voice that reads it gets an instance of its own, as with noise.
    public var ownPerVoice: Bool { declaration.ownPerVoice }
    /// True if its output is a control signal, meant for modulation and not for listening.
    public var isControl: Bool { declaration.isControl }
    /// True if it always runs once, in stereo, on the sum of the voices.
    public var runsOnce: Bool { declaration.runsOnce }
    /// True if it is a note stage: it stands in front of the voices.
    public var isNoteStage: Bool { declaration.isNoteStage }
    /// True if it may be part of a feedback loop.
    public var breaksCycles: Bool { declaration.breaksCycles }
    /// Inlets: symbol and description, in order.
    public var inlets: [(symbol: String, info: InletInfo)] { declaration.inlets }
    /// Outlets: symbol and description, in order.
    public var outlets: [(symbol: String, info: OutletInfo)] { declaration.outlets }
    /// Parameters: symbol and spec, in order.
    public var params: [(symbol: String, spec: ParamSpec)] { declaration.params }

    /// The note source of a patch: pitch, gate and expression of each voice.
    static let keys = ModuleType(
        engine: "keys", "Pitch, gate and expression of each voice's note.", inlets: [],
        outlets: KeysOutlet.allCases.map { ("\($0)", $0.info) })

    /// The engine's own types.
    static let engine = [keys, input, output]

    /// True for `keys`, `input` and `output`. A patch has at most one of each, a compound module none.
    public var isEngine: Bool { declaration.isEngine }

    /// The input of master effects: the sum of all parts.
    static let input = ModuleType(
        engine: Patch.inputType, "Sum of all parts; makes the patch a master effect.",
        inlets: [],
        outlets: [("output", .audio("The sum of the parts, stereo."))], widens: true)

    /// The output of a patch.
    static let output = ModuleType(
        engine: "output", "Output of the patch.",
        inlets: [("input", .audio("Audio output; mono is centred."))], outlets: [])

    /// A connection that a live edit adds or removes, faded in or out. `idle` is the inlet's value without a
    /// connection.
    static func fade(_ direction: Fade, idle: Float) -> ModuleType {
        ModuleType(
            engine: direction.rawValue, "A connection that is faded in or out.",
            inlets: [("input", .audio("The connection.", idle: idle))],
            outlets: [("output", .audio("The faded signal."))], isListed: false)
    }

    /// Direction of the fade.
    enum Fade: String {
        case arriving, leaving
    }

    /// Direction of the fade if this is one of the engine's fade steps; else nil.
    var fade: Fade? { Fade(rawValue: name) }

    /// Errors in the declaration; empty if it is valid.
    var faults: [String] {
        var faults: [String] = []
        let symbols = inlets.map(\.symbol) + outlets.map(\.symbol) + params.map(\.symbol)
        for symbol in Set(symbols) where symbols.count(where: { $0 == symbol }) > 1 {
            faults.append("'\(symbol)' is declared twice")
        }
        for word in symbols where word == "type" || word == "each" || (word == "name" && isNoteStage) {
            faults.append("'\(word)' is a reserved word")
        }
        for (symbol, spec) in params {
            if let fault = spec.fault { faults.append("parameter '\(symbol)': \(fault)") }
            if isNoteStage, !spec.latched { faults.append("parameter '\(symbol)' is not latched") }
        }
        for about in [about] + inlets.map(\.info.about) + outlets.map(\.info.about) where about.isEmpty {
            faults.append("the module or one of its ports has no description")
        }
        return faults
    }

    /// Index of an inlet by symbol; nil if there is none.
    func inlet(_ symbol: String) -> Int? { inlets.firstIndex { $0.symbol == symbol } }
    /// Index of an outlet by symbol; nil if there is none.
    func outlet(_ symbol: String) -> Int? { outlets.firstIndex { $0.symbol == symbol } }
    /// Index of a parameter by symbol; nil if there is none.
    package func param(_ symbol: String) -> Int? { params.firstIndex { $0.symbol == symbol } }
}
