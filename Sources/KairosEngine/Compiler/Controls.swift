import KairosControl
import KairosDSP

extension CompiledPatch {
    /// The rows that `mappings` make for this patch, and what does not fit.
    ///
    /// A row for a macro or a role the patch does not have is no fault: it does nothing here.
    public func controls(_ mappings: [Mapping]) -> (rows: [ControlTable.Row], faults: [String]) {
        var rows: [ControlTable.Row] = []
        var faults: [String] = []
        // Asked once: it looks at every module.
        let isMaster = isMaster
        for (mapping, places) in zip(mappings, ControlSurface.places(mappings)) {
            for (index, control) in mapping.controls.enumerated() {
                do {
                    guard let (effects, travel) = try target(control, isMaster) else { continue }
                    rows += effects.map {
                        mapping.row(index, places, effect: $0, law: travel.law, reversed: travel.reversed)
                    }
                } catch {
                    faults.append("\(control.place.isEmpty ? mapping.name : control.place): \(error)")
                }
            }
        }
        return (rows, faults)
    }

    private func target(
        _ control: Mapping.Control, _ isMaster: Bool
    ) throws(ParamError) -> ([ControlTable.Effect], Travel)? {
        let whole = Travel(law: ParamLaw(low: 0, high: 1), reversed: false)
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
                return ([.param(Int32(index))], try travel(index, control.range))
            }
            let gates = gates(module, port)
            if !gates.isEmpty { return (gates.map { .gate(Int32($0 + 2)) }, whole) }
            throw ParamError(
                "'\(name)' has no parameter or free gate '\(module).\(port)'\(nearest(module, port))")
        }
    }

    /// The gates that nothing is connected to behind an inlet: one, or those inside a module made of modules.
    private func gates(_ module: String, _ inlet: String) -> [Int] {
        inlets(module, inlet).compactMap { target in
            schedule.gates.firstIndex { $0.node == target.node && $0.inlet == target.inlet }
        }
    }

    /// What a player may call the patch, as in `tide/filter.cutoff`.
    public var names: PatchNames { PatchNames(file: patch.file, name: patch.name) }

    /// A patch is known by its file's name without the ending.
    public var fileStem: String { names.stem }

    /// Whether `name` is its file's name or its own.
    public func isCalled(_ name: String) -> Bool { names.answer(to: name) }

    /// Whether it may sound before any note: something without an input reaches its output outside the voices.
    public var soundsWithoutNotes: Bool { schedule.soundsWithoutNotes }

    /// Whether the parts feed it, and no keys.
    public var isMaster: Bool { schedule.types.contains { $0.name == ModuleType.input.name } }

    /// Lets a macro (by its name) or a parameter (`module.parameter`) begin at what was typed.
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
        do { try set(index, to: schedule.params[index].spec.parse(text)) } catch {
            throw ParamError("\(name): \(error)")
        }
    }

    /// Lets a parameter begin at a value.
    mutating func set(_ index: Int, to value: Float) {
        schedule.params[index].value = value
        for leaf in schedule.params[index].leaves {
            guard let place = planned.graph.nodes[leaf.node].type.param(leaf.symbol) else { continue }
            planned.graph.nodes[leaf.node].values[place] = value
            let shares = planned.graph.nodes[leaf.node].shares
            if !shares.isEmpty, let share = shares[place] { planned.graph.shared[share].value = value }
        }
    }

    /// The macros in order; those whose names are in `stays` have their number there.
    func macroRows(keptMacros: [String]) -> [MacroTable.Row] {
        patch.macros.prefix(8).compactMap { macro in
            guard let index = param(macro.module.text, macro.parameter.text),
                let travel = try? travel(index, Self.texts(macro.range))
            else { return nil }
            let name = keptMacros.prefix(16).firstIndex(of: macro.name.text)
            return MacroTable.Row(
                param: Int32(index), law: travel.law, reversed: travel.reversed, name: Int8(name ?? -1))
        }
    }

    private func macro(
        _ macro: Patch.Macro, _ control: Mapping.Control
    ) throws(ParamError) -> ([ControlTable.Effect], Travel)? {
        guard let index = param(macro.module.text, macro.parameter.text) else { return nil }
        do {
            return (
                [.param(Int32(index))],
                try travel(index, control.range ?? Self.texts(macro.range))
            )
        } catch { throw ParamError("macro '\(macro.name.text)' of '\(patch.name)': \(error)") }
    }

    /// The index of a parameter in the program.
    public func param(_ module: String, _ symbol: String) -> Int? {
        // What stands inside a module made of modules is that module's own affair.
        guard !module.contains(SubPatch.separator) else { return nil }
        return schedule.params.firstIndex { $0.symbol == symbol && $0.module == module }
    }

    /// What a player may name.
    private var paramNames: [String] {
        schedule.params.filter { !$0.module.contains(SubPatch.separator) }.map {
            "\($0.module).\($0.symbol)"
        }
    }

    /// What a parameter of the program is called and what it means.
    public func param(at index: Int) -> (name: String, spec: ParamSpec)? {
        guard schedule.params.indices.contains(index) else { return nil }
        let param = schedule.params[index]
        return ("\(param.module).\(param.symbol)", param.spec)
    }

    /// Where each parameter begins, by its name.
    public var presets: [String: (spec: ParamSpec, value: Float)] {
        Dictionary(
            schedule.params.map { ("\($0.module).\($0.symbol)", ($0.spec, $0.value)) },
            uniquingKeysWith: { first, _ in first })
    }

    private func travel(_ param: Int, _ range: TypedRange<String>?) throws(ParamError) -> Travel {
        try Travel(schedule.params[param].spec, range)
    }

    private static func texts(_ range: TypedRange<Patch.Text>?) -> TypedRange<String>? {
        range.map { TypedRange($0.first.text, $0.last.text) }
    }

    private func nearest(_ module: String, _ port: String) -> String {
        didYouMean("\(module).\(port)", among: paramNames)
    }
}

