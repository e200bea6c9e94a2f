import KairosDSP

extension ModuleRegistry {
    /// This catalogue and modules that are made of its modules, or of each other, in the order of their names.
    ///
    /// Every module is checked before it is offered; what is wrong with the others is told, and what uses those is
    /// told so. Of the files in `unread` nothing is known but the names.
    ///
    /// > Control threads.
    public func with(
        _ subPatches: [SubPatch], unread: [(name: String, file: String)] = []
    ) -> (registry: ModuleRegistry, faults: [PatchError]) {
        var registry = SubPatchRegistry(self)
        registry.note(unread)
        registry.add(subPatches)
        return (registry.result, registry.faults)
    }

    /// The modules made of modules that a module of this type stands on, itself included.
    func subPatches(of type: String) -> Set<String> {
        var found: Set<String> = []
        var todo = [type]
        while let name = todo.popLast() {
            guard let subPatch = self[name]?.subPatch, found.insert(name).inserted else { continue }
            todo += subPatch.modules.map(\.type.text)
        }
        return found
    }
}

/// Checks modules made of modules, each after those that it uses.
private struct SubPatchRegistry {
    private let base: ModuleRegistry
    private var registry: ModuleRegistry
    private var types: [String: ModuleType] = [:]
    private(set) var faults: [PatchError] = []

    init(_ base: ModuleRegistry) {
        self.base = base
        registry = base
    }

    /// What was good, in the order of the names.
    var result: ModuleRegistry {
        var result = base
        for name in types.keys.sorted() { if let type = types[name] { result.insert(type) } }
        result.unreadable = registry.unreadable
        return result
    }

    mutating func note(_ unread: [(name: String, file: String)]) {
        for (name, file) in unread where base[name] == nil { registry.unreadable[name] = file }
    }

    mutating func add(_ subPatches: [SubPatch]) {
        var waiting: [String: SubPatch] = [:]
        for subPatch in subPatches {
            if let twin = waiting[subPatch.name] {
                refuse(subPatch, "there is a module '\(subPatch.name)' already: \(file(twin))")
            } else if base[subPatch.name] != nil {
                refuse(
                    subPatch,
                    "Kairos has a module '\(subPatch.name)' of its own; give the file another name")
            } else {
                waiting[subPatch.name] = subPatch
            }
        }
        while !waiting.isEmpty {
            let ready = waiting.values.filter { subPatch in
                subPatch.modules.allSatisfy { waiting[$0.type.text] == nil }
            }
            guard !ready.isEmpty else {
                for subPatch in refuseCycle(waiting) { waiting[subPatch] = nil }
                continue
            }
            for subPatch in ready.sorted(by: { $0.name < $1.name }) {
                waiting[subPatch.name] = nil
                build(subPatch)
            }
        }
    }

    private mutating func build(_ subPatch: SubPatch) {
        do {
            let type = try SubPatchBuilder(subPatch, registry).type()
            registry.insert(type)
            registry.unreadable[type.name] = nil
            types[type.name] = type
        } catch {
            faults.append(error)
            registry.unreadable[subPatch.name] = file(subPatch)
        }
    }

    private mutating func refuse(_ subPatch: SubPatch, _ message: String, at place: Patch.Place = .init()) {
        faults.append(
            PatchError(file: file(subPatch), faults: [PatchError.Fault(place: place, message: message)]))
        if base[subPatch.name] == nil, registry[subPatch.name] == nil {
            registry.unreadable[subPatch.name] = file(subPatch)
        }
    }

    /// Refuses the modules of one cycle, the first with its path. Each of `waiting` uses another, so that walking
    /// on must come back.
    private mutating func refuseCycle(_ waiting: [String: SubPatch]) -> [String] {
        var path: [String] = []
        var next = waiting.keys.min() ?? ""
        while !path.contains(next) {
            path.append(next)
            next = waiting[next]?.modules.first { waiting[$0.type.text] != nil }?.type.text ?? next
        }
        path.removeFirst(path.firstIndex(of: next) ?? 0)
        let whole = (path + [next]).joined(separator: " -> ")
        for (name, used) in zip(path, path.dropFirst() + [next]) {
            guard let subPatch = waiting[name] else { continue }
            let place = subPatch.modules.first { $0.type.text == used }?.type.place
            refuse(
                subPatch, "\(whole): a module cannot be made of itself", at: place ?? Patch.Place())
        }
        return path
    }

    private func file(_ subPatch: SubPatch) -> String {
        subPatch.file.isEmpty ? subPatch.name : subPatch.file
    }
}
