import KairosControl
import KairosDSP
import KairosPatch

extension CompoundModuleBuilder {
    /// A resolved parameter.
    struct Param {
        var symbol: String
        var spec: ParamSpec
        /// Indices in the graph before expansion, and positions in the file.
        var targets: [(node: Int, param: Int, place: Patch.Place)]
    }

    /// Resolves a parameter; nil, with an error, if a target does not exist or the targets differ in kind.
    mutating func param(_ param: CompoundModule.Param) -> Param? {
        var targets: [(node: Int, param: Int, place: Patch.Place)] = []
        for target in param.targets {
            guard let node = resolver.node(target.module), let port = target.port else { continue }
            let type = resolver.graph.nodes[node].type
            guard let index = type.param(port.text) else {
                resolver.fault(
                    port.place,
                    type.inlet(port.text) != nil
                        ? "'\(port.text)' of '\(type.name)' is an inlet; list it under 'inlets'"
                        : "'\(type.name)' has no parameter '\(port.text)'"
                            + suggestion(port.text, type.params.map(\.symbol)))
                continue
            }
            targets.append((node, index, target.module.place))
        }
        guard let first = targets.first, targets.count == param.targets.count else { return nil }
        let specs = targets.map { resolver.graph.nodes[$0.node].type.params[$0.param].spec }
        let spec = specs[0]
        for (target, other) in zip(targets, specs)
        where other.law != spec.law || other.kind != spec.kind || other.unit != spec.unit
            || other.latched != spec.latched
        {
            resolver.fault(
                target.place,
                "the targets of '\(param.name.text)' must be of one kind: '\(name(first))' is \(describe(spec)), and '\(name(target))' is \(describe(other))"
            )
            return nil
        }
        let range = range(param, spec)
        let preset = preset(param, spec, range, targets)
        let atControlTicks = specs.allSatisfy(\.isReadAtControlTicks)
        return Param(
            symbol: param.name.text,
            spec: spec.exposed(
                param.about.isEmpty ? spec.about : param.about, range: range, default: preset,
                isReadAtControlTicks: atControlTicks,
                isReadAtNoteOn: specs.allSatisfy(\.isReadAtNoteOn),
                canFollowTempo: specs.allSatisfy(\.canFollowTempo)),
            targets: targets)
    }

    /// The parameter's range: its own, else that of the inner parameter.
    private mutating func range(_ param: CompoundModule.Param, _ spec: ParamSpec) -> ClosedRange<Float> {
        guard let range = param.range else { return spec.range }
        guard spec.kind == .float || spec.kind == .int else {
            resolver.fault(
                range.first.place, "'\(param.name.text)' is \(describe(spec)) and cannot have a 'range'")
            return spec.range
        }
        let low = number(range.first, param, spec) ?? spec.range.lowerBound
        let high = number(range.last, param, spec) ?? spec.range.upperBound
        guard low < high else {
            resolver.fault(
                range.first.place,
                "'\(param.name.text)' has the range \(spec.display(low)) … \(spec.display(high)); the minimum must be less than the maximum"
            )
            return spec.range
        }
        return low...high
    }

    /// Parses a value; nil, with an error, if it is invalid.
    private mutating func value(
        _ text: Patch.Text?, _ param: CompoundModule.Param, _ spec: ParamSpec
    ) -> ParamValue? {
        guard let text else { return nil }
        do { return try spec.parseValue(text.text) } catch {
            resolver.fault(text.place, "\(param.name.text): \(error)")
            return nil
        }
    }

    /// Parses an end of a range, which is a number; nil, with an error, if it is invalid.
    private mutating func number(
        _ text: Patch.Text, _ param: CompoundModule.Param, _ spec: ParamSpec
    ) -> Float? {
        guard case .note(let note)? = value(text, param, spec) else {
            return (try? spec.parse(text.text)) ?? nil
        }
        resolver.fault(
            text.place,
            "\(param.name.text): a range is in \(spec.unit.symbol), and this is the note value '\(note)'; note values are accepted whatever the range"
        )
        return nil
    }

    /// The parameter's default: its own, else that of the inner parameters if they agree.
    private mutating func preset(
        _ param: CompoundModule.Param, _ spec: ParamSpec, _ range: ClosedRange<Float>,
        _ targets: [(node: Int, param: Int, place: Patch.Place)]
    ) -> ParamValue {
        let values = targets.map { resolver.graph.nodes[$0.node].values[$0.param] }
        var preset = values[0]
        if let text = param.preset {
            preset = value(text, param, spec) ?? preset
        } else if let other = zip(targets, values).first(where: { $1 != preset }) {
            resolver.fault(
                param.name.place,
                "'\(name(targets[0]))' is \(spec.display(preset)) and '\(name(other.0))' is \(spec.display(other.1)); choose one with 'default:'"
            )
        }
        guard let number = preset.number else { return preset }
        guard range.contains(number) else {
            resolver.fault(
                param.preset?.place ?? param.name.place,
                "the default of '\(param.name.text)' is \(spec.display(preset)), which is outside \(spec.display(range.lowerBound)) … \(spec.display(range.upperBound))"
            )
            return .number(range.lowerBound)
        }
        return preset
    }

    /// Reports inner parameters that two parameters share.
    mutating func checkShared(_ targets: [(node: Int, param: Int, place: Patch.Place)]) {
        var seen: Set<Graph.Leaf> = []
        for target in targets where !seen.insert(.init(node: target.node, param: target.param)).inserted {
            resolver.fault(target.place, "'\(name(target))' is already the target of a parameter")
        }
    }

    private func name(_ target: (node: Int, param: Int, place: Patch.Place)) -> String {
        let node = resolver.graph.nodes[target.node]
        return "\(node.name).\(node.type.params[target.param].symbol)"
    }

    private func describe(_ spec: ParamSpec) -> String {
        switch spec.kind {
        case .choice(let words): "one of \(words.joined(separator: ", "))"
        case .bool: "true or false"
        case .int, .float: "\(spec.display(spec.range.lowerBound)) … \(spec.display(spec.range.upperBound))"
        }
    }
}
