import KairosDSP

extension Schedule {
    /// The steps as text, one per line, for `kairos schedule` and for tests.
    var text: String {
        var lines: [String] = []
        for (phase, title) in zip(ModuleOrder.Phase.allCases, ["before", "voices", "after"])
        where !steps[phase.rawValue].isEmpty {
            lines.append(title + ":")
            for (index, step) in steps[phase.rawValue].enumerated() {
                let number = String(index)
                lines.append(
                    "  " + String(repeating: " ", count: max(0, 3 - number.count)) + number + "  "
                        + text(step))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func text(_ step: Step) -> String {
        let node = Int(step.node)
        let side = step.side == 1 ? ".l" : step.side == 2 ? ".r" : ""
        func port(_ offset: Int32, _ index: Int) -> String { cell(Int(ports[Int(offset) + index])) }
        switch step.op {
        case .process, .read, .write:
            let type = types[node]
            let inlets = type.inlets.indices.map { index in
                type.inlets[index].info.kind == .gate
                    ? "g\(ports[Int(step.ports) + index])" : port(step.ports, index)
            }
            let outlets = type.outlets.indices.map { port(step.outlets, $0) }
            let params = type.params.indices.map { "\(type.params[$0].symbol)=\(port(step.params, $0))" }
            let verb = step.op == .process ? "" : step.op == .read ? " read" : " write"
            return
                (["\(names[node])\(side)", type.name + verb] + (step.op == .read ? [] : inlets) + params
                + (step.op == .write ? [] : ["->"] + outlets)).joined(separator: " ")
        case .keys:
            return (["keys ->"] + keyCells.compactMap { $0 }.map { cell(Int($0)) }).joined(separator: " ")
        case .input: return "input -> \(cell(Int(step.target)))"
        case .sum:
            return "sum " + (0..<Int(step.count)).map { port(step.ports, $0) }.joined(separator: " + ")
                + " -> \(cell(Int(step.target)))"
        case .modulate, .latch:
            let terms = (0..<Int(step.count)).map {
                "\(port(step.ports, $0)) @ \(plainText(depths[Int(step.depths) + $0]))"
            }
            return
                "\(step.op == .latch ? "latch" : "modulate") \(name(Int(step.box))) + \(terms.joined(separator: " + ")) -> \(cell(Int(step.target)))"
        case .spread: return "spread \(port(step.ports, 0)).\(step.side) -> \(cell(Int(step.target)))"
        case .gather: return "gather \(port(step.ports, 0)) -> a\(step.target)"
        case .collapse:
            return "collapse a\(step.ports)" + (step.count == 2 ? " a\(step.ports + 1)" : "")
                + " -> \(cell(Int(step.target)))"
        case .newest: return "newest \(port(step.ports, 0)) -> \(cell(Int(step.target)))"
        case .output: return "output \(port(step.ports, 0))"
        case .deliver: return "deliver a\(step.ports)" + (step.count == 2 ? " a\(step.ports + 1)" : "")
        case .fade:
            return
                "\(step.side == 0 ? "arriving" : "leaving") \(port(step.ports, 0)) -> \(cell(Int(step.target)))"
        }
    }

    private func name(_ param: Int) -> String { "\(params[param].module).\(params[param].symbol)" }

    private func cell(_ index: Int) -> String {
        guard index != StepContext.unread else { return "." }
        switch cells[index] {
        case .constant(let value): return plainText(value)
        case .param:
            return params.first { $0.cell == index }.map { $0.spec.text($0.value).filter { $0 != " " } }
                ?? "p\(index)"
        case .block(let block): return "b\(block)"
        }
    }
}

private func plainText(_ value: Float) -> String {
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
