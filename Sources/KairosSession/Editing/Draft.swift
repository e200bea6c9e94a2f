public import KairosCompiler
public import KairosDSP
public import KairosPatch

/// A draft: an edited copy of a patch that does not sound until it is committed.
///
/// Each change is validated at once, as far as an unfinished patch can be. Changes throw `EditError` and
/// leave the draft as it was.
public struct Draft: Sendable {
    /// The patch when the draft was opened.
    public let base: Patch
    /// The edited patch.
    public private(set) var patch: Patch
    /// Names of modules created in this draft and never disconnected.
    private var created: Set<String> = []
    /// The current module registry, updated while the draft is open.
    var registry: ModuleRegistry

    /// Creates a draft of `patch`.
    public init(_ patch: Patch, registry: ModuleRegistry) {
        base = patch
        self.patch = patch
        self.registry = registry
    }

    /// True if the draft differs from its base.
    public var isChanged: Bool { patch != base }

    // MARK: modules

    /// Adds an unconnected module with default values.
    public mutating func create(_ name: String, type: String) throws(EditError) {
        try validate(newName: name)
        guard registry[type] != nil else {
            throw EditError(
                .unknownType,
                "there is no module '\(type)'" + didYouMean(type, among: registry.types.map(\.name)),
                name: type)
        }
        guard patch.modules.count < Patch.moduleLimit else {
            throw EditError(.tooMuch, "a patch has up to \(Patch.moduleLimit) modules", name: name)
        }
        let module = Patch.Module(
            Patch.Text(name), type: Patch.Text(type), isNoteStage: registry[type]?.isNoteStage ?? false)
        if registry[type]?.isEngine == true,
            let existing = patch.modules.first(where: { $0.type.text == type })
        {
            throw EditError(
                .nameTaken, "a patch has only one '\(type)', and '\(existing.name.text)' is one already",
                name: name)
        }
        patch.modules.append(module)
        created.insert(name)
    }

    /// Removes a module with its connections and macros.
    public mutating func delete(_ name: String) throws(EditError) {
        let index = try index(of: name)
        patch.modules.remove(at: index)
        patch.connections.removeAll { $0.from.text == name || $0.to.text == name }
        patch.macros.removeAll { $0.module.text == name }
        created.remove(name)
    }

    /// Renames a module, also in connections and macros.
    public mutating func rename(_ name: String, to new: String) throws(EditError) {
        let index = try index(of: name)
        try validate(newName: new)
        patch.modules[index].name.text = new
        for connection in patch.connections.indices {
            if patch.connections[connection].from.text == name {
                patch.connections[connection].from.text = new
            }
            if patch.connections[connection].to.text == name { patch.connections[connection].to.text = new }
        }
        for macro in patch.macros.indices where patch.macros[macro].module.text == name {
            patch.macros[macro].module.text = new
        }
        if created.remove(name) != nil { created.insert(new) }
    }

    /// Removes all modules, connections and macros.
    public mutating func clear() {
        patch.modules = []
        patch.connections = []
        patch.macros = []
        created = []
    }

    /// Replaces the content by that of `other`; name, bank, program and file stay.
    public mutating func load(_ other: Patch) {
        let (name, bank, program, file) = (patch.name, patch.bank, patch.program, patch.file)
        patch = other
        (patch.name, patch.bank, patch.program, patch.file) = (name, bank, program, file)
        created = []
    }

    /// Sets a parameter's start value to a typed value.
    public mutating func set(_ name: String, _ parameter: String, to text: String) throws(EditError) {
        let index = try index(of: name)
        let spec = try spec(name, parameter)
        do { _ = try spec.parseValue(text) } catch {
            throw EditError(.badValue, "\(name).\(parameter): \(error)", name: "\(name).\(parameter)")
        }
        let setting = (symbol: Patch.Text(parameter), value: Patch.Text(text))
        if let place = patch.modules[index].settings.firstIndex(where: { $0.symbol.text == parameter }) {
            patch.modules[index].settings[place] = setting
        } else {
            patch.modules[index].settings.append(setting)
        }
    }

    /// The spec of a module's parameter.
    public func spec(_ name: String, _ parameter: String) throws(EditError) -> ParamSpec {
        let type = try type(of: name)
        guard let place = type.param(parameter) else {
            throw EditError(
                .unknownName,
                "'\(type.name)' has no parameter '\(parameter)'"
                    + didYouMean(parameter, among: type.params.map(\.symbol)),
                name: "\(name).\(parameter)")
        }
        return type.params[place].spec
    }

    /// The type of a module.
    public func type(of name: String) throws(EditError) -> ModuleType {
        let module = patch.modules[try index(of: name)]
        guard let type = registry[module.type.text] else {
            throw EditError(.unknownType, "there is no module '\(module.type.text)'", name: module.type.text)
        }
        return type
    }

    /// The start value of a parameter.
    public func value(_ name: String, _ parameter: String) throws(EditError) -> ParamValue {
        let spec = try spec(name, parameter)
        let module = patch.modules[try index(of: name)]
        guard let setting = module.settings.last(where: { $0.symbol.text == parameter }) else {
            return spec.initialValue
        }
        return (try? spec.parseValue(setting.value.text)) ?? spec.initialValue
    }

    // MARK: connections