/// The range that a control moves a parameter over, and its direction.
struct Travel {
    let law: ParamLaw
    /// Whether the control's lower end is the greater value.
    let reversed: Bool

    init(law: ParamLaw, reversed: Bool) {
        self.law = law
        self.reversed = reversed
    }

    /// Between two typed values; the whole range of the parameter without them. Throws what is wrong with them.
    init(_ spec: ParamSpec, _ range: TypedRange<String>?) throws(ParamError) {
        let low =
            try range.map { text throws(ParamError) in try spec.parse(text.first) } ?? spec.range.lowerBound
        let high =
            try range.map { text throws(ParamError) in try spec.parse(text.last) } ?? spec.range.upperBound
        if low == spec.range.lowerBound, high == spec.range.upperBound {
            self.init(law: spec.law, reversed: false)
            return
        }
        guard low != high else {
            throw ParamError("both ends of the range are the same, so nothing would move")
        }
        let least = min(low, high), greatest = max(low, high)
        let steps = spec.law.steps > 0 ? Int32(greatest - least) + 1 : 0
        self.init(
            law: ParamLaw(low: least, high: greatest, curve: spec.law.curve, steps: steps),
            reversed: low > high)
    }
}

extension ControlTable {
    /// The row of `old` that each of `rows` goes on from: the same control, in its new place, that does the same; −1
    /// for none.
    static func origins(of rows: [Row], in old: [Row], places: [Int32]) -> [Int32] {
        rows.map { row in
            Int32(
                old.firstIndex {
                    places.indices.contains(Int($0.control)) && places[Int($0.control)] == row.control
                        && $0.effect == row.effect && $0.law == row.law && $0.layer == row.layer
                } ?? -1)
        }
    }
}

extension Mapping {
    /// The flat row of one of its controls.
    func row(
        _ index: Int, _ places: (controls: [Int], shift: Int), effect: ControlTable.Effect, law: ParamLaw,
        reversed: Bool
    ) -> ControlTable.Row {
        let control = controls[index], place = places.controls[index]
        var row = ControlTable.Row(control: place, effect: effect, law: law)
        row.bend = control.curve
        row.inverted = control.inverted != reversed
        row.takeover = control.takeover
        row.encoding = control.encoding
        row.step = control.step ?? 0
        row.steps = Int32(control.steps)
        row.button = control.button
        row.shift = Int32(places.shift)
        if places.shift >= 0 {
            // What has no second meaning keeps its first one while shift is held.
            let hasSecond = zip(controls, places.controls).contains { $0.shifted && $1 == place }
            row.layer = control.shifted ? .shifted : hasSecond ? .plain : .any
        }
        return row
    }
}
