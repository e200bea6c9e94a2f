import KairosDSP
import KairosEngine
import Yams

/// Files of modules that are made of modules: `kairos: module/1`.
public enum ModuleFile {
    static let version = "module/1"

    /// Reads a module. Throws ``Diagnostics``: every fault of the file's form at once.
    ///
    /// Names of modules, ports and parameters are checked by the catalogue, with the places kept here.
    public static func read(path: String) throws(Diagnostics) -> SubPatch {
        try parse(try TextFile.read(path, .module), file: path)
    }

    /// Parses a module, which is called as `file` is, without folder and ending.
    public static func parse(_ text: String, file: String) throws(Diagnostics) -> SubPatch {
        var reader = ModuleReader(file: file)
        let module = reader.module(text)
        guard reader.patch.document.diagnostics.isEmpty else {
            throw Diagnostics(reader.patch.document.diagnostics)
        }
        return module
    }

    /// The type that a file's module has.
    public static func type(of file: String) -> String { FileName.stem(file) }
}

struct ModuleReader {
    /// Modules and connections are written as in a patch.
    var patch: PatchReader
    private let file: String

    static let words = ["name", "about", "modules", "connections", "inlets", "outlets", "params"]
    static let portWords = ["to", "about"]
    static let paramWords = ["to", "default", "range", "about"]

    init(file: String) {
        self.file = file
        patch = PatchReader(file: file, version: ModuleFile.version)
    }

    mutating func module(_ text: String) -> SubPatch {
        var module = SubPatch(name: ModuleFile.type(of: file))
        module.file = file
        guard let pairs = patch.document.open(text) else { return module }
        let start = Patch.Place(line: 1, column: 1)
        if !patch.document.isWord(module.name) {
            patch.document.fault(
                start,
                "a module is called as its file, and '\(module.name)' is no name: letters, digits, '-' and '_', beginning with a letter, 64 at most"
            )
        }
        for pair in pairs {
            guard let key = patch.document.key(pair.key) else { continue }
            let value = pair.value
            switch key.text {
            case "name": checkName(value, module.name)
            case "about": module.about = patch.document.text(value, "about")?.text ?? ""
            case "modules": module.modules = patch.modules(value)
            case "connections":
                for connection in patch.document.list(value, "connections") {
                    if let connection = patch.connection(connection) { module.connections.append(connection) }
                }
            case "inlets": module.inlets = ports(value, "inlets", "inlet")
            case "outlets": module.outlets = ports(value, "outlets", "outlet")
            case "params": module.params = params(value)
            default: patch.document.unknown(key, among: Self.words, in: "a module")
            }
        }
        guard patch.document.diagnostics.isEmpty else { return module }
        if module.about.isEmpty {
            patch.document.fault(start, "the module does not say what it is for; add 'about: …'")
        }
        if module.modules.isEmpty {
            patch.document.fault(start, "the module is made of nothing; add 'modules:'")
        }
        if module.outlets.isEmpty {
            patch.document.fault(start, "the module has no outlet; add 'outlets:'")
        }
        return module
    }

    private mutating func checkName(_ node: Node, _ name: String) {
        guard let text = patch.document.text(node, "name"), text.text != name else { return }
        patch.document.fault(
            node, "a module is called as its file: '\(name)', and this is '\(text.text)'; leave the line out")
    }

    /// `name: module.port`, or a list of them, or a mapping that says more.
    private mutating func ports(_ node: Node, _ what: String, _ one: String) -> [SubPatch.Port] {
        patch.document.pairs(node, what).compactMap { name, value in
            let what = "\(one) '\(name.text)'"
            var targets: [SubPatch.Target] = [], about = ""
            if value.mapping == nil {
                targets = self.targets(value, what)
            } else {
                for (key, value) in patch.document.pairs(value, what) {
                    switch key.text {
                    case "to": targets = self.targets(value, what)
                    case "about": about = patch.document.text(value, "'about'")?.text ?? ""
                    default: patch.document.unknown(key, among: Self.portWords, in: "an \(one)")
                    }
                }
                missing(targets, value, what)
            }
            if one == "outlet", targets.count > 1, let second = targets.last {
                patch.document.fault(
                    second.module.place, "\(what) comes from one outlet inside; put a mix before it")
            }
            return targets.isEmpty ? nil : SubPatch.Port(name, targets, about: about)
        }
    }

    private mutating func params(_ node: Node) -> [SubPatch.Param] {
        patch.document.pairs(node, "params").compactMap { name, value in
            let what = "parameter '\(name.text)'"
            var param = SubPatch.Param(name, [])
            if value.mapping == nil {
                param.targets = targets(value, what)
            } else {
                for (key, value) in patch.document.pairs(value, what) {
                    switch key.text {
                    case "to": param.targets = targets(value, what)
                    case "default": param.preset = patch.document.text(value, "'default'")
                    case "range": param.range = patch.document.range(value)
                    case "about": param.about = patch.document.text(value, "'about'")?.text ?? ""
                    default: patch.document.unknown(key, among: Self.paramWords, in: "a parameter")
                    }
                }
                missing(param.targets, value, what)
            }
            for target in param.targets where target.port == nil {
                patch.document.fault(
                    target.module.place, "\(what) should say what it moves: module.parameter")
            }
            return param.targets.isEmpty ? nil : param
        }
    }

    private mutating func missing(_ targets: [SubPatch.Target], _ node: Node, _ what: String) {
        let isSaid = patch.document.diagnostics.contains { $0.line == node.mark?.line }
        if targets.isEmpty, !isSaid {
            patch.document.fault(node, "\(what) should say what stands behind it: to: module.port")
        }
    }

    /// One `module.port`, or a list of them.
    private mutating func targets(_ node: Node, _ what: String) -> [SubPatch.Target] {
        let nodes = node.sequence.map { Array($0) } ?? [node]
        if nodes.isEmpty { patch.document.fault(node, "\(what) leads nowhere") }
        return nodes.compactMap { node in
            guard let text = patch.document.text(node, what),
                let found = patch.port(text.text[...], patch.places(in: text, node))
            else { return nil }
            return SubPatch.Target(found.module, found.port)
        }
    }
}
