import KairosDSP

/// A patch that is being changed and does not sound yet.
///
/// Each change is checked at once, as far as a patch that is not finished can be.
public struct Draft: Sendable {
    /// What it began with.
    public let base: Patch
    /// As it is now.
    public private(set) var patch: Patch
    /// Modules that were made in it.
    private var fresh: Set<String> = []
    /// What there is: modules that come while it is open are there too.
    var registry: ModuleRegistry

    /// A draft of `patch`.
    public init(_ patch: Patch, registry: ModuleRegistry) {
        base = patch
        self.patch = patch
        self.registry = registry
    }

    /// Whether anything was changed.
    public var isChanged: Bool { patch != base }

    // MARK: modules

    /// A module that is not connected yet.
    public mutating func create(_ name: String, type: String) throws(EditError) {
        try check(newName: name)
        guard registry[type] != nil else {
            throw EditError(
                .unknownType,
                "there is no module '\(type)'" + didYouMean(type, among: registry.types.map(\.name)),
                name: type)
        }
        guard patch.modules.count < Patch.moduleLimit else {
            throw EditError(.tooMuch, "a patch has up to \(Patch.moduleLimit) modules", name: name)
        }
        let module = Patch.Module(Patch.Text(name), type: Patch.Text(type))
        if ModuleType.engine.contains(where: { $0.name == type }),
            let twin = patch.modules.first(where: { $0.type.text == type })
        {
            throw EditError(
                .nameTaken, "a patch has one '\(type)', and '\(twin.name.text)' is it", name: name)
        }
        patch.modules.append(module)
        fresh.insert(name)
    }

    /// Takes a module away, with its connections and macros.
    public mutating func delete(_ name: String) throws(EditError) {
        let index = try index(of: name)
        patch.modules.remove(at: index)
        patch.connections.removeAll { $0.from.text == name || $0.to.text == name }
        patch.macros.removeAll { $0.module.text == name }
        fresh.remove(name)
    }

    /// Gives a module another name.
    public mutating func rename(_ name: String, to new: String) throws(EditError) {
        let index = try index(of: name)
        try check(newName: new)
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
        if fresh.remove(name) != nil { fresh.insert(new) }
    }

    /// Takes everything away.
    public mutating func clear() {
        patch.modules = []
        patch.connections = []
        patch.macros = []
        fresh = []
    }

    /// Puts another patch's content here; the name, bank and program stay.
    public mutating func load(_ other: Patch) {
        let (name, bank, program, file) = (patch.name, patch.bank, patch.program, patch.file)
        patch = other
        (patch.name, patch.bank, patch.program, patch.file) = (name, bank, program, file)
        fresh = []
    }

    /// Lets a parameter begin at what was typed.
    public mutating func set(_ name: String, _ parameter: String, to text: String) throws(EditError) {
        let index = try index(of: name)
        let spec = try spec(name, parameter)
        do { _ = try spec.parse(text) } catch {
            throw EditError(.badValue, "\(name).\(parameter): \(error)", name: "\(name).\(parameter)")
        }
        let setting = (symbol: Patch.Text(parameter), value: Patch.Text(text))
        if let place = patch.modules[index].settings.firstIndex(where: { $0.symbol.text == parameter }) {
            patch.modules[index].settings[place] = setting
        } else {
            patch.modules[index].settings.append(setting)
        }
    }

    /// What a parameter of a module is.
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

    /// Where a parameter begins.
    public func value(_ name: String, _ parameter: String) throws(EditError) -> Float {
        let spec = try spec(name, parameter)
        let module = patch.modules[try index(of: name)]
        guard let setting = module.settings.last(where: { $0.symbol.text == parameter }) else {
            return spec.defaultValue
        }
        return (try? spec.parse(setting.value.text)) ?? spec.defaultValue
    }

    // MARK: connections

    /// Adds a connection. Ports are `module` or `module.port`; without a port it is the first.
    public mutating func connect(_ from: String, _ to: String, depth: String? = nil) throws(EditError) {
        let connection = try connection(from, to, depth)
        let name = "\(from) -> \(to)"
        guard patch.connections.count < Patch.connectionLimit else {
            throw EditError(.tooMuch, "a patch has up to \(Patch.connectionLimit) connections", name: name)
        }
        if patch.connections.contains(where: { isSame($0, connection) }) {
            throw EditError(.nameTaken, "there is a connection \(name) already", name: name)
        }
        var sketch = Patch(name: "")
        // Only the two modules, so that what else is unfinished does not matter; gates do not add up.
        let names = [connection.from.text, connection.to.text]
        sketch.modules = patch.modules.filter { names.contains($0.name.text) }
        sketch.connections =
            patch.connections.filter { names.contains($0.from.text) && $0.to.text == connection.to.text } + [
                connection
            ]
        if let fault = Graph.faults(sketch, registry).last {
            throw EditError(.badConnection, fault.message, name: name)
        }
        patch.connections.append(connection)
    }

    /// Takes a connection away; with modules alone, all connections between them.
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
        // Whoever unplugs something knows that it is unplugged.
        fresh.remove(connection.from.text)
    }

    /// What was made and never plugged in anywhere goes to the output, so that it is heard. Returns the names.
    public mutating func plugIn() -> [String] {
        guard let output = patch.modules.first(where: { $0.type.text == "output" }) else { return [] }
        var plugged: [String] = []
        let read = Set(patch.connections.map(\.from.text))
        for module in patch.modules where fresh.contains(module.name.text) && !read.contains(module.name.text)
        {
            guard let type = registry[module.type.text], !type.isControl, type.name != "keys",
                type.outlets.first?.info.kind == .audio
            else { continue }
            patch.connections.append(Patch.Connection(from: module.name, to: output.name))
            plugged.append(module.name.text)
        }
        return plugged
    }

    // MARK: names

    private func index(of name: String) throws(EditError) -> Int {
        if let index = patch.modules.firstIndex(where: { $0.name.text == name }) { return index }
        throw EditError(
            .unknownName,
            "there is no module called '\(name)'" + didYouMean(name, among: patch.modules.map(\.name.text)),
            name: name)
    }

    private func check(newName name: String) throws(EditError) {
        guard Self.isName(name) else {
            throw EditError(
                .badName,
                "'\(name.prefix(64))' is no name: letters, digits, '-' and '_', beginning with a letter, 64 at most",
                name: String(name.prefix(64)))
        }
        if patch.modules.contains(where: { $0.name.text == name }) {
            throw EditError(.nameTaken, "there is a module called '\(name)' already", name: name)
        }
    }

    /// Whether a text can be a module's name.
    public static func isName(_ text: String) -> Bool {
        guard let first = text.first, first.isASCII, first.isLetter, text.utf8.count <= 64 else {
            return false
        }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
    }

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

    private func port(_ text: String) throws(EditError) -> (String, String?) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(parts.count), parts.allSatisfy(Self.isName) else {
            throw EditError(
                .badName, "'\(text.prefix(80))' is neither 'module' nor 'module.port'",
                name: String(text.prefix(80)))
        }
        return (parts[0], parts.count == 2 ? parts[1] : nil)
    }

    /// Whether two connections lead from the same outlet to the same port, said outright or not.
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
