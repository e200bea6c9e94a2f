import KairosControl
import KairosDSP

extension CompiledPatch {
    /// The rows that `mappings` make for this patch, and what does not fit.
    ///
    /// A row for a knob or a role the patch does not have is no fault: it does nothing here.
    public func controls(_ mappings: [Mapping]) -> (rows: [ControlTable.Row], faults: [String]) {
        var rows: [ControlTable.Row] = []
        var faults: [String] = []
        for (index, mapping) in mappings.enumerated() {
            for control in mapping.controls {
                do { rows += try self.rows(control, UInt8(truncatingIfNeeded: index)) } catch {
                    faults.append("\(control.place.isEmpty ? mapping.name : control.place): \(error)")
                }
            }
        }
        return (rows, faults)
    }

    private func rows(_ control: Mapping.Control, _ mapping: UInt8) throws(ParamError) -> [ControlTable.Row] {
        guard let (effect, law) = try target(control) else { return [] }
        func row(_ input: ControlTable.Input, _ number: Int, partner: Int = 255) -> ControlTable.Row {
            ControlTable.Row(
                input, number: UInt8(truncatingIfNeeded: number), partner: UInt8(truncatingIfNeeded: partner),
                channel: control.channel.map { UInt8(truncatingIfNeeded: $0) } ?? 255, mapping: mapping,
                effect: effect,
                law: law.law, bend: control.curve, inverted: control.inverted != law.reversed)
        }
        switch control.input {
        case .control(let number): return [row(.control, number)]
        case .controlPair(let coarse, let fine):
            return [row(.control, coarse, partner: fine), row(.fineControl, fine, partner: coarse)]
        case .pressure: return [row(.pressure, 0)]
        case .bend: return [row(.bend, 0)]
        case .note(let key): return [row(.note, key)]
        }
    }

    private typealias Travel = (law: ParamLaw, reversed: Bool)

    private func target(_ control: Mapping.Control) throws(ParamError) -> (ControlTable.Effect, Travel)? {
        let whole: Travel = (ParamLaw(low: 0, high: 1), false)
        switch control.target {
        case .knob(let place):
            guard patch.knobs.indices.contains(place - 1) else { return nil }
            return try knob(patch.knobs[place - 1], control)
        case .role(let role):
            guard let match = patch.knobs.first(where: { $0.role == role }) else { return nil }
            return try knob(match, control)
        case .action(let action):
            let kind: Event.Kind
            switch action {
            case .nextEntry: kind = .nextEntry
            case .previousEntry: kind = .previousEntry
            case .panic: kind = .panic
            }
            return (.action(kind), whole)
        case .port(let name, let module, let port):
            guard name == fileStem || name == patch.name else { return nil }
            if let index = param(module, port) {
                return (.param(Int32(index)), try travel(index, control.from, control.upTo))
            }
            if let node = blueprint.names.firstIndex(of: module),
                let inlet = blueprint.types[node].inlet(port),
                let gate = blueprint.gates.firstIndex(where: { $0.node == node && $0.inlet == inlet })
            {
                return (.gate(Int32(gate + 2)), whole)
            }
            throw ParamError(
                "'\(name)' has no parameter or free gate '\(module).\(port)'\(nearest(module, port))")
        }
    }

    /// A patch is known by its file's name without the ending, as in `tide/filter.cutoff`.
    public var fileStem: String {
        let last = patch.file.split(separator: "/").last.map(String.init) ?? patch.name
        return last.split(separator: ".").first.map(String.init) ?? last
    }

    private func knob(
        _ knob: Patch.Knob, _ control: Mapping.Control
    ) throws(ParamError) -> (ControlTable.Effect, Travel)? {
        guard let index = param(knob.module.text, knob.parameter.text) else { return nil }
        return (
            .param(Int32(index)),
            try travel(index, control.from ?? knob.from?.text, control.upTo ?? knob.upTo?.text)
        )
    }

    /// The index of a parameter in the program.
    public func param(_ module: String, _ symbol: String) -> Int? {
        guard let node = blueprint.names.firstIndex(of: module) else { return nil }
        return blueprint.params.firstIndex { $0.node == node && $0.symbol == symbol }
    }

    /// What a parameter of the program is called and what it means.
    public func param(at index: Int) -> (name: String, spec: ParamSpec)? {
        guard blueprint.params.indices.contains(index) else { return nil }
        let param = blueprint.params[index]
        return ("\(blueprint.names[param.node]).\(param.symbol)", param.spec)
    }

    private func travel(_ param: Int, _ from: String?, _ upTo: String?) throws(ParamError) -> Travel {
        let spec = blueprint.params[param].spec
        let low = try from.map { text throws(ParamError) in try spec.parse(text) } ?? spec.range.lowerBound
        let high = try upTo.map { text throws(ParamError) in try spec.parse(text) } ?? spec.range.upperBound
        if low == spec.range.lowerBound, high == spec.range.upperBound { return (spec.law, false) }
        guard low != high else { throw ParamError("from and upTo are the same, so nothing would move") }
        let least = min(low, high), greatest = max(low, high)
        let steps = spec.law.steps > 0 ? Int32(greatest - least) + 1 : 0
        return (ParamLaw(low: least, high: greatest, curve: spec.law.curve, steps: steps), low > high)
    }

    private func nearest(_ module: String, _ port: String) -> String {
        let all = blueprint.params.map { "\(blueprint.names[$0.node]).\($0.symbol)" }
        return didYouMean("\(module).\(port)", among: all)
    }

    /// What is wrong with the patch's own knobs.
    public var knobFaults: [PatchError.Fault] {
        patch.knobs.compactMap { knob in
            guard let index = param(knob.module.text, knob.parameter.text) else {
                return .init(
                    place: knob.module.place,
                    message:
                        "knob '\(knob.name.text)': there is no parameter '\(knob.module.text).\(knob.parameter.text)'"
                        + nearest(knob.module.text, knob.parameter.text))
            }
            do {
                _ = try travel(index, knob.from?.text, knob.upTo?.text)
                return nil
            } catch {
                return .init(
                    place: knob.from?.place ?? knob.module.place,
                    message: "knob '\(knob.name.text)': \(error)")
            }
        }
    }
}
