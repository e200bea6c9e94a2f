import KairosDSP

/// Every module a patch may name. Made once; adding a module checks its declaration.
public struct ModuleRegistry: Sendable, ModuleVisitor {
    /// In the order they were added.
    public private(set) var types: [ModuleType] = []
    private var indices: [String: Int] = [:]
    /// The files of modules that cannot be used, by the modules' names.
    public internal(set) var unreadable: [String: String] = [:]

    /// A catalogue with nothing but the engine's own `keys`, `input` and `output`.
    public init() { for type in ModuleType.engine { insert(type) } }

    /// Adds a module.
    public mutating func visit<M: Module & ~Copyable>(_ module: M.Type) {
        insert(ModuleType(module, breaksCycles: false) { Box<M>($0) })
    }

    /// Adds a module that may stand in a cycle.
    public mutating func visit<M: FeedbackModule & ~Copyable>(feedback module: M.Type) {
        insert(ModuleType(module, breaksCycles: true) { FeedbackBox<M>($0) })
    }

    /// The type a patch calls `name`.
    public subscript(_ name: String) -> ModuleType? { indices[name].map { types[$0] } }

    mutating func insert(_ type: ModuleType) {
        let faults = type.faults + (indices[type.name] == nil ? [] : ["its name is taken"])
        precondition(faults.isEmpty, "module '\(type.name)': \(faults.joined(separator: "; "))")
        indices[type.name] = types.count
        types.append(type)
    }
}

/// A module as the catalogue knows it: what it is called, its ports and parameters, how it is made.
public struct ModuleType: Sendable {
    /// The word in a patch file.
    public let name: String
    /// One line for a musician.
    public let about: String
    /// Whether it makes stereo of mono.
    public let widens: Bool
    /// Whether each voice that reads it wants one of its own.
    public let ownPerVoice: Bool
    /// Whether what it makes is to move something and not to be heard.
    public let isControl: Bool
    /// Whether it may stand in a cycle.
    public let breaksCycles: Bool
    /// Symbols and what they are for, in order.
    public let inlets: [(symbol: String, info: InletInfo)]
    /// Symbols and what they are for, in order.
    public let outlets: [(symbol: String, info: OutletInfo)]
    /// Symbols and specs, in order.
    public let params: [(symbol: String, spec: ParamSpec)]
    /// The file it was made from, where it is a module made of modules.
    public let subPatch: SubPatch?
    /// What it is made of.
    let body: SubPatchBody?
    let make: @Sendable (Format) -> ModuleBox

    init<M: Module & ~Copyable>(
        _ module: M.Type, breaksCycles: Bool, make: @escaping @Sendable (Format) -> ModuleBox
    ) {
        name = M.info.type
        about = M.info.about
        widens = M.info.widens
        ownPerVoice = M.info.ownPerVoice
        isControl = M.info.isControl
        self.breaksCycles = breaksCycles
        inlets = M.Inlet.allCases.map { ("\($0)", $0.info) }
        outlets = M.Outlet.allCases.map { ("\($0)", $0.info) }
        params = M.Param.allCases.map { ("\($0)", $0.spec) }
        subPatch = nil
        body = nil
        self.make = make
    }

    private init(
        engine name: String, _ about: String, inlets: [(symbol: String, info: InletInfo)],
        outlets: [(symbol: String, info: OutletInfo)], widens: Bool = false
    ) {
        self.name = name
        self.about = about
        self.widens = widens
        ownPerVoice = false
        isControl = false
        breaksCycles = false
        self.inlets = inlets
        self.outlets = outlets
        params = []
        subPatch = nil
        body = nil
        make = { _ in ModuleBox() }
    }

    /// A module made of modules. It is never made itself: what it is made of stands in its place.
    init(
        _ subPatch: SubPatch, _ body: SubPatchBody, inlets: [(symbol: String, info: InletInfo)],
        outlets: [(symbol: String, info: OutletInfo)], params: [(symbol: String, spec: ParamSpec)],
        isControl: Bool
    ) {
        name = subPatch.name
        about = subPatch.about
        widens = false
        ownPerVoice = false
        self.isControl = isControl
        breaksCycles = false
        self.inlets = inlets
        self.outlets = outlets
        self.params = params
        self.subPatch = subPatch
        self.body = body
        make = { _ in ModuleBox() }
    }

    /// Where voices begin: what the keyboard says, for each voice.
    static let keys = ModuleType(
        engine: "keys", "What the keyboard says, for each voice.", inlets: [],
        outlets: [
            ("pitch", .audio("Semitones (MIDI key), with glide, bend, unison and tuning.")),
            ("gate", .gate("High while the key or a pedal holds the note.")),
            ("velocity", .audio("How hard the key was struck, 0 … 1.")),
            ("release", .audio("How fast the key came up, 0 … 1.")),
            ("pressure", .audio("How hard the key is pressed, 0 … 1.")),
            ("bend", .audio("The pitch wheel, −1 … 1.")),
            ("note", .audio("The key's number, 0 … 127, without glide or bend.")),
            ("spread", .audio("The lane's place in its unison, −1 … 1; 0 without unison.")),
            ("timbre", .audio("Where the finger is on its key (CC 74), 0 … 1; ½ is rest.")),
        ])

    /// What a patch has without being in the catalogue of modules.
    static let engine = [keys, input, output]

    /// Whether it is the engine's own, of which a patch has one and a module made of modules none.
    public var isEngine: Bool { Self.engine.contains { $0.name == name } }

    /// Where the parts of a set list come into its master effects.
    static let input = ModuleType(
        engine: "input", "What all parts together make; a patch that has it is for master effects.",
        inlets: [],
        outlets: [("output", .audio("The sum of the parts, stereo."))], widens: true)

    /// Where sound leaves the patch.
    static let output = ModuleType(
        engine: "output", "Where sound leaves the patch.",
        inlets: [("input", .audio("What is heard; mono comes out in the middle."))], outlets: [])

    /// Lets what reaches it in, or out, over the time of an edit: a connection that was added or taken away. `idle` is
    /// what stands for a connection that there is not.
    static func fade(_ direction: Fade, idle: Float) -> ModuleType {
        ModuleType(
            engine: direction.rawValue, "A connection that comes or goes.",
            inlets: [("input", .audio("The connection.", idle: idle))],
            outlets: [("output", .audio("What is left."))])
    }

    /// Which way a connection goes while an edit takes effect.
    enum Fade: String {
        case arriving, leaving
    }

    /// Which way it fades, for the engine's own step that does.
    var fade: Fade? { Fade(rawValue: name) }

    /// What is wrong with the declaration.
    var faults: [String] {
        var faults: [String] = []
        let symbols = inlets.map(\.symbol) + outlets.map(\.symbol) + params.map(\.symbol)
        for symbol in Set(symbols) where symbols.count(where: { $0 == symbol }) > 1 {
            faults.append("'\(symbol)' is declared twice")
        }
        for word in symbols where word == "type" || word == "each" {
            faults.append("'\(word)' is a word of the file")
        }
        for (symbol, spec) in params {
            if let fault = spec.fault { faults.append("parameter '\(symbol)': \(fault)") }
        }
        for about in [about] + inlets.map(\.info.about) + outlets.map(\.info.about) where about.isEmpty {
            faults.append("it does not say what it or a port is for")
        }
        return faults
    }

    func inlet(_ symbol: String) -> Int? { inlets.firstIndex { $0.symbol == symbol } }
    func outlet(_ symbol: String) -> Int? { outlets.firstIndex { $0.symbol == symbol } }
    func param(_ symbol: String) -> Int? { params.firstIndex { $0.symbol == symbol } }
}
