import KairosDSP

/// One flat step of a schedule: all indices, no names.
struct Step: Sendable {
    enum Op: UInt8, Sendable {
        /// A module's `process`, `read` or `write`.
        case process, read, write
        /// The cell at `ports` into `target`, arriving (`side` 0) or leaving (`side` 1) over the time of an edit.
        case fade
        /// The keys of one group into its cells.
        case keys
        /// What the parts together make into `target`.
        case input
        /// `count` cells at `ports` added into `target`.
        case sum
        /// Parameter `box` plus `count` cells at `ports`, each by its depth, into `target`.
        case modulate
        /// Lane `side` of the cell at `ports` into every lane of `target`.
        case spread
        /// The voices' cell at `ports`, each lane by its gain, added to accumulator `target`.
        case gather
        /// Accumulators `ports` (left) and `ports + 1` (right; the same for mono) into `target`.
        case collapse
        /// The newest note's lane of the cell at `ports` into `target`, a memory of it in `box`.
        case newest
        /// The cell at `ports` to the outside.
        case output
        /// Accumulators `ports` (left) and `ports + 1` (right; the same for mono) to the outside.
        case deliver
    }

    var op: Op
    /// Left or right where a stereo module is made twice; else 0.
    var side: UInt8 = 0
    /// The node it belongs to, to name it.
    var node: Int32
    var box: Int32 = 0
    /// Where its inlets' cells are listed.
    var ports: Int32 = 0
    var outlets: Int32 = 0
    var params: Int32 = 0
    var count: Int32 = 0
    var target: Int32 = 0
    var depths: Int32 = 0
    /// A bit for each outlet that is read on the grid only.
    var onGrid: UInt32 = 0
    /// Where the `count` cells are listed that a module's outlets write and something reads; one that is read on
    /// the grid only as its complement.
    var read: Int32 = 0
    /// Where a module's ports are, once a program is made of it.
    var context: Int32 = 0
}

/// A compiled patch from which any number of programs are made.
struct Schedule: Sendable {
    /// How to make one module.
    struct BoxRecipe: Sendable {
        var node: Int
        /// −1 left, 1 right, 0 neither; a bus has both.
        var side: Float
        var seed: UInt32
    }

    /// A parameter of a node.
    struct Leaf: Hashable, Sendable {
        var node: Int
        var symbol: String
    }

    struct Param: Sendable {
        /// The module that a player knows it by.
        var module: String
        var symbol: String
        var spec: ParamSpec
        /// Where it and what moves it is clamped: beyond what `spec` shows, where that is less.
        var law: ParamLaw
        /// What reads it: one parameter of a node, or several that a module made of modules shows as one.
        var leaves: [Leaf]
        var value: Float
        var cell: Int
    }

    /// Where a cell's frames are.
    enum Storage: Sendable, Equatable {
        /// Holds this value for ever.
        case constant(Float)
        /// A parameter's present value; a ramp while it moves.
        case param
        /// A block of the workspace.
        case block(Int)
    }

    /// What follows the newest note: where it was last is remembered.
    struct Memory: Sendable {
        var node: Int
        var outlet: Int
    }

    struct Gate: Sendable {
        var node: Int
        var inlet: Int
        var voice: Bool
    }

    var patch: Patch
    var names: [String] = []
    /// What each module is called in the program that this one is to follow without a break; nil where it is new.
    var origins: [String?] = []
    var types: [ModuleType] = []
    /// For each phase.
    var steps: [[Step]] = [[], [], []]
    var ports: [Int32] = []
    var depths: [Float] = []
    var cells: [Storage] = []
    var blocks = 0
    var accumulators = 0
    var memories: [Memory] = []
    var params: [Param] = []
    /// Gates that nothing is connected to, so that a mapping may move them. Their index is 2 and up.
    var gates: [Gate] = []
    var voiceBoxes: [BoxRecipe] = []
    var onceBoxes: [BoxRecipe] = []
    var groups = 1
    /// The cells of the keys' outlets, −1 where nothing reads one.
    var keyCells: [Int32] = []
    /// Whether anything listens to the keys' gate.
    var gated = true
    /// Whether it sounds without a note.
    var soundsWithoutNotes = false
    /// Whether something that runs before the voices moves all the time, so that it may never be skipped.
    var neverIdle = false
    var seed: UInt32 = 0
}

extension Schedule {
    /// The steps as text, one a line, for `kairos schedule` and for tests that pin them.
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
            return (["keys ->"] + keyCells.filter { $0 >= 0 }.map { cell(Int($0)) }).joined(separator: " ")
        case .input: return "input -> \(cell(Int(step.target)))"
        case .sum:
            return "sum " + (0..<Int(step.count)).map { port(step.ports, $0) }.joined(separator: " + ")
                + " -> \(cell(Int(step.target)))"
        case .modulate:
            let terms = (0..<Int(step.count)).map {
                "\(port(step.ports, $0)) @ \(plainText(depths[Int(step.depths) + $0]))"
            }
            return
                "modulate \(name(Int(step.box))) + \(terms.joined(separator: " + ")) -> \(cell(Int(step.target)))"
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
        guard index >= 0, index != StepContext.unread else { return "." }
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