    /// Adds a connection. Ends are `module` or `module.port`; a missing port means the first.
    public mutating func connect(_ from: String, _ to: String, depth: String? = nil) throws(EditError) {
        let connection = try connection(from, to, depth)
        let name = "\(from) -> \(to)"
        guard patch.connections.count < Patch.connectionLimit else {
            throw EditError(.tooMuch, "a patch has up to \(Patch.connectionLimit) connections", name: name)
        }
        if patch.connections.contains(where: { isSame($0, connection) }) {
            throw EditError(.nameTaken, "the connection \(name) already exists", name: name)
        }
        var subgraph = Patch(name: "")
        // Checked with these two modules only, so that unfinished parts elsewhere do not matter. The target's
        // existing connections from the source are included, because a gate inlet takes only one.
        let names = [connection.from.text, connection.to.text]
        subgraph.modules = patch.modules.filter { names.contains($0.name.text) }
        subgraph.connections =
            patch.connections.filter { names.contains($0.from.text) && $0.to.text == connection.to.text } + [
                connection
            ]
        if let fault = Graph.faults(subgraph, registry).last {
            throw EditError(.badConnection, fault.message, name: name)
        }
        patch.connections.append(connection)
    }

    /// Removes a connection; if both ends are modules without ports, all connections between them.
    public mutating func disconnect(_ from: String, _ to: String) throws(EditError) {
        let connection = try connection(from, to, nil)
        let isWhole = connection.outlet == nil && connection.port == nil
        let rest = patch.connections.filter { other in
            guard other.from.text == connection.from.text, other.to.text == connection.to.text else {
                return true
            }
            return !isWhole && !isSame(other, connection)
        }
        guard rest.count < patch.connections.count else {
            throw EditError(.unknownName, "there is no connection \(from) -> \(to)", name: "\(from) -> \(to)")
        }
        patch.connections = rest
        // A module that the user disconnected is not connected automatically.
        created.remove(connection.from.text)
    }

    /// Connects modules that were created in this draft and are not connected yet to the output, so that they
    /// are heard. Control modules are left alone.
    ///
    /// - Returns: The names of these modules.
    public mutating func connectNewModules() -> [String] {
        guard let output = patch.modules.first(where: { $0.type.text == "output" }) else { return [] }
        var connected: [String] = []
        let read = Set(patch.connections.map(\.from.text))
        for module in patch.modules
        where created.contains(module.name.text) && !read.contains(module.name.text) {
            guard let type = registry[module.type.text], !type.isControl, type.name != "keys",
                type.outlets.first?.info.kind == .audio
            else { continue }
            patch.connections.append(Patch.Connection(from: module.name, to: output.name))
            connected.append(module.name.text)
        }
        return connected
    }

    // MARK: names

    /// The index of a module by name.
    private func index(of name: String) throws(EditError) -> Int {
        if let index = patch.modules.firstIndex(where: { $0.name.text == name }) { return index }
        throw EditError(
            .unknownName,
            "there is no module called '\(name)'" + didYouMean(name, among: patch.modules.map(\.name.text)),
            name: name)
    }

    /// Checks that `name` is valid and unused.
    private func validate(newName name: String) throws(EditError) {
        guard Self.isName(name) else {
            throw EditError(
                .badName,
                "'\(name.prefix(64))' is not a valid name: use letters, digits, '-' and '_', beginning with a letter, 64 at most",
                name: String(name.prefix(64)))
        }
        if patch.modules.contains(where: { $0.name.text == name }) {
            throw EditError(.nameTaken, "a module called '\(name)' already exists", name: name)
        }
    }

    /// True if `text` is a valid module name: ASCII letters, digits, '-' and '_', beginning with a letter, 64
    /// at most.
    public static func isName(_ text: String) -> Bool {
        guard let first = text.first, first.isASCII, first.isLetter, text.utf8.count <= 64 else {
            return false
        }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
    }

    /// Parses the ends of a connection and checks that their modules exist.
    private func connection(_ from: String, _ to: String, _ depth: String?) throws(EditError)
        -> Patch.Connection
    {
        let (source, outlet) = try port(from), (target, port) = try port(to)
        _ = try index(of: source)
        _ = try index(of: target)
        return Patch.Connection(
            from: Patch.Text(source), outlet: outlet.map { Patch.Text($0) }, to: Patch.Text(target),
            port: port.map { Patch.Text($0) }, depth: depth.map { Patch.Text($0) })
    }

    /// Parses `module` or `module.port`.
    private func port(_ text: String) throws(EditError) -> (String, String?) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(parts.count), parts.allSatisfy(Self.isName) else {
            throw EditError(
                .badName, "'\(text.prefix(80))' is neither 'module' nor 'module.port'",
                name: String(text.prefix(80)))
        }
        return (parts[0], parts.count == 2 ? parts[1] : nil)
    }

    /// True if two connections have the same outlet and port, whether these are named or implied.
    private func isSame(_ a: Patch.Connection, _ b: Patch.Connection) -> Bool {
        guard a.to.text == b.to.text, a.from.text == b.from.text else { return false }
        func ports(_ connection: Patch.Connection) -> [String] {
            let outlet =
                connection.outlet?.text ?? (try? type(of: connection.from.text))?.outlets.first?.symbol ?? ""
            let port =
                connection.port?.text ?? (try? type(of: connection.to.text))?.inlets.first?.symbol ?? ""
            return [outlet, port]
        }
        return ports(a) == ports(b)
    }
}
