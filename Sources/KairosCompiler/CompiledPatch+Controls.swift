public import KairosControl
public import KairosDSP
public import KairosPatch

extension CompiledPatch {
    /// The control table rows that `mappings` give for this patch, and a message for each target that does
    /// not exist.
    ///
    /// A control mapped to a macro or role that this patch lacks is not an error; it has no row.
    public func controls(_ mappings: [Mapping]) -> (rows: [ControlTable.Row], faults: [String]) {
        var rows: [ControlTable.Row] = []
        var faults: [String] = []
        // Computed once, because it searches all modules.
        let isMaster = isMaster
        for (mapping, places) in zip(mappings, ControlSurface.indices(mappings)) {
            for (index, control) in mapping.controls.enumerated() {
                do {
                    guard let (effects, controlRange) = try target(control, isMaster) else { continue }
                    rows += effects.map {
                        mapping.row(
                            index, places, effect: $0, law: controlRange.law, reversed: controlRange.reversed)
                    }
                } catch {
                    faults.append("\(control.location.isEmpty ? mapping.name : control.location): \(error)")
                }
            }
        }
        return (rows, faults)
    }

    /// The effects and the range of one control in this patch; nil if the control does not concern it.
    private func target(
        _ control: Mapping.Control, _ isMaster: Bool
    ) throws(ParamError) -> ([ControlTable.Effect], ControlRange)? {
        let whole = ControlRange(law: .numbers(ParamLaw(low: 0, high: 1)), reversed: false)
        switch control.target {
        case .macro(let place):
            guard !isMaster, patch.macros.indices.contains(place - 1) else { return nil }
            return try macro(patch.macros[place - 1], control)
        case .masterMacro(let place):
            guard isMaster, patch.macros.indices.contains(place - 1) else { return nil }
            return try macro(patch.macros[place - 1], control)
        case .role(let role):
            guard let match = patch.macros.first(where: { $0.role == role }) else { return nil }
            return try macro(match, control)
        case .action, .tempo, .nothing: return nil
        case .port(let name, let module, let port):
            guard isCalled(name) else { return nil }
            if let index = param(module, port) {
                return ([.param(Int32(index))], try controlRange(index, control.range))
            }
            let gates = gates(module, port)
            if !gates.isEmpty { return (gates.map { .gate(Int32($0 + 2)) }, whole) }
            throw ParamError(
                "'\(name)' has no parameter or unconnected gate '\(module).\(port)'\(nearest(module, port))")
        }
    }

    /// Indices of unconnected gates behind an inlet: one, or several inside a compound module.
    private func gates(_ module: String, _ inlet: String) -> [Int] {
        inlets(module, inlet).compactMap { target in
            schedule.gates.firstIndex { $0.node == target.node && $0.inlet == target.inlet }
        }
    }

    /// The names by which a mapping or command can address the patch, as in `tide/filter.cutoff`.
    public var names: PatchNames { PatchNames(file: patch.file, name: patch.name) }

    /// The name of its file without folder and extension; its own name if it has no file.
    public var fileStem: String { names.stem }

    /// True if `name` is its file's name or its own.
    public func isCalled(_ name: String) -> Bool { names.matches(name) }

    /// True if it may sound without a note: a module without inputs reaches the output outside the voices.
    public var soundsWithoutNotes: Bool { schedule.soundsWithoutNotes }

    /// True for master effects: the sum of the parts feeds the patch, and no notes do.
    public var isMaster: Bool { schedule.types.contains { $0.name == ModuleType.input.name } }

