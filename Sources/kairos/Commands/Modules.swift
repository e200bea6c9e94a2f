import ArgumentParser
import KairosDSP
import KairosEngine
import KairosModules
import KairosTerminal

/// `kairos modules`: the reference, from the declarations themselves.
struct Modules: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the modules a patch may use, or describe one.",
        discussion: """
            kairos modules          all of them, a line each
            kairos modules svf      its ports and parameters
            kairos modules echo     the same of a module that a file makes of others
            kairos modules --json   everything, for programs
            """)

    @Argument(help: "Module type to describe (default: list all).") var name: String?
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup var modules: ModuleOptions

    func run() throws {
        let known = try modules.known(), registry = known.registry
        known.faults.forEach(say)
        var types = registry.types
        if let name {
            guard let type = registry[name] else {
                if let file = registry.unreadable[name] {
                    throw Failure("the module '\(name)' cannot be read: see \(file)")
                }
                throw Failure("there is no module '\(name)'\(didYouMean(name, among: types.map(\.name)))")
            }
            types = [type]
        }
        if json { return try showJSON(types.map(Description.init)) }
        if name == nil {
            let width = types.map(\.name.count).max() ?? 0
            for type in types { show(row: padded(type.name, width) + "  " + type.about) }
        } else {
            types.forEach(describe)
        }
    }

    private func describe(_ type: ModuleType) {
        show(row: "\(type.name): \(type.about)")
        if let subPatch = type.subPatch {
            let parts = subPatch.modules.map { "\($0.name.text) (\($0.type.text))" }
            show(row: "  made of \(parts.joined(separator: ", ")) in \(subPatch.file)")
        }
        for inlet in type.inlets {
            show(
                row:
                    "  in   \(padded(inlet.symbol, 12)) \(inlet.info.kind == .gate ? "gate   " : "signal ") \(inlet.info.about)"
            )
        }
        for outlet in type.outlets {
            show(
                row:
                    "  out  \(padded(outlet.symbol, 12)) \(outlet.info.kind == .gate ? "gate   " : "signal ") \(outlet.info.about)"
            )
        }
        for param in type.params {
            let spec = param.spec
            show(
                row:
                    "  set  \(padded(param.symbol, 12)) \(range(spec)), default \(spec.display(spec.defaultValue)). \(spec.about)"
            )
            show(row: "       \(padded("", 12)) \(motion(spec))")
        }
    }

    private func range(_ spec: ParamSpec) -> String {
        switch spec.kind {
        case .choice(let words): words.joined(separator: " | ")
        case .bool: "true | false"
        case .int, .float: "\(spec.display(spec.range.lowerBound)) … \(spec.display(spec.range.upperBound))"
        }
    }

    private func motion(_ spec: ParamSpec) -> String {
        if spec.latched { return "latched: read when a note or a piece begins; takes no connection" }
        if spec.smoothing == .none { return "moves at once" }
        return
            "moves \(spec.smoothing.rawValue) within \(plain(spec.smoothingTime * 1000)) ms; connections in \(spec.depthUnit.symbol.isEmpty ? "its own numbers" : spec.depthUnit.symbol)"
    }

    private func plain(_ value: Float) -> String { String(Int(value.rounded())) }

    /// The reference as JSON.
    struct Description: Encodable {
        struct Port: Encodable {
            var symbol: String
            var kind: String
            var about: String
        }

        struct Param: Encodable {
            var symbol: String
            var about: String
            var type: String
            var choices: [String]?
            var minimum: Float
            var maximum: Float
            var `default`: Float
            var unit: String
            var smoothing: String
            var smoothingSeconds: Float
            var latched: Bool
        }

        var type: String
        var about: String
        /// Where a file makes it of others.
        var file: String?
        var inlets: [Port]
        var outlets: [Port]
        var parameters: [Param]

        init(_ module: ModuleType) {
            type = module.name
            about = module.about
            file = module.subPatch?.file
            inlets = module.inlets.map {
                Port(symbol: $0.symbol, kind: $0.info.kind.rawValue, about: $0.info.about)
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
                    symbol: param.symbol, about: spec.about, type: type, choices: choices,
                    minimum: spec.range.lowerBound, maximum: spec.range.upperBound,
                    default: spec.defaultValue,
                    unit: spec.unit.rawValue, smoothing: spec.smoothing.rawValue,
                    smoothingSeconds: spec.smoothing == .none ? 0 : spec.smoothingTime, latched: spec.latched)
            }
        }
    }
}

/// `text` with spaces after it, so that columns stand under each other.
func padded(_ text: String, _ width: Int) -> String { DisplayText.padded(text, columns: width) }
