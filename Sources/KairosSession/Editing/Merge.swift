import KairosControl
import KairosPatch

/// A three-way merge of a draft with the patch as others have changed it meanwhile.
struct Merge {
    /// Names of modules, connections and properties that both changed differently, and of modules that one
    /// removed and the other connected; sorted.
    private(set) var conflicts: [String] = []
    /// `theirs` with the changes from `base` to `mine`. Meaningless if there are conflicts.
    private(set) var patch: Patch

    init(base: Patch, mine: Patch, theirs: Patch) {
        patch = theirs
        // Usually both share their storage, which makes this comparison fast.
        guard theirs != base else {
            patch = mine
            return
        }
        let old = Content(base), own = Content(mine), other = Content(theirs)
        let touched = own.changes(from: old), theirChanges = other.changes(from: old)
        guard !theirChanges.isEmpty else {
            patch = mine
            return
        }
        conflicts = touched.filter { theirChanges.contains($0) && own[$0] != other[$0] }.sorted()
        join(mine, own, touched)
        // Modules that one side removed and the other connected.
        let names = Set(patch.modules.map(\.name.text))
        let referenced =
            patch.connections.flatMap { [$0.from.text, $0.to.text] } + patch.macros.map(\.module.text)
        for name in Set(referenced).subtracting(names).sorted() where !conflicts.contains(name) {
            conflicts.append(name)
        }
    }

    /// Applies `mine` to `patch` for all names in `touched`.
    private mutating func join(_ mine: Patch, _ own: Content, _ touched: Set<String>) {
        if touched.contains(Content.head) {
            let (modules, connections, macros) = (patch.modules, patch.connections, patch.macros)
            patch = mine
            (patch.modules, patch.connections, patch.macros) = (modules, connections, macros)
        }
        if touched.contains(Content.macros) { patch.macros = mine.macros }
        patch.modules.removeAll { touched.contains($0.name.text) && own[$0.name.text] == nil }
        for module in mine.modules where touched.contains(module.name.text) {
            if let place = patch.modules.firstIndex(where: { $0.name.text == module.name.text }) {
                patch.modules[place] = module
            } else {
                patch.modules.append(module)
            }
        }
        patch.connections.removeAll { touched.contains(Content.name($0)) }
        for connection in mine.connections where touched.contains(Content.name(connection)) {
            patch.connections.append(connection)
        }
    }

    /// A patch as texts by name, without positions in files, for comparison.
    struct Content {
        /// Keys of the patch's own properties and of its macros.
        static let head = "(the patch's properties)", macros = "(its macros)"

        private var texts: [String: String] = [:]

        init(_ patch: Patch) {
            for module in patch.modules {
                let settings = module.settings.map { "\($0.symbol.text): \($0.value.text)" }
                texts[module.name.text] =
                    ([module.type.text, module.each?.rawValue ?? ""] + settings).joined(separator: ", ")
            }
            for connection in patch.connections {
                texts[Self.name(connection), default: ""] += "@ \(connection.depth?.text ?? "") "
            }
            texts[Self.macros] = patch.macros.map {
                [
                    $0.name.text, $0.module.text, $0.parameter.text, $0.range?.first.text ?? "",
                    $0.range?.last.text ?? "",
                    $0.role?.rawValue ?? "",
                ].joined(separator: " ")
            }.joined(separator: "; ")
            texts[Self.head] =
                "\(patch.name) \(patch.about) \(patch.bank) \(patch.program.map(String.init) ?? "") "
                + "\(patch.voicing) \(patch.level) \(patch.tuning?.text ?? "") \(patch.keyboard?.text ?? "")"
        }

        subscript(_ name: String) -> String? { texts[name] }

        /// The names whose texts differ.
        func changes(from before: Content) -> Set<String> {
            Set(texts.keys).union(before.texts.keys).filter { texts[$0] != before.texts[$0] }
        }

        /// A connection's key: `from.outlet -> to.port`.
        static func name(_ connection: Patch.Connection) -> String {
            func end(_ module: Patch.Text, _ port: Patch.Text?) -> String {
                module.text + (port.map { "." + $0.text } ?? "")
            }
            return "\(end(connection.from, connection.outlet)) -> \(end(connection.to, connection.port))"
        }
    }
}
