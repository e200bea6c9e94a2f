import KairosCompiler
import KairosDSP
import KairosPatch
import KairosSession

/// The modules that `/mod` reaches: those of a client's draft, and those of the sounding patch that the draft
/// no longer has. [any]
struct ValueScope {
    /// The draft's modules first; each patch's modules in the patch's order.
    let modules: [Patch.Module]
    private let playing: Set<String>
    private let registry: ModuleRegistry

    init(draft: Patch, playing: Patch, registry: ModuleRegistry) {
        let names = Set(draft.modules.map(\.name.text))
        modules = draft.modules + playing.modules.filter { !names.contains($0.name.text) }
        self.playing = Set(playing.modules.map(\.name.text))
        self.registry = registry
    }

    /// True if the sounding patch has a module of this name.
    func isPlaying(_ name: String) -> Bool { playing.contains(name) }

    /// The modules with a name, or with names that match a pattern. `budget` is the number of steps that
    /// matching may take. Throws `unknown-name` if there is none, or `bad-pattern`.
    func modules(matching name: String, _ budget: inout Int) throws -> [Patch.Module] {
        let found = try filter(modules, name, &budget) { $0.name.text }
        if found.isEmpty, budget > 0 {
            throw EditError(
                .unknownName,
                "there is no module called '\(name.prefix(64))'"
                    + didYouMean(String(name.prefix(64)), among: modules.map(\.name.text)),
                name: String(name.prefix(64)))
        }
        return found
    }

    /// The type of a module, and its parameters. Throws `unknown-type`.
    func parameters(of module: Patch.Module) throws -> (type: ModuleType, targets: [ValueTarget]) {
        guard let type = registry[module.type.text] else {
            throw EditError(
                .unknownType, "there is no module type '\(module.type.text)'", name: module.type.text)
        }
        return (type, type.params.map { ValueTarget(module, $0.symbol, $0.spec) })
    }

    /// The parameters of `modules` with a name, or with names that match a pattern. `budget` is the number of
    /// steps that matching may take. Throws `unknown-name` if there is none, or `bad-pattern`.
    func targets(_ modules: [Patch.Module], _ name: String, _ budget: inout Int) throws -> [ValueTarget] {
        var targets: [ValueTarget] = [], known: Set<String> = []
        for module in modules {
            let all = try parameters(of: module).targets
            targets += try filter(all, name, &budget) { $0.param }
            if known.count < 1000 { known.formUnion(all.map(\.param)) }
        }
        if targets.isEmpty, budget > 0 {
            let module = modules[0].name.text, name = String(name.prefix(64))
            throw EditError(
                .unknownName,
                "'\(module)' has no parameter '\(name)'" + didYouMean(name, among: known.sorted()),
                name: "\(module).\(name)")
        }
        return targets
    }

    private func filter<Element>(
        _ all: [Element], _ name: String, _ budget: inout Int, by key: (Element) -> String
    ) throws -> [Element] {
        guard OSCPattern.isPattern(name) else { return all.filter { key($0) == name } }
        let pattern = try OSCPattern(name)
        return all.filter { pattern.matches(key($0), &budget) }
    }
}