    /// Sets the start value of a macro (by name) or of a parameter (`module.parameter`).
    ///
    /// - Throws: `ParamError` if there is no such macro or parameter, or the value is invalid.
    public mutating func set(_ name: String, to text: String) throws(ParamError) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let macro = patch.macros.first { $0.name.text == name }
        let module = macro?.module.text ?? parts[0]
        guard let symbol = macro?.parameter.text ?? (parts.count == 2 ? parts[1] : nil),
            let index = param(module, symbol)
        else {
            let all =
                patch.macros.map(\.name.text)
                + paramNames
            throw ParamError(
                "'\(patch.name)' has no macro or parameter '\(name)'" + didYouMean(name, among: all))
        }
        do { try set(index, to: schedule.params[index].spec.parseValue(text)) } catch {
            throw ParamError("\(name): \(error)")
        }
    }

    /// Sets the start value of the parameter with this index.
    mutating func set(_ index: Int, to value: ParamValue) {
        schedule.params[index].value = value
        for leaf in schedule.params[index].leaves {
            guard let place = orderedGraph.graph.nodes[leaf.node].type.param(leaf.symbol) else { continue }
            orderedGraph.graph.nodes[leaf.node].values[place] = value
            let shares = orderedGraph.graph.nodes[leaf.node].shares
            if !shares.isEmpty, let share = shares[place] { orderedGraph.graph.shared[share].value = value }
        }
    }

    /// The macro table rows, in order. `name` of a row is the macro's index in `keptMacros`, nil if it is not
    /// listed.
    func macroRows(keptMacros: [String]) -> [MacroTable.Row] {
        patch.macros.prefix(8).compactMap { macro in
            guard let index = param(macro.module.text, macro.parameter.text),
                let controlRange = try? controlRange(index, Self.texts(macro.range))
            else { return nil }
            let name = keptMacros.prefix(16).firstIndex(of: macro.name.text)
            return MacroTable.Row(
                param: Int32(index), law: controlRange.law, reversed: controlRange.reversed,
                name: name.map { Int8($0) })
        }
    }

    /// The effect and the range of a control that moves `macro`.
    private func macro(
        _ macro: Patch.Macro, _ control: Mapping.Control
    ) throws(ParamError) -> ([ControlTable.Effect], ControlRange)? {
        guard let index = param(macro.module.text, macro.parameter.text) else { return nil }
        do {
            return (
                [.param(Int32(index))],
                try controlRange(index, control.range ?? Self.texts(macro.range))
            )
        } catch { throw ParamError("macro '\(macro.name.text)' of '\(patch.name)': \(error)") }
    }

    /// The index of a parameter in the schedule; nil if there is none.
    public func param(_ module: String, _ symbol: String) -> Int? {
        // Parameters inside a compound module are private to it.
        guard !module.contains(CompoundModule.separator) else { return nil }
        return schedule.params.firstIndex { $0.symbol == symbol && $0.module == module }
    }

    /// All parameters that can be addressed, as `module.parameter`.
    private var paramNames: [String] {
        schedule.params.filter { !$0.module.contains(CompoundModule.separator) }.map {
            "\($0.module).\($0.symbol)"
        }
    }

    /// The name (`module.parameter`) and the spec of a parameter by its index.
    public func param(at index: Int) -> (name: String, spec: ParamSpec)? {
        guard schedule.params.indices.contains(index) else { return nil }
        let param = schedule.params[index]
        return ("\(param.module).\(param.symbol)", param.spec)
    }

    /// Start value and spec of each parameter, by `module.parameter`.
    public var presets: [String: (spec: ParamSpec, value: ParamValue)] {
        Dictionary(
            schedule.params.map { ("\($0.module).\($0.symbol)", ($0.spec, $0.value)) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The range over which a control moves the parameter with this index.
    private func controlRange(_ param: Int, _ range: TypedRange<String>?) throws(ParamError) -> ControlRange {
        try ControlRange(
            schedule.params[param].spec, range, preset: schedule.params[param].value)
    }

    private static func texts(_ range: TypedRange<Patch.Text>?) -> TypedRange<String>? {
        range.map { TypedRange($0.first.text, $0.last.text) }
    }

    private func nearest(_ module: String, _ port: String) -> String {
        didYouMean("\(module).\(port)", among: paramNames)
    }
}
