import KairosDSP
import KairosPatch
import Yams

/// Reads the YAML document of a compound module, and collects its faults.
struct ModuleReader {
    /// The reader of modules and connections, which have the same form as in a patch. It owns the document.
    var patch: PatchReader
    private let file: String

    /// The keys of a module.
    static let words = ["name", "about", "modules", "connections", "inlets", "outlets", "params"]
    /// The keys of an inlet or outlet.
    static let portWords = ["to", "about"]
    /// The keys of a parameter.
    static let paramWords = ["to", "default", "range", "about"]

    init(file: String) {
        self.file = file
        patch = PatchReader(file: file, version: ModuleFile.version)
    }

    mutating func module(_ text: String) -> CompoundModule {
        var module = CompoundModule(name: ModuleFile.type(of: file))
        module.file = file
        guard let pairs = patch.document.open(text) else { return module }
        let start = Patch.Place(line: 1, column: 1)
        if !patch.document.isWord(module.name) {
            patch.document.report(
                start,
                "the file name is the name of the module, but '\(module.name)' is not a valid one; "
                    + "use letters, digits, '-' and '_', beginning with a letter, 64 at most"
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
            default: patch.document.reportUnknown(key, among: Self.words, in: "a module")
            }
        }
        guard patch.document.diagnostics.isEmpty else { return module }
        if module.about.isEmpty {
            patch.document.report(start, "the module has no description; add 'about: …'")
        }
        if module.modules.isEmpty {
            patch.document.report(start, "the module contains no modules; add 'modules:'")
        }
        if module.outlets.isEmpty {
            patch.document.report(start, "the module has no outlets; add 'outlets:'")
        }
        return module
    }

    /// Reports a `name` other than that of the file.
    private mutating func checkName(_ node: Node, _ name: String) {
        guard let text = patch.document.text(node, "name"), text.text != name else { return }
        patch.document.report(
            node,
            "the name of the module is that of its file, '\(name)', not '\(text.text)'; remove this line")
    }

    /// Inlets or outlets: `name: module.port`, or a list of such ports, or a mapping with `to` and `about`.
    private mutating func ports(_ node: Node, _ what: String, _ one: String) -> [CompoundModule.Port] {
        patch.document.pairs(node, what).compactMap { name, value in
            let what = "\(one) '\(name.text)'"
            var targets: [CompoundModule.Target] = [], about = ""
            if value.mapping == nil {
                targets = self.targets(value, what)
            } else {
                for (key, value) in patch.document.pairs(value, what) {
                    switch key.text {
                    case "to": targets = self.targets(value, what)
                    case "about": about = patch.document.text(value, "'about'")?.text ?? ""
                    default: patch.document.reportUnknown(key, among: Self.portWords, in: "an \(one)")
                    }
                }
                reportMissing(targets, value, what)
            }
            if one == "outlet", targets.count > 1, let second = targets.last {
                patch.document.report(
                    second.module.place,
                    "\(what) must have a single source; add a mix module to sum several outlets")
            }
            return targets.isEmpty ? nil : CompoundModule.Port(name, targets, about: about)
        }
    }

    /// Parameters: `name: module.parameter`, or a list of such parameters, or a mapping with further keys.
    private mutating func params(_ node: Node) -> [CompoundModule.Param] {
        patch.document.pairs(node, "params").compactMap { name, value in
            let what = "parameter '\(name.text)'"
            var param = CompoundModule.Param(name, [])
            if value.mapping == nil {
                param.targets = targets(value, what)
            } else {
                for (key, value) in patch.document.pairs(value, what) {
                    switch key.text {
                    case "to": param.targets = targets(value, what)
                    case "default": param.preset = patch.document.text(value, "'default'")
                    case "range": param.range = patch.document.range(value)
                    case "about": param.about = patch.document.text(value, "'about'")?.text ?? ""
                    default: patch.document.reportUnknown(key, among: Self.paramWords, in: "a parameter")
                    }
                }
                reportMissing(param.targets, value, what)
            }
            for target in param.targets where target.port == nil {
                patch.document.report(
                    target.module.place, "the target of \(what) must be written as module.parameter")
            }
            return param.targets.isEmpty ? nil : param
        }
    }

    /// Reports missing targets, unless the same line has a fault already.
    private mutating func reportMissing(_ targets: [CompoundModule.Target], _ node: Node, _ what: String) {
        let isReported = patch.document.diagnostics.contains { $0.line == node.mark?.line }
        if targets.isEmpty, !isReported {
            patch.document.report(node, "\(what) has no target; add to: module.port")
        }
    }

    /// One `module.port`, or a list of them.
    private mutating func targets(_ node: Node, _ what: String) -> [CompoundModule.Target] {
        let nodes = node.sequence.map { Array($0) } ?? [node]
        if nodes.isEmpty { patch.document.report(node, "\(what) has no target; write module.port") }
        return nodes.compactMap { node in
            guard let text = patch.document.text(node, what),
                let found = patch.port(text.text[...], patch.places(in: text, node))
            else { return nil }
            return CompoundModule.Target(found.module, found.port)
        }
    }
}
