import KairosDSP
public import KairosPatch

extension ModuleRegistry {
    /// This registry with compound modules added, in the order of their names. They may use its modules and
    /// each other. Every module is validated before it is added. [control]
    ///
    /// - Parameter unread: Modules whose files could not be read; only their names are known.
    ///
    /// - Returns: The registry, and the errors of the modules that were rejected, also of those that use a
    ///   rejected one.
    public func with(
        _ compounds: [CompoundModule], unread: [(name: String, file: String)] = []
    ) -> (registry: ModuleRegistry, faults: [PatchError]) {
        var registration = CompoundModuleRegistration(self)
        registration.recordUnread(unread)
        registration.add(compounds)
        return (registration.result, registration.faults)
    }

    /// A test patch for one compound module, used by its self-test: `keys` feeds its gates and the inlets
    /// whose name ends with "pitch", noise feeds its other inlets. nil if there is no compound module of this
    /// name. [control]
    public func trial(of name: String) -> Patch? {
        guard let type = self[name], type.compound != nil else { return nil }
        var patch = Patch(name: name)
        // Silent, because the level is set by the patches that use the module. Non-finite output is detected
        // at any level.
        patch.level = 0
        func add(_ name: String, _ type: String) {
            patch.modules.append(Patch.Module(Patch.Text(name), type: Patch.Text(type)))
        }
        func connect(_ from: String, _ outlet: String?, _ to: String, _ port: String?) {
            patch.connections.append(
                Patch.Connection(
                    from: Patch.Text(from), outlet: outlet.map { Patch.Text($0) }, to: Patch.Text(to),
                    port: port.map { Patch.Text($0) }))
        }
        add("keys", ModuleType.keys.name)
        if self["noise"] != nil { add("noise", "noise") }
        add("it", name)
        add("out", ModuleType.output.name)
        for inlet in type.inlets {
            if inlet.info.kind == .gate {
                connect("keys", "gate", "it", inlet.symbol)
            } else if inlet.symbol.lowercased().hasSuffix("pitch") {
                connect("keys", "pitch", "it", inlet.symbol)
            } else if self["noise"] != nil {
                connect("noise", nil, "it", inlet.symbol)
            }
        }
        for outlet in type.outlets where outlet.info.kind == .audio {
            connect("it", outlet.symbol, "out", nil)
        }
        return patch
    }

    /// Names of all compound modules that the type `type` uses, itself included.
    func compounds(of type: String) -> Set<String> {
        var found: Set<String> = []
        var todo = [type]
        while let name = todo.popLast() {
            guard let compound = self[name]?.compound, found.insert(name).inserted else { continue }
            todo += compound.modules.map(\.type.text)
        }
        return found
    }
}

/// Builds compound modules in dependency order: each after those that it uses.
private struct CompoundModuleRegistration {
    private let base: ModuleRegistry
    private var registry: ModuleRegistry
    private var types: [String: ModuleType] = [:]
    private(set) var faults: [PatchError] = []

    init(_ base: ModuleRegistry) {
        self.base = base
        registry = base
    }

    /// The registry with the valid modules, in the order of their names.
    var result: ModuleRegistry {
        var result = base
        for name in types.keys.sorted() { if let type = types[name] { result.insert(type) } }
        result.unreadable = registry.unreadable
        return result
    }

    mutating func recordUnread(_ unread: [(name: String, file: String)]) {
        for (name, file) in unread where base[name] == nil { registry.unreadable[name] = file }
    }

    mutating func add(_ compounds: [CompoundModule]) {
        var waiting: [String: CompoundModule] = [:]
        for compound in compounds {
            if let existing = waiting[compound.name] {
                reject(compound, "the module '\(compound.name)' is already defined in \(file(existing))")
            } else if base[compound.name] != nil {
                reject(
                    compound,
                    "'\(compound.name)' is the name of a built-in module; give the file another name")
            } else {
                waiting[compound.name] = compound
            }
        }
        while !waiting.isEmpty {
            let ready = waiting.values.filter { compound in
                compound.modules.allSatisfy { waiting[$0.type.text] == nil }
            }
            guard !ready.isEmpty else {
                for compound in rejectCycle(waiting) { waiting[compound] = nil }
                continue
            }
            for compound in ready.sorted(by: { $0.name < $1.name }) {
                waiting[compound.name] = nil
                build(compound)
            }
        }
    }

    private mutating func build(_ compound: CompoundModule) {
        do {
            let type = try CompoundModuleBuilder(compound, registry).type()
            registry.insert(type)
            registry.unreadable[type.name] = nil
            types[type.name] = type
        } catch {
            faults.append(error)
            registry.unreadable[compound.name] = file(compound)
        }
    }

    private mutating func reject(
        _ compound: CompoundModule, _ message: String, at place: Patch.Place = .init()
    ) {
        faults.append(
            PatchError(file: file(compound), faults: [PatchError.Fault(place: place, message: message)]))
        if base[compound.name] == nil, registry[compound.name] == nil {
            registry.unreadable[compound.name] = file(compound)
        }
    }

    /// Rejects the modules of one cycle and returns their names. Each of `waiting` uses another of them, so a
    /// walk along the uses must revisit one.
    private mutating func rejectCycle(_ waiting: [String: CompoundModule]) -> [String] {
        var path: [String] = []
        var next = waiting.keys.min() ?? ""
        while !path.contains(next) {
            path.append(next)
            next = waiting[next]?.modules.first { waiting[$0.type.text] != nil }?.type.text ?? next
        }
        path.removeFirst(path.firstIndex(of: next) ?? 0)
        let whole = (path + [next]).joined(separator: " -> ")
        for (name, used) in zip(path, path.dropFirst() + [next]) {
            guard let compound = waiting[name] else { continue }
            let place = compound.modules.first { $0.type.text == used }?.type.place
            reject(
                compound, "\(whole): a compound module cannot contain itself", at: place ?? Patch.Place())
        }
        return path
    }

    private func file(_ compound: CompoundModule) -> String {
        compound.file.isEmpty ? compound.name : compound.file
    }
}
