import ArgumentParser
import KairosCompiler
import KairosDSP
import KairosModules
import KairosPatch
import KairosTerminal

/// `kairos modules`: the module reference, generated from the declarations of the modules.
struct Modules: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the modules that patches can use, or describe one.",
        discussion: """
            kairos modules          list all modules
            kairos modules svf      describe a module: ports and parameters
            kairos modules echo     describe a compound module
            kairos modules --json   the whole reference as JSON
            """)

    @Argument(help: "Module type to describe (default: list all).", completion: .module) var name: String?
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup var modules: ModuleOptions

    func run() throws {
        let known = try modules.known(), registry = known.registry
        known.faults.forEach(printError)
        var types = registry.types
        if let name {
            guard let type = registry[name] else {
                if let file = registry.unreadable[name] {
                    throw Failure("the module '\(name)' cannot be read: see \(file)")
                }
                throw Failure(
                    "there is no module '\(name)'\(didYouMean(name, among: types.map(\.name)))"
                        + "; 'kairos modules' lists them")
            }
            types = [type]
        }
        if json { return try printJSON(types.map(Description.init)) }
        if name == nil {
            let width = types.map(\.name.count).max() ?? 0
            for type in types { printLine(padded(type.name, width) + "  " + type.about) }
        } else {
            types.forEach(printDescription)
        }
    }

    private func printDescription(_ type: ModuleType) {
        printLine("\(type.name): \(type.about)")
        if let compound = type.compound {
            let members = compound.modules.map { "\($0.name.text) (\($0.type.text))" }
            printLine("  made of \(members.joined(separator: ", ")) in \(compound.file)")
        }
        if type.isNoteStage { printLine("  note stage: stands in the list 'notes' of a patch") }
        for inlet in type.inlets {
            printLine(
                "  in   \(padded(inlet.symbol, 12)) "
                    + "\(inlet.info.kind == .gate ? "gate   " : "signal ") \(inlet.info.about)"
            )
        }
        for outlet in type.outlets {
            printLine(
                "  out  \(padded(outlet.symbol, 12)) "
                    + "\(outlet.info.kind == .gate ? "gate   " : "signal ") \(outlet.info.about)"
            )
        }
        for param in type.declaration.listedParams {
            let spec = param.spec
            printLine(
                "  set  \(padded(param.symbol, 12)) \(range(spec)), "
                    + "default \(spec.display(spec.initialValue)). \(spec.about)"
            )
            printLine("       \(padded("", 12)) \(smoothing(spec))")
        }
    }

    /// The range of a parameter, or its choices.
    private func range(_ spec: ParamSpec) -> String {
        switch spec.kind {
        case .choice(let words): words.joined(separator: " | ")
        case .bool: "true | false"
        case .int, .float:
            "\(spec.display(spec.range.lowerBound)) … \(spec.display(spec.range.upperBound))"
                + (spec.canFollowTempo ? ", or a note value (1/8)" : "")
        }
    }

    /// The smoothing of a parameter, and the unit of modulation depths.
    private func smoothing(_ spec: ParamSpec) -> String {
        let depth =
            "modulation depth in "
            + (spec.depthUnit.symbol.isEmpty ? "the parameter's own numbers" : spec.depthUnit.symbol)
        if spec.isReadAtNoteOn {
            return "modulated at note-on; " + depth
                + (spec.depthUnit == .octaves ? " or a factor, 0.5 x" : "")
        }
        if spec.latched { return "one value for all voices, read once per sub-block; cannot be modulated" }
        if spec.smoothing == .none { return "not smoothed" }
        return
            "smoothing \(spec.smoothing.rawValue), \(plain(spec.smoothingTime * 1000)) ms; \(depth)"
    }

    /// A value rounded to a whole number.
    private func plain(_ value: Float) -> String { String(Int(value.rounded())) }

    /// The description of a module as JSON.
    struct Description: Encodable {
        struct Port: Encodable {
            var symbol: String
            var kind: String
            /// The value of an inlet without a connection; nil for outlets and gates.
            var idle: Float?
            var about: String
        }

        struct Param: Encodable {
            /// Values as a patch file writes them, with unit.
            struct Texts: Encodable {
                var minimum: String
                var maximum: String
                var `default`: String
            }

            var symbol: String
            var about: String
            var type: String
            var texts: Texts
            var scale: String
            /// Unit of modulation depths; nil if the parameter cannot be modulated.
            var depthUnit: String?
            var choices: [String]?
            var minimum: Float
            var maximum: Float
            var `default`: Float
            var unit: String
            var smoothing: String
            var smoothingSeconds: Float
            var latched: Bool
            /// True if it also takes a note value, which follows the tempo.
            var followsTempo: Bool
        }

        var type: String
        var about: String
        /// The file of a compound module; nil for a built-in one.
        var file: String?
        /// True if the module may be part of a feedback loop.
        var breaksCycles: Bool
        /// True if its output is stereo even from a mono input.
        var widens: Bool
        /// True if its output is a control signal, meant for modulation and not for listening.
        var isControl: Bool
        /// True if the module always runs once, in stereo, on the sum of the voices.
        var runsOnce: Bool
        /// True if it is a note stage: it stands in the list `notes` of a patch.
        var isNoteStage: Bool
        var inlets: [Port]
        var outlets: [Port]
        var parameters: [Param]

        init(_ module: ModuleType) {
            type = module.name
            about = module.about
            file = module.compound?.file
            breaksCycles = module.breaksCycles
            widens = module.widens
            isControl = module.isControl
            runsOnce = module.runsOnce && !module.isNoteStage
            isNoteStage = module.isNoteStage
            inlets = module.inlets.map {
                Port(
                    symbol: $0.symbol, kind: $0.info.kind.rawValue,
                    idle: $0.info.kind == .audio ? $0.info.idle : nil, about: $0.info.about)
            }
            outlets = module.outlets.map {
                Port(symbol: $0.symbol, kind: $0.info.kind.rawValue, about: $0.info.about)
            }
            parameters = module.params.map { param in
                let spec = param.spec
                var type = "float", choices: [String]?
                switch spec.kind {
                case .float: break
                case .int: type = "int"
                case .bool: type = "bool"
                case .choice(let words): (type, choices) = ("choice", words)
                }
                return Param(
                    symbol: param.symbol, about: spec.about, type: type,
                    texts: Param.Texts(
                        minimum: spec.display(spec.range.lowerBound),
                        maximum: spec.display(spec.range.upperBound),
                        default: spec.display(spec.initialValue)),
                    scale: spec.law.centre.map { "linear on either side of \(spec.display($0))" }
                        ?? "\(spec.law.curve)",
                    depthUnit: spec.latched && !spec.isReadAtNoteOn ? nil : spec.depthUnit.symbol,
                    choices: choices,
                    minimum: spec.range.lowerBound, maximum: spec.range.upperBound,
                    default: spec.defaultValue,
                    unit: spec.unit.rawValue, smoothing: spec.smoothing.rawValue,
                    smoothingSeconds: spec.smoothing == .none ? 0 : spec.smoothingTime, latched: spec.latched,
                    followsTempo: spec.canFollowTempo)
            }
        }
    }
}

/// `text` padded with spaces to a display width of `width` columns.
func padded(_ text: String, _ width: Int) -> String { DisplayText.padded(text, columns: width) }
